// A bot that sends numbered lines, across all restarts of the server, and each line once.
//
// npm run bot -- [--url http://localhost:8080] [--rate 5] [--name Bot]
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import WebSocket from "ws";

// A URL, or the built file would be type-checked.
const packageFile = new URL("../../dist/steadysocket.js", import.meta.url);
const { SteadySocket } = await import(packageFile.href);

const day = 24 * 60 * 60 * 1000;
/** Milliseconds between two readings of the clock. */
const tick = 20;
const usage = "npm run bot -- [--url http://localhost:8080] [--rate 5] [--name Bot]";

export class Bot {
  said = 0;
  accepted = 0;
  #rate;
  #userName;
  #key = randomUUID();
  #socket;
  #timer;
  /** The time and the line at which the current rate began. */
  #began;
  #waiting = new Set();

  /**
   * @param {object} options
   * @param {string} options.url Of the chat's page.
   * @param {number} options.rate Lines a second.
   * @param {string} options.userName
   */
  constructor({ url, rate, userName }) {
    this.#rate = rate;
    this.#userName = userName;
    const chat = new URL("/chat", url);
    chat.protocol = chat.protocol.replace("http", "ws");
    this.#socket = new SteadySocket(chat.href, ["chat.batch"], {
      WebSocket,
      batch: { subprotocol: "chat.batch" },
      heartbeat: { reply: "pong" },
      greet: (connection) => this.#join(connection),
      queue: { maxMessages: 1_000_000, maxBytes: 256 << 20 },
    });
  }

  get waiting() {
    return this.#waiting.size;
  }

  get state() {
    return this.#socket.state;
  }

  talk() {
    this.#began = performance.now();
    this.#timer = setInterval(() => this.#catchUp(), tick);
  }

  /** Sends no more, and resolves when everything sent is accepted. */
  async stop() {
    clearInterval(this.#timer);
    await Promise.all(this.#waiting);
    this.#socket.close(1000);
  }

  #catchUp() {
    const due = ((performance.now() - this.#began) / 1000) * this.#rate;
    while (this.said < due) this.#say(`line ${++this.said}`);
  }

  #say(message) {
    const options = { retry: true, timeout: day };
    const reply = this.#socket
      .request({ type: "chat-message", message }, options)
      .then(() => {
        this.accepted += 1;
      })
      .catch((error) => console.error(`bot: "${message}" was not said: ${error.message}`))
      .finally(() => this.#waiting.delete(reply));
    this.#waiting.add(reply);
  }

  /** The key makes it the same user on every connection. */
  async #join(connection) {
    for (;;) {
      connection.send({ type: "join", userName: this.#userName, key: this.#key });
      const { error } = await this.#answer();
      if (error === undefined) return;
      if (error.code !== "name_in_use") throw new Error(error.message);
      this.#userName = error.suggestion;
    }
  }

  async #answer() {
    const unneeded = new AbortController();
    const options = { signal: unneeded.signal };
    const answers = ["welcome", "error"].map((type) => this.#socket.next(type, options));
    try {
      return await Promise.race(answers);
    } finally {
      unneeded.abort();
      await Promise.allSettled(answers);
    }
  }
}

export async function main(args = process.argv.slice(2)) {
  const bot = new Bot(read(args));
  const report = () => {
    const { said, accepted, waiting, state } = bot;
    console.log(`bot: ${said} said, ${accepted} accepted, ${waiting} waiting (${state})`);
  };
  const reports = setInterval(report, 1000);
  bot.talk();
  let asked;
  process.on("SIGINT", async () => {
    // One Ctrl-C may arrive twice, from the terminal and from npm.
    if (asked !== undefined && performance.now() - asked > 500) process.exit(1);
    if (asked !== undefined) return;
    asked = performance.now();
    console.log("bot: stopping, when all is accepted; Ctrl-C again to stop at once");
    await bot.stop();
    clearInterval(reports);
    report();
  });
}

function read(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        url: { type: "string", default: "http://localhost:8080" },
        rate: { type: "string", default: "5" },
        name: { type: "string", default: "Bot" },
      },
    });
    const rate = Number(values.rate);
    if (!(rate > 0)) throw new Error(`--rate must be a number above 0, not "${values.rate}"`);
    if (!/^https?:/.test(values.url))
      throw new Error(`--url must be one of http, not "${values.url}"`);
    return { url: values.url, rate, userName: values.name };
  } catch (error) {
    console.error(`bot: ${error.message}\n  ${usage}`);
    return process.exit(1);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
