// Sets up, builds and runs a part of the demos until Ctrl-C.
//
//   node scripts/demo.mjs chat | game
//   node scripts/demo.mjs bot [argument ...], see demo/chat/bot.mjs
//   node scripts/demo.mjs game-bot [URL] [NAME] [--seconds N]
import { spawn } from "node:child_process";
import { build, buildBot, buildGame } from "./build.mjs";
import { fail } from "./lib.mjs";
import { setup } from "./setup.mjs";

const programs = {
  chat: "chat/server/main.mjs",
  bot: "chat/bot.mjs",
  game: "game/server/main.mjs",
};

async function run(name, args) {
  await setup("build", name === "game" ? "game" : "demo");
  await build();
  if (name === "game") await buildGame();
  const { main } = await import(`../demo/${programs[name]}`);
  await main(args);
}

async function runGameBot(given) {
  await setup("native");
  const bot = await buildBot();
  const args = /^wss?:/.test(given[0] ?? "") ? given : ["ws://localhost:8090/game", ...given];
  const child = spawn(bot, args, { stdio: "inherit" });
  // Ctrl-C reaches the bot, too, which closes its connection.
  process.on("SIGINT", () => {});
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

const [name, ...args] = process.argv.slice(2);
if (name === "game-bot") await runGameBot(args);
else if (Object.hasOwn(programs, name ?? "")) await run(name, args);
else fail(`unknown demo: ${name}; there are ${Object.keys(programs).join(", ")}, game-bot`);
