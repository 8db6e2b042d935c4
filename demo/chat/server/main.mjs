// Serves the chat with the environment's settings until a signal stops it.
import { fileURLToPath } from "node:url";
import { runProgram } from "../../common/program.mjs";
import { readEnvironment } from "./config.mjs";
import { JournalError } from "./journal/journal.mjs";
import { ChatServer } from "./server.mjs";

export const main = () =>
  runProgram({
    name: "chat",
    command: "npm start",
    advice: "in two windows and talk",
    readEnvironment,
    makeServer: (config, logger) => new ChatServer(config, logger),
    isForPeople: (error) => error instanceof JournalError,
  });

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
