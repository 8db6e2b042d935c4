// The demo's server for tests, in their own process or in one that can be killed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startChatServer } from "../../demo/chat/server/server.mjs";
import { closePages } from "./pages.mjs";

export const serverScript = fileURLToPath(
  new URL("../../demo/chat/server/main.mjs", import.meta.url),
);

/** Runs a script in Node; it ends with this process, also if that is killed. */
export function spawnNode(script, args = [], options = {}) {
  return spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "--", process.execPath, script, ...args],
    options,
  );
}

/**
 * A folder for the history of a test, removed when that ends.
 * @param stop - ends what writes in it, before that.
 */
export function chatFolder(t, stop = () => {}) {
  const folder = mkdtempSync(join(tmpdir(), "steadysocket-chat-"));
  t.after(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A server in the test's own process, on a free port; it stops when the test ends. */
export async function serveChat(t, config = {}) {
  let server;
  const data = chatFolder(t, () => server?.stop());
  server = await startChatServer({ data, ...config });
  return server;
}

/** The demo's server as `npm start` runs it, to be killed and started again on its port. */
export class ChatServer {
  port = 0;
  /** The lines of its log, over all its lives. */
  logs = [];
  /** What it has printed to the standard error, over all its lives. */
  errors = "";
  #environment;
  #child;
  #waiting = new Set();

  /**
   * Every test has a history of its own; `restart` starts it.
   * @param {object} [environment] Settings of demo/chat/server/config.mjs.
   */
  constructor(t, environment = {}) {
    const folder = chatFolder(t, async () => {
      await closePages(t);
      await this.kill();
    });
    this.#environment = { CHAT_DATA: folder, ...environment };
  }

  static async start(t, environment) {
    const server = new ChatServer(t, environment);
    await server.restart();
    return server;
  }

  get url() {
    return `http://localhost:${this.port}/`;
  }

  async restart() {
    const child = spawnNode(serverScript, [], {
      env: { ...process.env, ...this.#environment, PORT: String(this.port) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    const ended = once(child, "close");
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
    const port = await Promise.race([isListening, ended.then(() => undefined)]);
    if (port === undefined) throw new Error(`the chat's server ended\n${this.errors}`);
    this.port = port;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Resolves when it has ended, to `{ code, signal }`. */
  async ended() {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    return { code: child.exitCode, signal: child.signalCode };
  }

  async kill(signal = "SIGKILL") {
    if (this.#child === undefined) return undefined;
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.signal(signal);
    return this.ended();
  }

  /** Resolves to the first line of the log that has this message, and these members. */
  async logged(msg, members = {}) {
    const fits = (line) =>
      line.msg === msg && Object.entries(members).every(([name, value]) => line[name] === value);
    for (;;) {
      const line = this.logs.find(fits);
      if (line !== undefined) return line;
      await new Promise((resolve) => this.#waiting.add(resolve));
    }
  }

  #log(text) {
    // What it says to people before it ends is no log.
    if (text.startsWith("chat: ")) return;
    this.logs.push(JSON.parse(text));
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
