// Reads the log in Redis on a connection of its own: every entry once and in order, also when the
// connection is lost in between, and when Redis itself begins again.

/**
 * An entry of the log: what is told (`content`), or that a user is here by another connection now.
 * @typedef {object} Item
 * @property {string} position
 * @property {string} epoch
 * @property {any} [content] An entry of the journal without its place.
 * @property {string} [id] Of the user.
 * @property {string} [connection]
 */

/**
 * @typedef {object} Listener
 * @property {(item: Item) => void} onItem Every one, once and in order.
 * @property {(users: User[]) => void} onUsers Who is here now, after what was told does not say it.
 * @property {() => void} onEmptied What has been told is not in Redis any more.
 * @property {() => void} onGap Some will not be told: they were deleted before they could be read.
 */

/** @typedef {import("./journal.mjs").User} User */

/** Entries that are read at once. */
const mostAtOnce = 1000;
/** Who gets as many may be far behind: there was no connection, or the process was held up. */
const manyAtOnce = 100;
/** Milliseconds that Redis lets a reader wait; then it looks whether it has to begin anew. */
const wait = 2000;

export class RedisLog {
  #link;
  #recent;
  /** @type {Listener} */
  #listener;
  #last = "0-0";
  #epoch = "";
  /** Those that are over. */
  #pastEpochs = new Set();
  #isStale = false;
  /** Whether entries may have been deleted before they were read. */
  #isBehind = false;
  #isClosed = false;
  #running;
  /** Who waits until a position has been told, in order. */
  #waiting = [];

  /**
   * @param {import("./redis-link.mjs").Link} link
   * @param {number} recent How many entries are taken at the beginning.
   * @param {Listener} listener
   */
  constructor(link, recent, listener) {
    this.#link = link;
    this.#recent = recent;
    this.#listener = listener;
  }

  /**
   * Begins to read. Returns what is there already, which is not told.
   * @returns {Promise<Item[]>}
   */
  async open() {
    const { end, epoch, users, items } = await this.#load();
    this.#last = end;
    this.#epoch = epoch;
    this.#isStale = false;
    this.#listener.onUsers(users);
    this.#running = this.#run();
    return items;
  }

  /** Begins anew, if what was read does not go with the epoch and the end of the log. */
  check(epoch, end) {
    if (epoch !== this.#epoch || comparePositions(end, this.#last) < 0) this.#isStale = true;
  }

  /** Resolves when everything up to this position has been told, or will not be told any more. */
  async told(epoch, position) {
    const place = { epoch, position };
    if (!this.#isAhead(place)) return;
    await new Promise((resolve) => this.#waiting.push({ ...place, resolve }));
  }

  /** Waits for those who wait, as long as there is a connection. */
  async close() {
    const last = this.#waiting.at(-1);
    if (last !== undefined) {
      await Promise.race([this.told(last.epoch, last.position), this.#link.lost()]);
    }
    this.#isClosed = true;
    this.#link.close();
    this.#release();
    await this.#running;
  }

  async #run() {
    while (!this.#isClosed) {
      let news;
      try {
        news = await this.#read();
      } catch (error) {
        this.#isBehind = true;
        if (!this.#isClosed) await this.#link.rest(error).catch(() => {});
        continue;
      }
      news();
    }
  }

  /** Returns how what was read is told. */
  async #read() {
    await this.#link.ready();
    if (this.#isStale) {
      const loaded = await this.#load();
      return () => this.#beginAnew(loaded);
    }
    const read = await this.#link.read(this.#last, mostAtOnce, wait);
    const items = read.map(({ id, message }) => itemOf(id, message));
    const isBehind = this.#isBehind || items.length >= manyAtOnce;
    if (isBehind && comparePositions(await this.#link.oldest(), this.#last) > 0) {
      const loaded = await this.#load();
      return () => this.#leap(loaded);
    }
    this.#isBehind = false;
    return () => this.#hear(items);
  }

  async #load() {
    const [, epoch, end, users, newest] = await this.#link.run("load", ["", "", `${this.#recent}`]);
    return {
      end,
      epoch,
      /** @type {User[]} */
      users: users.map((user) => JSON.parse(user)),
      items: newest.reverse().map(([id, fields]) => itemOf(id, objectOf(fields))),
    };
  }

  /** @param {Item[]} items */
  #hear(items) {
    for (const item of items) {
      // Redis has begun empty, and its positions say nothing.
      if (item.epoch !== this.#epoch) {
        this.#isStale = true;
        return;
      }
      this.#tell(item);
    }
  }

  #beginAnew({ end, epoch, users, items }) {
    this.#isStale = false;
    if (epoch === this.#epoch) {
      // The end of the log was lost with the machine; what remains has been told.
      if (comparePositions(end, this.#last) >= 0) return;
      this.#last = end;
      this.#listener.onUsers(users);
      return;
    }
    const before = this.#epoch;
    this.#pastEpochs.add(before);
    this.#epoch = epoch;
    this.#listener.onEmptied();
    for (const item of items) {
      if (item.epoch !== before) this.#tell(item);
    }
    this.#last = end;
    this.#listener.onUsers(users);
    this.#release();
  }

  #leap({ end, epoch, users, items }) {
    if (epoch !== this.#epoch) {
      this.#isStale = true;
      return;
    }
    this.#isBehind = false;
    this.#listener.onGap();
    const before = this.#last;
    for (const item of items) {
      if (comparePositions(item.position, before) > 0) this.#tell(item);
    }
    this.#last = end;
    this.#listener.onUsers(users);
    this.#release();
  }

  /** @param {Item} item */
  #tell(item) {
    this.#last = item.position;
    this.#listener.onItem(item);
    this.#release();
  }

  #isAhead({ epoch, position }) {
    if (this.#isClosed || this.#pastEpochs.has(epoch)) return false;
    return epoch !== this.#epoch || comparePositions(position, this.#last) > 0;
  }

  #release() {
    while (this.#waiting.length > 0 && !this.#isAhead(this.#waiting[0])) {
      this.#waiting.shift().resolve();
    }
  }
}

/** Positions are the ids of a stream: milliseconds and a number. Negative if `a` is before `b`. */
export function comparePositions(a, b) {
  const [timeA, numberA] = a.split("-").map(Number);
  const [timeB, numberB] = b.split("-").map(Number);
  return timeA - timeB || numberA - numberB;
}

/** When it was written, by the clock of Redis. */
export function timeOf(position) {
  return new Date(Number(position.split("-", 1)[0])).toISOString();
}

/**
 * @param {string} position
 * @param {Record<string, string>} fields
 * @returns {Item}
 */
function itemOf(position, { epoch, type, draft, user, previous, id, connection }) {
  if (type === "moved") return { position, epoch, id, connection };
  if (draft !== undefined) return { position, epoch, content: JSON.parse(draft) };
  const content = { type, user: JSON.parse(user) };
  if (previous !== undefined) content.previous = JSON.parse(previous).userName;
  return { position, epoch, content, id: content.user.id, connection };
}

function objectOf(fields) {
  /** @type {Record<string, string>} */
  const object = {};
  for (let i = 0; i < fields.length; i += 2) object[fields[i]] = fields[i + 1];
  return object;
}
