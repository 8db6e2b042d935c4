// The local journal's storage in its folder: a LevelDB, which is consistent after kill -9.
import { randomBytes } from "node:crypto";
import { ClassicLevel } from "classic-level";
import { dayMs, JournalError } from "./journal.mjs";

/** @typedef {import("./journal.mjs").User} User */

/**
 * @typedef {object} Content
 * @property {string} name Distinguishes the positions of this folder from those of another.
 * @property {number} next The number of the next entry.
 * @property {[number, any][]} entries Numbers and contents, oldest first.
 * @property {User[]} users
 */

/** The maximum number of references deleted at once. */
const forgottenAtOnce = 5000;

/** Encodes numbers so that keys are in their order. */
const keyOf = (number) => String(number).padStart(16, "0");

export class LocalStore {
  #folder;
  #db;
  #meta;
  /** The entries by their numbers. */
  #log;
  #users;
  /** The number and the time of messages, by author and `ref`. */
  #refs;
  /** The keys of #refs by the numbers of the entries: the oldest come first. */
  #refLog;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    this.#db = new ClassicLevel(folder);
    const sublevel = (name, valueEncoding) => this.#db.sublevel(name, { valueEncoding });
    this.#meta = sublevel("meta", "utf8");
    this.#log = sublevel("log", "json");
    this.#users = sublevel("users", "json");
    this.#refs = sublevel("refs", "json");
    this.#refLog = sublevel("refLog", "json");
  }

  /** The key of an author's message with a `ref`. */
  static refKey(id, ref) {
    return JSON.stringify([id, ref]);
  }

  /** @throws {JournalError} */
  async open() {
    try {
      await this.#db.open();
    } catch (error) {
      if (error.cause?.code === "LEVEL_LOCKED") {
        const message =
          `the folder ${this.#folder} is in use by another process: give this one another by ` +
          "CHAT_DATA, or let both use Redis by CHAT_REDIS_URL";
        throw new JournalError(message, { cause: error });
      }
      throw this.#unreadable(error);
    }
  }

  close() {
    return this.#db.close();
  }

  /**
   * @param {number} from The number of the first entry to read.
   * @param {number} [most] Only the newest.
   * @returns {Promise<Content>}
   * @throws {JournalError}
   */
  async read(from, most) {
    try {
      const found = await this.#log
        .iterator({ gte: keyOf(from), reverse: true, limit: most ?? -1 })
        .all();
      const entries = found.reverse().map(([key, value]) => [Number(key), value]);
      const next = entries.length > 0 ? entries.at(-1)[0] + 1 : from;
      if (entries.length > 0 && next - entries[0][0] !== entries.length) {
        throw new Error("entries are missing");
      }
      const users = [];
      for await (const [id, { userName }] of this.#users.iterator()) users.push({ id, userName });
      return { name: await this.#readName(), next, entries, users };
    } catch (error) {
      throw this.#unreadable(error);
    }
  }

  /**
   * Returns the numbers and times of the messages with these keys; undefined for unknown ones.
   * @param {string[]} keys
   * @returns {Promise<([number, string] | undefined)[]>}
   */
  async findRefs(keys) {
    return keys.length === 0 ? [] : this.#refs.getMany(keys);
  }

  /**
   * Writes everything or nothing, and syncs to disk.
   * @param {any[]} writes Made by the functions below.
   */
  async write(writes) {
    await this.#db.batch(writes, { sync: true });
  }

  putEntry(number, value) {
    return this.#put(this.#log, keyOf(number), value);
  }

  putUser({ id, userName }) {
    return this.#put(this.#users, id, { userName });
  }

  deleteUser(id) {
    return { type: "del", sublevel: this.#users, key: id };
  }

  putRef(key, number, time) {
    return [
      this.#put(this.#refs, key, [number, time]),
      this.#put(this.#refLog, keyOf(number), { key, time }),
    ];
  }

  /** Writes a value to check whether writing works. */
  putProbe() {
    return this.#put(this.#meta, "probe", new Date().toISOString());
  }

  /**
   * Deletes the entries before a number, and references older than a day.
   * @param {number} before
   */
  async prune(before) {
    await this.#log.clear({ lt: keyOf(before) });
    const oldest = await this.#refLog.iterator({ limit: forgottenAtOnce }).all();
    const writes = [];
    for (const [number, { key, time }] of oldest) {
      if (Date.now() - Date.parse(time) < dayMs) break;
      writes.push({ type: "del", sublevel: this.#refLog, key: number });
      writes.push({ type: "del", sublevel: this.#refs, key });
    }
    if (writes.length > 0) await this.#db.batch(writes);
  }

  async #readName() {
    const name = await this.#meta.get("name");
    if (name !== undefined) return name;
    const fresh = randomBytes(6).toString("base64url");
    await this.write([this.#put(this.#meta, "name", fresh)]);
    return fresh;
  }

  #put(sublevel, key, value) {
    return { type: "put", sublevel, key, value };
  }

  #unreadable(cause) {
    const message = `the journal in ${this.#folder} cannot be read: ${reasonOf(cause)}`;
    return new JournalError(message, { cause });
  }
}

/** Returns LevelDB's message, which is in a nested cause. */
export function reasonOf(error) {
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
