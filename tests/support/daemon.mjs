// A server program that can be killed and restarted on its port.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { findDaemon } from "../../scripts/daemons.mjs";
import { kill } from "./children.mjs";
import { once, within } from "./until.mjs";

/** A port that is free now, for programs that cannot choose one themselves. */
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
   * @param program - `name`; `args` returns its arguments for a port (undefined the first time);
   * `ready` returns the port if this line of its log reports one.
   */
  static async start(test, program) {
    const daemon = new Daemon();
    daemon.#program = program;
    test.after(() => daemon.kill());
    await daemon.restart();
    return daemon;
  }

  /** Restarts it on the same port, as soon as that is free. */
  async restart() {
    const { name, args, ready } = this.#program;
    const { file, env } = findDaemon(name);
    let log = "";
    for (let tries = 0; tries < 50; ++tries) {
      // It ends with this process, even if that is killed.
      const command = ["--pdeathsig", "KILL", "--", file, ...(await args(this.port))];
      const child = spawn("setpriv", command, { env, stdio: ["ignore", "pipe", "pipe"] });
      this.#child = child;
      const started = new Promise((resolve) => {
        // Read to the end, or it would block on a full pipe.
        for (const output of [child.stdout, child.stderr]) {
          createInterface(output).on("line", (line) => {
            log += `${line}\n`;
            const reported = ready(line);
            if (reported !== undefined) resolve(reported);
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

  /** Kills it, by default with SIGKILL, and waits for its exit. */
  kill(signal) {
    return kill(this.#child, signal);
  }
}
