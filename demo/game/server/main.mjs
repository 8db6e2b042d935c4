// Serves the game with the environment's settings until a signal stops it. With GAME_CONTROLS the
// server is supervised, since players can kill it.
import { fileURLToPath } from "node:url";
import { runProgram } from "../../common/program.mjs";
import { readEnvironment } from "./config.mjs";
import { GameServer } from "./server.mjs";
import { StoreError } from "./store.mjs";
import { reportPort, supervise } from "./supervisor.mjs";

async function serve() {
  const server = await runProgram({
    name: "game",
    command: "npm run game",
    advice: "in two windows and play",
    readEnvironment,
    makeServer: (config, logger) => new GameServer(config, logger),
    isForPeople: (error) => error instanceof StoreError,
  });
  if (isSupervised) reportPort(server.port);
}

const isSupervised = process.argv[2] === "supervised";

export async function main() {
  if (process.env.GAME_CONTROLS === "1" && !isSupervised) supervise(new URL(import.meta.url));
  else await serve();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
