// Persistent data: the round, the players with their scores and positions, and the newest chat
// lines. In LevelDB: written data survives a kill of the process. A crash of the machine may lose
// the last moments.
import { createHash, randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { ClassicLevel } from "classic-level";

/** Milliseconds after which an absent player is deleted. */
const keptFor = 7 * 24 * 60 * 60 * 1000;
/** The newest of these are kept. */
const keptPlayers = 10_000;
const keptLines = 500;

/**
 * @typedef {object} Saved
 * @property {string} name
 * @property {number} colour
 * @property {number} score In `round`.
 * @property {number} [round] The number of the last round with a point. Missing in older data.
 * @property {number} [past] Points of all rounds before that.
 * @property {number} [wins] Rounds won.
 * @property {number} x
 * @property {number} y
 * @property {number} seen Time of the last save, in milliseconds since 1970.
 */

/**
 * @typedef {object} Line
 * @property {number} n Counts the lines from 1.
 * @property {string} id Chosen by the author.
 * @property {string} author The author's hash.
 * @property {string} name
 * @property {string} text
 */

/** The store cannot be opened. The message is one line, for users. */
export class StoreError extends Error {
  name = "StoreError";
}

/** Returns the hash that stands for a key: readers of the store cannot play as another player. */
export function hashOf(key) {
  return createHash("sha256").update(key).digest("base64url");
}

export class Store {
  /** Identifies this history, in which a number always means the same line. */
  history = "";
  /** Undefined before the first round. @type {import("./rounds.mjs").Round | undefined} */
  round;
  /** By hash, the last saved at the end. @type {Map<string, Saved>} */
  players = new Map();
  /** The newest, in order. @type {Line[]} */
  lines = [];
  #db;
  /** @type {Promise<unknown>} */
  #lastLine = Promise.resolve();

  /** @param {string} folder */
  static async open(folder) {
    const store = new Store();
    const db = new ClassicLevel(folder, { valueEncoding: "json" });
    store.#db = db;
    try {
      await mkdir(folder, { recursive: true });
      await db.open();
    } catch (error) {
      const why = error.cause?.code === "LEVEL_LOCKED" ? "another server has it open" : error.cause;
      throw new StoreError(`cannot open ${folder}: ${why ?? error.message}`);
    }
    await store.#load();
    return store;
  }

  /**
   * @param {[hash: string, player: Saved][]} players
   * @param {(hash: string) => boolean} [isPlaying] True for players who are not deleted, regardless
   *   of their last save: a player who does not move is not saved again.
   */
  async savePlayers(players, isPlaying = () => false) {
    await this.#db.batch(writesOf(players));
    this.#note(players);
    const tooMany = this.players.size - keptPlayers;
    if (tooMany <= 0) return;
    const gone = [...this.players.keys()].filter((hash) => !isPlaying(hash));
    await this.#forget(gone.slice(0, tooMany));
  }

  /**
   * Writes a round with the players that it changes: after a kill there are both or neither.
   * @param {import("./rounds.mjs").Round} round
   * @param {[hash: string, player: Saved][]} players
   */
  async saveRound(round, players) {
    await this.#db.batch([{ type: "put", key: "round", value: round }, ...writesOf(players)]);
    this.round = round;
    this.#note(players);
  }

  #note(players) {
    for (const [hash, player] of players) {
      this.players.delete(hash);
      this.players.set(hash, player);
    }
  }

  /**
   * Writes a line, once: a line of the same author with the same id is the existing one. Lines are
   * written one after another, so that they are published in the order of their numbers.
   * @param {Omit<Line, "n">} content
   * @param {() => boolean} [isAllowed] Called before a new line is written. If it returns false, no
   *   line is written.
   * @returns {Promise<{ line?: Line, isNew: boolean }>}
   */
  addLine(content, isAllowed = () => true) {
    const added = this.#lastLine.then(() => this.#addLine(content, isAllowed));
    this.#lastLine = added.catch(() => {});
    return added;
  }

  async #addLine(content, isAllowed) {
    const known = this.lines.find(
      ({ id, author }) => id === content.id && author === content.author,
    );
    if (known !== undefined) return { line: known, isNew: false };
    if (!isAllowed()) return { isNew: false };
    const line = { n: (this.lines.at(-1)?.n ?? 0) + 1, ...content };
    const old = this.lines.slice(0, Math.max(0, this.lines.length + 1 - keptLines));
    await this.#db.batch([
      { type: "put", key: lineKey(line.n), value: line },
      ...old.map(({ n }) => ({ type: "del", key: lineKey(n) })),
    ]);
    this.lines.splice(0, old.length);
    this.lines.push(line);
    return { line, isNew: true };
  }

  async close() {
    await this.#lastLine;
    await this.#db.close();
  }

  async #load() {
    this.history = await this.#db.get("history");
    if (this.history === undefined) {
      this.history = randomUUID();
      await this.#db.put("history", this.history);
    }
    this.round = await this.#db.get("round");
    for await (const line of this.#db.values({ gt: "line:", lt: "line;" })) this.lines.push(line);
    const saved = [];
    for await (const [key, player] of this.#db.iterator({ gt: "player:", lt: "player;" })) {
      saved.push([key.slice("player:".length), player]);
    }
    this.players = new Map(saved.sort(([, one], [, other]) => one.seen - other.seen));
    const isOld = (hash) => this.players.get(hash).seen < Date.now() - keptFor;
    await this.#forget([...this.players.keys()].filter(isOld));
  }

  async #forget(hashes) {
    if (hashes.length === 0) return;
    for (const hash of hashes) this.players.delete(hash);
    await this.#db.batch(hashes.map((hash) => ({ type: "del", key: `player:${hash}` })));
  }
}

function writesOf(players) {
  return players.map(([hash, value]) => ({ type: "put", key: `player:${hash}`, value }));
}

/** Encodes numbers so that keys are in their order. */
function lineKey(n) {
  return `line:${String(n).padStart(12, "0")}`;
}
