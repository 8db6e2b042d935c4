// Sets up, builds and runs a part of the demos until Ctrl-C.
//
//   node scripts/demo.mjs chat | game
//   node scripts/demo.mjs bot [argument ...], see demo/chat/bot.mjs
//   node scripts/demo.mjs game-bot [argument ...], see demo/game/bot.mjs
//   node scripts/demo.mjs game-desktop [argument ...], see demo/game/client/sdl/main.cpp
import { spawn } from "node:child_process";
import { build, buildDesktopGame, buildGame } from "./build.mjs";
import { fail } from "./lib.mjs";
import { setup } from "./setup.mjs";

const programs = {
  chat: "chat/server/main.mjs",
  bot: "chat/bot.mjs",
  game: "game/server/main.mjs",
  "game-bot": "game/bot.mjs",
};
/** The game's programs are the same build: a bot starts at once where the server has. */
const needGame = ["game", "game-bot"];

async function run(name, args) {
  await setup("build", needGame.includes(name) ? "game" : "demo");
  await build();
  if (needGame.includes(name)) await buildGame();
  // The page has controls that disturb the network, for this machine.
  if (name === "game") process.env.GAME_CONTROLS ??= "1";
  const { main } = await import(`../demo/${programs[name]}`);
  await main(args);
}

async function runDesktopGame(given) {
  await setup("sdl");
  const game = await buildDesktopGame();
  const args = /^wss?:/.test(given[0] ?? "") ? given : ["ws://localhost:8090/game", ...given];
  const child = spawn(game, args, { stdio: "inherit" });
  // Ctrl-C reaches the game, too, which closes its connection.
  process.on("SIGINT", () => {});
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

const [name, ...args] = process.argv.slice(2);
if (name === "game-desktop") await runDesktopGame(args);
else if (Object.hasOwn(programs, name ?? "")) await run(name, args);
else fail(`unknown demo: ${name}; there are ${Object.keys(programs).join(", ")}, game-desktop`);
