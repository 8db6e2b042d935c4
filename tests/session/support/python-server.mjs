// A Python server of WebSockets that prints "listening on port N".
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { pythonFile } from "../../../scripts/tools.mjs";
import { kill } from "../../support/children.mjs";
import { within } from "../../support/until.mjs";

export class PythonServer {
  port;
  /** Its output. */
  log = "";
  #child;

  /** Starts a server, which stops when the test ends or fails. */
  static async start(t, script, ...args) {
    const server = new PythonServer();
    t.after(() => server.kill());
    await server.restart(script, ...args);
    return server;
  }

  /** Starts it, also after a kill. `args` may contain the port. */
  async restart(script, ...args) {
    const file = fileURLToPath(script);
    const stdio = /** @type {const} */ (["ignore", "pipe", "pipe"]);
    // It ends with this process, also if that is killed.
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
    if (this.port === undefined) throw new Error(`the Python server has exited:\n${this.log}`);
  }

  get url() {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** Kills it with SIGKILL. */
  kill() {
    return kill(this.#child);
  }
}
