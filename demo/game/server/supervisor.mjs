// Starts the server in a process of its own and starts it again when it was killed, as the system's
// service manager does in production.
import { fork } from "node:child_process";

/** Milliseconds for which a killed server stays away: long enough to be noticed by players. */
const downTime = 2000;

/** @param {URL} script The server's program, which sends its port once it listens. */
export function supervise(script) {
  let port = process.env.PORT;
  let isStopping = false;
  let restart;
  /** @type {import("node:child_process").ChildProcess | undefined} */
  let child;

  const start = () => {
    restart = undefined;
    const env = { ...process.env, PORT: port };
    child = fork(script, ["supervised"], { env, stdio: ["inherit", "inherit", "inherit", "ipc"] });
    child.on("message", (/** @type {{ port: number }} */ message) => {
      port = String(message.port);
    });
    child.on("exit", (code, signal) => {
      child = undefined;
      if (signal !== "SIGKILL" || isStopping) {
        process.exitCode = code ?? 1;
        return;
      }
      console.log(`game: killed; starts again in ${downTime / 1000} s`);
      restart = setTimeout(start, downTime);
    });
  };

  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    // Ctrl-C reaches both processes; the server recognizes the repetition.
    process.on(signal, () => {
      isStopping = true;
      clearTimeout(restart);
      child?.kill(signal);
    });
  }
  start();
}

/** In the supervised process: reports the port, and stops with the supervisor. */
export function reportPort(port) {
  process.send?.({ port });
  process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
}
