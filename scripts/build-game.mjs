// Builds the game of demo/game: as WebAssembly for its page, and as a bot.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configureWeb } from "./build.mjs";
import { root, runQuietly } from "./lib.mjs";

/** What the page loads. Needs dist/. */
export async function buildGame() {
  await configureWeb();
  await compile("the game", "web", "game", ["-DSTEADYSOCKET_GAME=ON"]);
}

/** The bot, as a preset compiles it; resolves to its file. */
export async function buildBot(preset = "native") {
  await compile("the game's bot", preset, "game_bot");
  return join(root, "build", preset, "demo/game/game_bot");
}

async function compile(what, preset, target, settings = []) {
  await runQuietly(`preparing ${what}`, "cmake", ["--preset", preset, ...settings]);
  const options = ["--build", "--preset", preset, "--target", target];
  await runQuietly(`compiling ${what}`, "cmake", options);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildGame();
