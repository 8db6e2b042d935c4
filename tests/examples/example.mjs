// Runs an example with its own `npm start`, in a copy beside the installed packages.
import { spawn } from "node:child_process";
import { cpSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib.mjs";
import { Waiting, within } from "../support/until.mjs";

const sources = join(root, "examples");
const copies = join(root, "build/examples");

/** The names of the examples in JavaScript, which are folders with a start script. */
export const exampleNames = readdirSync(sources, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("session-"))
  .map(({ name }) => name);

export const sourceOf = (name) => join(sources, name);

/** Files that trying an example in its own folder leaves there. */
const generated = /[\\/](node_modules|\.next|orders\.json|package-lock\.json)$/;

/** Copies an example into a folder, of which it becomes a subfolder. Returns its path. */
export function copyExample(name, into = copies) {
  const folder = join(into, name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(sourceOf(name), folder, { recursive: true, filter: (path) => !generated.test(path) });
  return folder;
}

/** The running process groups: where the time limit ends this process, no `after` is called. */
const running = new Set();
process.on("exit", () => {
  for (const kill of running) kill();
});

/** A command, with the processes that it starts. They are killed when the test ends. */
export class Command {
  output = "";
  #child;
  #ended;
  #waiting = new Waiting();

  constructor(t, folder, file, ...args) {
    const env = { ...process.env, PORT: "0", NO_COLOR: "1", NEXT_TELEMETRY_DISABLED: "1" };
    // Of this test: vitest and npm would take them for their own.
    delete env.NODE_TEST_CONTEXT;
    delete env.NODE_OPTIONS;
    this.#child = spawn(file, args, { cwd: folder, env, detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.output += text;
        this.#waiting.look();
      });
    }
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
    const kill = () => {
      try {
        process.kill(-this.#child.pid, "SIGKILL");
      } catch {
        // It has ended.
      }
    };
    running.add(kill);
    t.after(kill);
  }

  /** Presses Enter in its terminal. */
  enter() {
    this.#child.stdin.write("\n");
  }

  /** Resolves to the first match in what is printed from this offset on. */
  prints(pattern, from = 0, milliseconds = 60_000) {
    const find = () => pattern.exec(this.output.slice(from));
    return this.#waiting.until(find, () => `${pattern}, printed: ${this.output}`, milliseconds);
  }

  /** Resolves to the exit code. */
  async exits(milliseconds = 60_000) {
    return within(this.#ended, "the end of the command", () => this.output, milliseconds);
  }
}

/** An example that is running. */
export class Example extends Command {
  /** @param {string} folder - made by copyExample. @param {string[]} args - of its start script. */
  constructor(t, folder, ...args) {
    super(t, folder, "npm", "start", "--", ...args);
  }

  /** Kills its server with SIGKILL. */
  async killServer() {
    const from = this.output.length;
    this.enter();
    await this.prints(/\[server\] ended \(SIGKILL\)/, from);
  }

  /** Starts its server again. */
  async startServer() {
    const from = this.output.length;
    this.enter();
    await this.prints(/\[server\] listening on/, from);
  }
}
