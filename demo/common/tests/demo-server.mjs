// A demo's server in a process of its own, for tests.
import { spawn } from "node:child_process";
import * as events from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kill } from "../../../tests/support/children.mjs";
import { Waiting, within } from "../../../tests/support/until.mjs";

/** Milliseconds: the chat's server waits for its Redis for 10 s before it gives up. */
const startDeadline = 30_000;

/** Runs a script in Node; it ends with this process, also if that is killed. */
export function spawnNode(script, args = [], options = {}) {
  return spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "--", process.execPath, script, ...args],
    options,
  );
}

/**
 * A data folder for a test's server, removed when the test ends.
 * @param stop - ends what writes in it, before that.
 */
export function dataFolder(t, name, stop = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), `steadysocket-${name}-`));
  t.after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A demo's server as npm runs it, to be killed and started again on its port. */
export class DemoServer {
  port = 0;
  /** The lines of its log, over all its runs. */
  logs = [];
  /** Its output on the standard error, over all its runs. */
  errors = "";
  /** Its data folder. */
  data;
  #name;
  #script;
  #environment;
  #child;
  #closed;
  #waiting = new Waiting();

  /**
   * Every test has its own folder; `restart` starts the server.
   * @param {object} server
   * @param {string} server.name Its name in messages.
   * @param {string} server.script
   * @param {object} server.environment Settings of its config.mjs.
   */
  constructor(t, { name, script, environment }) {
    const folder = dataFolder(t, name, () => this.kill());
    this.data = folder;
    this.#name = name;
    this.#script = script;
    this.#environment = { [`${name.toUpperCase()}_DATA`]: folder, ...environment };
  }

  get url() {
    return `http://localhost:${this.port}/`;
  }

  async restart() {
    const child = spawnNode(this.#script, [], {
      env: { ...process.env, ...this.#environment, PORT: String(this.port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    this.#closed = events.once(child, "close");
    let rest = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.errors += text;
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) this.#log(line);
    });
    const isListening = new Promise((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (text) => {
        const match = /http:\/\/localhost:(\d+)\//.exec(text);
        if (match !== null) resolve(Number(match[1]));
      });
    });
    const started = Promise.race([isListening, this.#closed.then(() => undefined)]);
    const port = await within(started, "the server to listen", () => this.errors, startDeadline);
    if (port === undefined) throw new Error(`the ${this.#name}'s server ended\n${this.errors}`);
    this.port = port;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Resolves to `{ code, signal }` when it has ended and all its output was read. */
  async ended() {
    const [code, signal] = await within(
      this.#closed,
      "the end of the server",
      () => `the log: ${JSON.stringify(this.logs.slice(-10))}`,
    );
    return { code, signal };
  }

  async kill(signal = "SIGKILL") {
    if (this.#child === undefined) return undefined;
    await kill(this.#child, signal);
    return this.ended();
  }

  /** Resolves to the first line of the log that has this message, and these members. */
  logged(msg, members = {}) {
    const fits = (line) =>
      line.msg === msg && Object.entries(members).every(([name, value]) => line[name] === value);
    return this.#waiting.until(
      () => this.logs.find(fits),
      () => `for ${msg}; the log: ${JSON.stringify(this.logs.slice(-10))}`,
    );
  }

  #log(text) {
    // Messages to the user before it ends are not part of the log.
    if (text.startsWith(`${this.#name}: `)) return;
    this.logs.push(JSON.parse(text));
    this.#waiting.look();
  }
}
