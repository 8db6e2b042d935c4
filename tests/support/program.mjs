import { spawn } from "node:child_process";
import { Waiting } from "./until.mjs";

// On a timeout the test runner ends this process with a signal, and no `after` is run.
const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
process.once("SIGTERM", () => process.exit(1));

/**
 * A child process that reports values by printing lines of JSON: `["name", value]`.
 * Killed when the test ends, if it has not ended by itself.
 */
export class Program {
  /** Its output to standard error. */
  errors = "";
  #lines = [];
  #rest = "";
  /** The exit code, or the signal that ended it. */
  #end;
  #waiting = new Waiting();

  constructor(t, command, args, options = {}) {
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
    running.add(child);
    child.on("exit", () => running.delete(child));
    t.after(() => child.kill("SIGKILL"));
    child.stdout.setEncoding("utf8").on("data", (text) => this.#read(text));
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.errors += text;
    });
    child.on("error", (error) => this.#finish(error.message));
    child.on("close", (code, signal) => this.#finish(signal ?? code));
  }

  /** Resolves to the value of the next line, which must have this name. */
  async reported(name) {
    await this.#waiting.until(
      () => this.#lines.length > 0 || this.#end !== undefined,
      () => `no report of "${name}"; ${this.#printed}`,
    );
    if (this.#lines.length === 0) {
      throw new Error(`it ended (${this.#end}) without a report of "${name}"\n${this.errors}`);
    }
    const [found, value] = JSON.parse(this.#lines.shift());
    if (found !== name) throw new Error(`it reported "${found}", not "${name}"\n${this.errors}`);
    return value;
  }

  /** Resolves when it has ended by itself, to its exit code. */
  async ended() {
    await this.#waiting.until(
      () => this.#end !== undefined,
      () => `it still runs; ${this.#printed}`,
    );
    if (this.#lines.length > 0) throw new Error(`it also reported ${this.#lines.join("\n")}`);
    return this.#end;
  }

  get #printed() {
    return `printed: ${JSON.stringify(this.#lines)}, to standard error: ${this.errors}`;
  }

  #finish(end) {
    this.#end = end;
    this.#waiting.look();
  }

  #read(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop();
    this.#lines.push(...lines);
    this.#waiting.look();
  }
}
