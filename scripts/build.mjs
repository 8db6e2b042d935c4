// Builds dist/: compiles the wasm module with CMake and Emscripten, and bundles it with its types.
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newest, root, run, runQuietly, step } from "./lib.mjs";

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

  await configureWeb();
  await compile("to WebAssembly", "web", "steadysocket_bindings");
  rmSync(dist, { recursive: true, force: true });
  // Not before: setup.mjs may install what this imports.
  const { bundle } = await import("../bindings/bundle.mjs");
  await bundle(join(root, "build/web/bindings"), dist);
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
  writeFileSync(stamp, String(sourceTime));
  step("built dist/");
}

/** Prepares the build folder of a web preset, anew if it was made for another folder. */
export async function configureWeb(preset = "web") {
  const folder = join(root, "build", preset);
  const cache = join(folder, "CMakeCache.txt");
  if (existsSync(join(folder, "build.ninja")) && existsSync(cache)) {
    const home = `CMAKE_HOME_DIRECTORY:INTERNAL=${root.replaceAll("\\", "/")}\n`;
    if (readFileSync(cache, "utf8").includes(home)) return;
    rmSync(folder, { recursive: true });
  }
  await runQuietly("preparing the WebAssembly build", "cmake", ["--preset", preset]);
}

/** Builds the program of the game's page. Needs dist/. */
export async function buildGame() {
  await configureWeb();
  await configure("the game", "web", ["-DSTEADYSOCKET_GAME=ON"]);
  await compile("the game", "web", "game");
}

/** Builds the game's bot; resolves to its file. */
export async function buildBot(preset = "native") {
  await configure("the game's bot", preset);
  await compile("the game's bot", preset, "game_bot");
  return join(root, "build", preset, "demo/game/game_bot");
}

function configure(what, preset, settings = []) {
  return runQuietly(`preparing ${what}`, "cmake", ["--preset", preset, ...settings]);
}

function compile(what, preset, target) {
  const options = ["--build", "--preset", preset, "--target", target];
  return runQuietly(`compiling ${what}`, "cmake", options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
