import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [vue()],
  // import.meta.env.SERVER_URL, set by start.mjs
  envPrefix: ["VITE_", "SERVER_"],
});
