import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

export default defineConfig({
  plugins: [svelte()],
  // import.meta.env.SERVER_URL, set by start.mjs
  envPrefix: ["VITE_", "SERVER_"],
});
