import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [react()],
  // import.meta.env.SERVER_URL, set by start.mjs
  envPrefix: ["VITE_", "SERVER_"],
});
