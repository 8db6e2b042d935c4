// Players of the game without a page, in processes of their own: the client's C++ sources, compiled
// for a desktop, without and with a window, and for the web, in Node.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Waiting } from "../../../../tests/support/until.mjs";

const native = new URL("../../../../build/native-sanitize/demo/game/", import.meta.url);
const script = fileURLToPath(new URL("../../bot.mjs", import.meta.url));

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

class Program {
  /** The last line that it has printed. */
  report = { state: "", connections: 0, players: 0, score: 0, round: 0, states: 0, missed: 0 };
  /** Its output on the standard error. */
  errors = "";
  ended;
  #child;
  #waiting = new Waiting();

  /** Runs until the test ends, or `stop`. */
  constructor(t, file, args, env = {}) {
    const child = spawn(file, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
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

/** The bot for a desktop. @param {string} url Of the WebSocket. */
export class GameBot extends Program {
  constructor(t, url, name) {
    super(t, fileURLToPath(new URL("game_bot", native)), [url, name]);
  }
}

/** The bot of `npm run game-bot`. */
export class NodeBot extends Program {
  constructor(t, url, name, args = []) {
    super(t, process.execPath, [script, url, name, ...args]);
  }
}

/** The game with a window, without a screen to show it on. */
export class DesktopGame extends Program {
  constructor(t, url, name, args = []) {
    const file = fileURLToPath(new URL("game_desktop", native));
    super(t, file, [url, name, ...args], { SDL_VIDEODRIVER: "dummy" });
  }
}
