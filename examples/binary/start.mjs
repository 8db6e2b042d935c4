// node start.mjs [COMMAND [ARGUMENT ...]]
//
// Starts server.mjs, then a command with the server's address in SERVER_URL. Enter kills the server
// with SIGKILL; Enter again restarts it on the same port.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const [command, ...args] = process.argv.slice(2);
let port = process.env.PORT ?? "8080";
let server;
let client;
let isStopping = false;

function startServer() {
  const env = { ...process.env, PORT: port };
  server = spawn(process.execPath, ["server.mjs"], { env, stdio: ["ignore", "pipe", "inherit"] });
  createInterface(server.stdout).on("line", (line) => {
    console.log(`[server] ${line}`);
    const address = /^listening on (\S+:(\d+))$/.exec(line);
    if (address === null) return;
    port = address[2];
    if (command !== undefined) client ??= startClient(address[1]);
  });
  server.once("exit", (code, signal) => {
    server = undefined;
    if (!isStopping) console.log(`[server] ended (${signal ?? code}). Press Enter to start it.`);
  });
}

function startClient(url) {
  const env = { ...process.env, SERVER_URL: url };
  // On Windows, the commands of packages are scripts of the shell.
  const shell = process.platform === "win32";
  const child = spawn(command, args, { env, shell, stdio: ["ignore", "inherit", "inherit"] });
  child.once("error", ({ message }) => {
    console.error(message);
    process.exit(1);
  });
  child.once("exit", (code) => process.exit(code ?? (isStopping ? 0 : 1)));
  return child;
}

createInterface(process.stdin).on("line", () => {
  if (server === undefined) startServer();
  else server.kill("SIGKILL");
});
process.once("exit", () => server?.kill("SIGKILL"));
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    isStopping = true;
    // The command may have work to finish.
    if (client === undefined) process.exit();
    else client.kill(signal);
  });
}

startServer();
