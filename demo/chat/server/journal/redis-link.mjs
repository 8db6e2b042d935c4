// One connection to Redis, which is made again whenever it is lost, and the scripts of redis.lua.
// What was under way when it was lost is not tried again here: its order is known elsewhere.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { createClient, defineScript, ErrorReply } from "redis";
import { JournalError } from "./journal.mjs";

const script = defineScript({
  SCRIPT: readFileSync(new URL("redis.lua", import.meta.url), "utf8"),
  NUMBER_OF_KEYS: 9,
  parseCommand(parser, keys, args) {
    parser.pushKeys(keys);
    parser.push(...args);
  },
  transformReply: (/** @type {any} */ reply) => reply,
});

/** As redis.lua has them, but for the last. */
const keys = ["log", "users", "names", "forms", "connections", "homes", "processes", "epoch"];

/** Milliseconds after a refusal that passes. */
const pause = 200;

/** Refusals that pass: Redis has just started, or cannot write for the time being. */
const passing = /^(LOADING|BUSY|TRYAGAIN|MASTERDOWN|CLUSTERDOWN|READONLY|NOREPLICAS|MISCONF|OOM)\b/;

/** Redis has answered, and will not answer otherwise. */
export function isFinal(error) {
  return error instanceof ErrorReply && !passing.test(error.message);
}

export class Link {
  #client;
  #prefix;
  #keys;
  #address;
  #closing = new AbortController();
  #waiting = [];
  #complaint;
  #onError;
  #patience;

  /**
   * @param {object} options
   * @param {string} options.url As `redis://host:6379`.
   * @param {string} options.prefix What all keys begin with.
   * @param {number} options.patience Milliseconds that the first connection may take.
   * @param {number} options.silence Milliseconds without any data after which it is taken for lost.
   * @param {() => void} options.onChange It is ready, or not any more.
   * @param {(error: Error) => void} options.onError It was lost, or refuses; once, until it is ready.
   * @throws {JournalError} The URL is none.
   */
  constructor({ url, prefix, patience, silence, onChange, onError }) {
    this.#patience = patience;
    this.#prefix = prefix;
    this.#keys = keys.map((key) => prefix + key);
    this.#onError = onError;
    this.#client = clientOf(url, silence);
    // Without user and password.
    this.#address = new URL(url).host;
    this.#client.on("ready", () => {
      this.#complaint = undefined;
      onChange();
      for (const { resolve } of this.#waiting.splice(0)) resolve();
    });
    this.#client.on("error", (error) => {
      onChange();
      this.#complain(error);
    });
  }

  get isReady() {
    return this.#client.isReady;
  }

  /** @throws {JournalError} There is no Redis. */
  async open() {
    const signal = this.#closing.signal;
    const deadline = delay(this.#patience, undefined, { signal, ref: false }).catch(() => {});
    const connected = this.#client.connect();
    await Promise.race([connected, deadline]).catch(() => {});
    if (!this.isReady) throw this.#unreachable(this.#complaint);
  }

  /**
   * Resolves when there is a connection.
   * @throws {JournalError} There is none, and it will not be waited for.
   */
  async ready() {
    if (this.isReady) return;
    if (this.#closing.signal.aborted) throw this.#unreachable(this.#complaint);
    await new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Waits before the next attempt, after an error that is not final. */
  async rest(error) {
    if (!(error instanceof ErrorReply)) return;
    this.#complain(error);
    await delay(pause, undefined, { signal: this.#closing.signal }).catch(() => {});
    if (this.#closing.signal.aborted) throw this.#unreachable(error);
  }

  /**
   * A step of redis.lua.
   * @param {string} step
   * @param {string[]} args
   * @param {string} [done] The name of the key by which it is known whether that was done before.
   */
  run(step, args, done = "") {
    return this.#client.journal([...this.#keys, `${this.#prefix}done:${done}`], [step, ...args]);
  }

  /**
   * The entries of the log after one of them; waits for some time if there are none.
   * @returns {Promise<{ id: string, message: Record<string, string> }[]>}
   */
  async read(after, mostAtOnce, wait) {
    const stream = { key: `${this.#prefix}log`, id: after };
    const reply = await this.#client.xRead(stream, { BLOCK: wait, COUNT: mostAtOnce });
    return reply?.[0].messages ?? [];
  }

  /** The oldest entry that is still there. */
  async oldest() {
    const [entry] = await this.#client.xRange(`${this.#prefix}log`, "-", "+", { COUNT: 1 });
    return entry?.id ?? "0-0";
  }

  /** Resolves when there is no connection. */
  async lost() {
    if (this.isReady) await new Promise((resolve) => this.#client.once("error", resolve));
  }

  /** Nobody waits for a connection any more. One that there is remains. */
  giveUp() {
    this.#closing.abort();
    const error = this.#unreachable(this.#complaint);
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  close() {
    this.giveUp();
    this.#client.destroy();
  }

  #complain(error) {
    if (this.#complaint === undefined) this.#onError(this.#unreachable(error));
    this.#complaint = error;
  }

  #unreachable(cause) {
    const reason = cause === undefined ? "the journal is closed" : cause.message || cause.code;
    return new JournalError(`Redis at ${this.#address} cannot be used: ${reason}`, { cause });
  }
}

/** Milliseconds before the next attempt: twice as many each time, and not all at the same time. */
function reconnectStrategy(attempts) {
  return Math.min(50 * 2 ** attempts, 2000) * (0.5 + Math.random() / 2);
}

function clientOf(url, silence) {
  try {
    // Also where the client would take none for its default.
    new URL(url);
    return createClient({
      url,
      scripts: { journal: script },
      // In the order of coming, or not at all: no command is left over from a connection before, or
      // given up while those behind it are sent.
      disableOfflineQueue: true,
      commandOptions: { timeout: 0 },
      // The client's own strategy is not to connect again after a silence.
      socket: { connectTimeout: silence, socketTimeout: silence, reconnectStrategy },
    });
  } catch {
    // Not as the cause: it has the URL, and so the password.
    throw new JournalError("the URL of Redis is none: it has to be as redis://host:6379");
  }
}
