// A demo's server as a program: starts with the environment's settings, stops on a signal, reports
// a fault in one line.
import { ConfigError } from "./config.mjs";
import { createLogger } from "./logger.mjs";

/**
 * One Ctrl-C may arrive twice, from the terminal and from npm: a second signal within so many ms is
 * ignored.
 */
const sameSignal = 500;

/**
 * @typedef {object} Server
 * @property {string} url
 * @property {() => Promise<void>} start
 * @property {() => Promise<void>} stop
 */

/**
 * Resolves to the server once it listens.
 * @template {{ host: string, port: number, logLevel: string }} Config
 * @template {Server} Made
 * @param {object} program
 * @param {string} program.name The prefix of messages to the user.
 * @param {string} program.command The command that starts it.
 * @param {string} program.advice Follows the URL in the output.
 * @param {(environment: Record<string, string | undefined>) => Config} program.readEnvironment
 * @param {(config: Config, logger: import("pino").Logger) => Made} program.makeServer
 * @param {(error: any) => boolean} program.isForPeople True if its message describes the fault for
 *   users.
 */
export async function runProgram(program) {
  const { name, advice, readEnvironment, makeServer } = program;
  const config = readConfig(name, readEnvironment);
  const logger = createLogger(config.logLevel);
  process.on("uncaughtException", (err) => {
    logger.fatal({ err }, "unexpected");
    process.exit(1);
  });
  const server = makeServer(config, logger);
  stopBySignal(name, server);
  try {
    await server.start();
  } catch (error) {
    fail(name, whyNot(error, config, program));
  }
  console.log(`${name}: open ${server.url} ${advice}; stop with Ctrl-C`);
  return server;
}

function readConfig(name, readEnvironment) {
  try {
    return readEnvironment(process.env);
  } catch (error) {
    if (error instanceof ConfigError) return fail(name, error.message);
    throw error;
  }
}

function whyNot(error, { host, port }, { command, isForPeople }) {
  if (error.code === "EADDRINUSE") {
    return `port ${port} is in use; choose another: PORT=${port + 1} ${command}`;
  }
  if (isForPeople(error)) return error.message;
  if (error.syscall === undefined) throw error;
  return `cannot listen on port ${port} of ${host}: ${error.message}`;
}

/** The first signal stops the server, the second ends the process. */
function stopBySignal(name, server) {
  let asked;
  const onSignal = async () => {
    if (asked !== undefined) {
      if (performance.now() - asked > sameSignal) process.exit(1);
      return;
    }
    asked = performance.now();
    console.log(`${name}: stopping`);
    await server.stop();
    // Connections that could not be closed do not keep the process running.
    process.exit();
  };
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, onSignal);
}

/** @returns {never} */
function fail(name, message) {
  console.error(`${name}: ${message}`);
  process.exit(1);
}
