// Serves the game with the environment's settings until a signal stops it.
import { fileURLToPath } from "node:url";
import { runProgram } from "../../common/program.mjs";
import { readEnvironment } from "./config.mjs";
import { GameServer } from "./server.mjs";
import { StoreError } from "./store.mjs";

export const main = () =>
  runProgram({
    name: "game",
    command: "npm run game",
    advice: "in two windows and play",
    readEnvironment,
    makeServer: (config, logger) => new GameServer(config, logger),
    isForPeople: (error) => error instanceof StoreError,
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
