// A Python program that serves WebSockets and prints "listening on port N".
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonFile } from "../../../scripts/tools.mjs";
import { kill } from "../../support/children.mjs";
import { within } from "../../support/until.mjs";

export class PythonServer {
  port;
  /** What it has printed. */
  log = "";
  #child;

  /** Starts one; it stops when the test ends, also if the test fails. */
  static async start(t, script, ...args) {
    const server = new PythonServer();
    t.after(() => server.kill());
    await server.restart(script, ...args);
    return server;
  }

  /** Starts it, again if it was killed. Its arguments say on which port. */
  async restart(script, ...args) {
    const file = fileURLToPath(script);
    const stdio = /** @type {const} */ (["ignore", "pipe", "pipe"]);
    // It ends with this process, also if this one is killed.
    const command = ["--pdeathsig", "KILL", "--", pythonFile(), file, ...args];
    const child = spawn("setpriv", command, { stdio });
    this.#child = child;
    const started = new Promise((resolve) => {
      for (const output of [child.stdout, child.stderr]) {
        createInterface(output).on("line", (line) => {
          this.log += `${line}\n`;
          const port = /^listening on port (\d+)$/.exec(line)?.[1];
          if (port !== undefined) resolve(Number(port));
        });
      }
      child.on("error", () => resolve());
      child.on("close", () => resolve());
    });
    this.port = await within(started, "the Python server to listen", () => this.log);
    if (this.port === undefined) throw new Error(`the Python server has ended:\n${this.log}`);
  }

  get url() {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Ends it at once: SIGKILL, no goodbye. */
  kill() {
    return kill(this.#child);
  }
}
