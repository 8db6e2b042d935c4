// Builds dist/: compiles the wasm module with CMake and Emscripten, and bundles it with its types.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./cmake.mjs";
import { newest, root, run, step } from "./lib.mjs";

const stamp = join(root, "build/dist-built");
const dist = join(root, "dist");
const sources = [
  "CMakeLists.txt",
  "CMakePresets.json",
  "bindings",
  "cmake",
  "package.json",
  "scripts/build.mjs",
  "sdk",
  "tsconfig.json",
];

export async function build() {
  const sourceTime = newest(sources);
  const isBuilt = existsSync(stamp) && existsSync(join(dist, "steadysocket.js"));
  if (isBuilt && Number(readFileSync(stamp, "utf8")) === sourceTime) return;

  await compile("web", "steadysocket_bindings");
  rmSync(dist, { recursive: true, force: true });
  // Not before: setup.mjs may install what this imports.
  const { bundle, copyTypes } = await import("../bindings/bundle.mjs");
  await bundle(join(root, "build/web/bindings"), dist);
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
  copyTypes(dist);
  writeFileSync(stamp, String(sourceTime));
  step("built dist/");
}

/** Builds the program of the game's page. Needs dist/. */
export function buildGame() {
  return compile("web", "game", { settings: ["-DSTEADYSOCKET_GAME=ON"] });
}

/** Builds the game with a window of SDL; resolves to its file. */
export async function buildDesktopGame() {
  await compile("desktop", "game_desktop");
  return join(root, "build/desktop/demo/game/game_desktop");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
