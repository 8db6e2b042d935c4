// Builds dist/: compiles the wasm module with CMake and Emscripten, and bundles it with its types.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "./cmake.mjs";
import { newest, root, run, step } from "./lib.mjs";

const stamp = join(root, "build/dist-built");
const gameStamp = join(root, "build/game-built");
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

/** True if there is this file, built from sources of this time: CMake takes seconds to find that out. */
function isBuiltFrom(sourceTime, stampFile, file) {
  if (!existsSync(stampFile) || !existsSync(join(root, file))) return false;
  return Number(readFileSync(stampFile, "utf8")) === sourceTime;
}

export async function build() {
  const sourceTime = newest(sources);
  if (isBuiltFrom(sourceTime, stamp, "dist/steadysocket.js")) return;

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

/** Builds the program of the game's page and its bot. Needs dist/. */
export async function buildGame() {
  const sourceTime = newest([...sources, "demo/game/CMakeLists.txt", "demo/game/client"]);
  if (isBuiltFrom(sourceTime, gameStamp, "build/web/demo/game/game.wasm")) return;
  await compile("web", "game", { settings: ["-DSTEADYSOCKET_GAME=ON"] });
  writeFileSync(gameStamp, String(sourceTime));
}

/** Builds the game with a window of SDL; resolves to its file. */
export async function buildDesktopGame() {
  await compile("desktop", "game_desktop");
  return join(root, "build/desktop/demo/game/game_desktop");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
