// Commands of users that tests run, such as `npm start`: each is a process group, since npm starts
// child processes. It is killed when the test ends.
import { spawn } from "node:child_process";
import { hasEnded } from "./children.mjs";
import { Waiting, within } from "./until.mjs";

/** Functions that kill the running commands: after the time limit no `after` is called. */
const running = new Set();
process.on("exit", () => {
  for (const kill of running) kill();
});

export class Command {
  /** Everything that was printed. */
  output = "";
  #child;
  #exited;
  #waiting = new Waiting();

  /**
   * @param {import("node:test").TestContext} t
   * @param {string} folder
   * @param {string} file - a program; without arguments a line for the shell.
   * @param {string[]} [args]
   * @param {Record<string, string>} [variables] - of the environment.
   */
  constructor(t, folder, file, args, variables = {}) {
    const env = { ...process.env, ...variables };
    // Those of this test would be inherited by vitest and npm.
    delete env.NODE_TEST_CONTEXT;
    delete env.NODE_OPTIONS;
    const options = { cwd: folder, env, detached: true, shell: args === undefined };
    this.#child = spawn(file, args ?? [], options);
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.output += text;
        this.#waiting.look();
      });
    }
    this.#exited = new Promise((resolve) => this.#child.once("close", resolve));
    running.add(this.kill);
    t.after(this.kill);
  }

  get hasExited() {
    return hasEnded(this.#child);
  }

  /** Kills the whole group with SIGKILL. */
  kill = () => {
    try {
      process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // It has already exited.
    }
  };

  /** Presses Enter in its terminal. */
  enter() {
    this.#child.stdin.write("\n");
  }

  /** Resolves to the first match in the output from this offset on. */
  prints(pattern, from = 0, milliseconds = 60_000) {
    const find = () => pattern.exec(this.output.slice(from));
    return this.#waiting.until(find, () => `${pattern}, printed: ${this.output}`, milliseconds);
  }

  /** Resolves to the exit code. */
  async exits(milliseconds = 60_000) {
    return within(this.#exited, "the end of the command", () => this.output, milliseconds);
  }
}
