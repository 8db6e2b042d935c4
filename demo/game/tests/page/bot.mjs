// A bot of the game in a process of its own: the client's C++ sources, compiled for a desktop.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Waiting } from "../../../../tests/support/until.mjs";

const file = fileURLToPath(
  new URL("../../../../build/native-sanitize/demo/game/game_bot", import.meta.url),
);

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class GameBot {
  /** The last line that it has printed. */
  report = { state: "", connections: 0, players: 0, score: 0, states: 0, missed: 0 };
  /** Its output on the standard error. */
  errors = "";
  ended;
  #child;
  #waiting = new Waiting();

  /** Plays until the test ends, or `stop`. @param {string} url Of the WebSocket. */
  constructor(t, url, name) {
    const child = spawn(file, [url, name], { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    running.add(child);
    t.after(() => child.kill("SIGKILL"));
    let rest = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      for (const line of lines) this.report = JSON.parse(line);
      this.#waiting.look();
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.errors += text;
    });
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        running.delete(child);
        resolve(signal ?? code);
      });
    });
  }

  /** Resolves when the last line matches. */
  until(condition) {
    return this.#waiting.until(
      () => condition(this.report),
      () => `${JSON.stringify(this.report)} ${this.errors}`,
    );
  }

  /** Stops it; resolves to its exit code. */
  stop() {
    this.#child.kill("SIGTERM");
    return this.ended;
  }
}
