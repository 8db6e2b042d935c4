// A server that is a program of its own, which can be killed and started again on its port.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { findDaemon } from "../../scripts/daemons.mjs";
import { kill } from "./children.mjs";
import { once, within } from "./until.mjs";

/** A port that is free now, for those who cannot choose one themselves. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export class Daemon {
  port;
  #child;
  #program;

  /**
   * Starts one; it stops when the test ends, also if the test fails.
   * @param program - `name`, and how it is run on a port (undefined the first time): `args` gives
   * its arguments, `ready` the port that a line of its log tells of, or undefined.
   */
  static async start(test, program) {
    const daemon = new Daemon();
    daemon.#program = program;
    test.after(() => daemon.kill());
    await daemon.restart();
    return daemon;
  }

  /** Starts it again on the same port, as soon as that is free. */
  async restart() {
    const { name, args, ready } = this.#program;
    const { file, env } = findDaemon(name);
    let log = "";
    for (let tries = 0; tries < 50; ++tries) {
      // It ends with this process, also if this one is killed.
      const command = ["--pdeathsig", "KILL", "--", file, ...(await args(this.port))];
      const child = spawn("setpriv", command, { env, stdio: ["ignore", "pipe", "pipe"] });
      this.#child = child;
      const started = new Promise((resolve) => {
        // Read to the end: it must not block on its log.
        for (const output of [child.stdout, child.stderr]) {
          createInterface(output).on("line", (line) => {
            log += `${line}\n`;
            const told = ready(line);
            if (told !== undefined) resolve(told);
          });
        }
        child.on("error", (error) => {
          log += error;
          resolve();
        });
        child.on("exit", () => resolve());
      });
      const port = await within(started, `${name} to be ready`, () => log);
      if (port === undefined) continue;
      this.port = port;
      return;
    }
    throw new Error(`${name} does not start:\n${log}`);
  }

  /** Ends it: with SIGKILL at once, no goodbye. */
  kill(signal) {
    return kill(this.#child, signal);
  }
}
