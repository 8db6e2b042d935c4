// npm run game-bot -- [URL] [NAME] [--seconds N]: sets up, builds the bot, and lets it play.
import { spawn } from "node:child_process";
import { buildBot } from "./build-game.mjs";
import { setup } from "./setup.mjs";

await setup("native");
const bot = await buildBot();
const given = process.argv.slice(2);
const args = /^wss?:/.test(given[0] ?? "") ? given : ["ws://localhost:8090/game", ...given];
const child = spawn(bot, args, { stdio: "inherit" });
// Ctrl-C is for the bot, which says goodbye.
process.on("SIGINT", () => {});
child.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
