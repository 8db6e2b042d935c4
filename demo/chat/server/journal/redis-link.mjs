// One connection to Redis, which is reopened whenever it is lost, and the scripts of redis.lua.
// Commands in progress are not retried here: the caller knows their order.
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

/** The keys in redis.lua's order, except the last. */
const keys = ["log", "users", "names", "forms", "connections", "homes", "processes", "epoch"];

/** Milliseconds to wait after a temporary error. */
const pause = 200;

/** Temporary errors: Redis has just started, or cannot write at the moment. */
const passing = /^(LOADING|BUSY|TRYAGAIN|MASTERDOWN|CLUSTERDOWN|READONLY|NOREPLICAS|MISCONF|OOM)\b/;

/** A final error of Redis. */
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
   * @param {string} options.prefix The prefix of all keys.
   * @param {number} options.patience Milliseconds that the first connection may take.
   * @param {number} options.silence Milliseconds without any data after which it is taken for lost.
   * @param {() => void} options.onChange It became ready or unready.
   * @param {(error: Error) => void} options.onError It was lost or Redis returned an error; called
   *   once until it is ready again.
   * @throws {JournalError} The URL is invalid.
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

  /** @throws {JournalError} Redis is unreachable. */
  async open() {
    const signal = this.#closing.signal;
    const deadline = delay(this.#patience, undefined, { signal, ref: false }).catch(() => {});
    const connected = this.#client.connect();
    await Promise.race([connected, deadline]).catch(() => {});
    if (!this.isReady) throw this.#unreachable(this.#complaint);
  }

  /**
   * Resolves when there is a connection.
   * @throws {JournalError} There is none, and waiting has ended.
   */
  async ready() {
    if (this.isReady) return;
    if (this.#closing.signal.aborted) throw this.#unreachable(this.#complaint);
    await new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Waits before the next attempt after an error that is not final. */
  async rest(error) {
    if (!(error instanceof ErrorReply)) return;
    this.#complain(error);
    await delay(pause, undefined, { signal: this.#closing.signal }).catch(() => {});
    if (this.#closing.signal.aborted) throw this.#unreachable(error);
  }

  /**
   * Runs a step of redis.lua.
   * @param {string} step
   * @param {string[]} args
   * @param {string} [done] The name of the key that records that the step was done.
   */
  run(step, args, done = "") {
    return this.#client.journal([...this.#keys, `${this.#prefix}done:${done}`], [step, ...args]);
  }

  /**
   * Returns the entries of the log after one of them; waits for some time if there are none.
   * @returns {Promise<{ id: string, message: Record<string, string> }[]>}
   */
  async read(after, mostAtOnce, wait) {
    const stream = { key: `${this.#prefix}log`, id: after };
    const reply = await this.#client.xRead(stream, { BLOCK: wait, COUNT: mostAtOnce });
    return reply?.[0].messages ?? [];
  }

  /** Returns the oldest existing entry. */
  async oldest() {
    const [entry] = await this.#client.xRange(`${this.#prefix}log`, "-", "+", { COUNT: 1 });
    return entry?.id ?? "0-0";
  }

  /** Resolves when there is no connection. */
  async lost() {
    if (this.isReady) await new Promise((resolve) => this.#client.once("error", resolve));
  }

  /** Stops waiting for a connection. An existing one remains open. */
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

/** Milliseconds before the next attempt: doubled each time, with jitter. */
function reconnectStrategy(attempts) {
  return Math.min(50 * 2 ** attempts, 2000) * (0.5 + Math.random() / 2);
}

function clientOf(url, silence) {
  try {
    // Set because the client's default would be none.
    new URL(url);
    return createClient({
      url,
      scripts: { journal: script },
      // In order, or not at all: no command remains from an earlier connection, or is abandoned
      // while later ones are sent.
      disableOfflineQueue: true,
      commandOptions: { timeout: 0 },
      // The client's own strategy does not reconnect after a timeout.
      socket: { connectTimeout: silence, socketTimeout: silence, reconnectStrategy },
    });
  } catch {
    // Not set as the cause: it contains the URL, and so the password.
    throw new JournalError("the URL of Redis is none: it has to be as redis://host:6379");
  }
}
