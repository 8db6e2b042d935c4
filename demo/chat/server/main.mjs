// Serves the chat as the environment says, until it is told to stop.
import { fileURLToPath } from "node:url";
import { ConfigError, readEnvironment } from "./config.mjs";
import { JournalError } from "./journal/journal.mjs";
import { createLogger } from "./logger.mjs";
import { ChatServer } from "./server.mjs";

/** One Ctrl-C may come twice, from the terminal and from npm: not what comes within so many ms. */
const sameSignal = 500;

export async function main() {
  const config = readConfig();
  const logger = createLogger(config.logLevel);
  process.on("uncaughtException", (err) => {
    logger.fatal({ err }, "unexpected");
    process.exit(1);
  });
  const server = new ChatServer(config, logger);
  stopBySignal(server);
  try {
    await server.start();
  } catch (error) {
    fail(whyNot(error, config));
  }
  console.log(`chat: open ${server.url} in two windows and talk; stop with Ctrl-C`);
}

function readConfig() {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    if (error instanceof ConfigError) return fail(error.message);
    throw error;
  }
}

function whyNot(error, { host, port }) {
  if (error.code === "EADDRINUSE") {
    return `port ${port} is in use; choose another: PORT=${port + 1} npm start`;
  }
  if (error instanceof JournalError) return error.message;
  if (error.syscall === undefined) throw error;
  return `cannot listen on port ${port} of ${host}: ${error.message}`;
}

/** The first signal is asking, the second is not. */
function stopBySignal(server) {
  let asked;
  const onSignal = async () => {
    if (asked !== undefined) {
      if (performance.now() - asked > sameSignal) process.exit(1);
      return;
    }
    asked = performance.now();
    console.log("chat: stopping");
    await server.stop();
    // A journal that could not be closed does not keep it.
    process.exit();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, onSignal);
}

/** @returns {never} */
function fail(message) {
  console.error(`chat: ${message}`);
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
