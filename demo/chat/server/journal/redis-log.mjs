// Reads the log in Redis on a connection of its own: every entry once and in order, also if the
// connection is lost in between, and if Redis itself restarts.

/**
 * An entry of the log: an entry to publish (`content`), or the new connection of a user.
 * @typedef {object} Item
 * @property {string} position
 * @property {string} epoch
 * @property {any} [content] An entry of the journal without its place.
 * @property {string} [id] Of the user.
 * @property {string} [connection]
 */

/**
 * @typedef {object} Listener
 * @property {(item: Item) => void} onItem Called for every item, once and in order.
 * @property {(users: User[]) => void} onUsers Called with the connected users when the published
 *   entries do not determine them.
 * @property {() => void} onEmptied The published entries are no longer in Redis.
 * @property {() => void} onGap Some entries were deleted before they could be read, and are not
 *   published.
 */

/** @typedef {import("./journal.mjs").User} User */

/** Entries to read at once. */
const mostAtOnce = 1000;
/**
 * A reader that gets this many may be far behind: there was no connection, or the process was
 * blocked.
 */
const manyAtOnce = 100;
/** Milliseconds for which Redis blocks a reader; then it checks whether it has to restart. */
const wait = 2000;

export class RedisLog {
  #link;
  #recent;
  /** @type {Listener} */
  #listener;
  #last = "0-0";
  #epoch = "";
  /** Epochs that have ended. */
  #pastEpochs = new Set();
  #isStale = false;
  /** True if entries may have been deleted before they were read. */
  #isBehind = false;
  #isClosed = false;
  #running;
  /** Resolvers that wait until a position has been published, in order. */
  #waiting = [];

  /**
   * @param {import("./redis-link.mjs").Link} link
   * @param {number} recent The number of entries to read at the beginning.
   * @param {Listener} listener
   */
  constructor(link, recent, listener) {
    this.#link = link;
    this.#recent = recent;
    this.#listener = listener;
  }

  /**
   * Begins to read. Returns the existing entries, which are not published.
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

  /** Restarts if the entries read do not match the epoch and the end of the log. */
  check(epoch, end) {
    if (epoch !== this.#epoch || comparePositions(end, this.#last) < 0) this.#isStale = true;
  }

  /**
   * Resolves when everything up to this position has been published, or will not be published any
   * more.
   */
  async published(epoch, position) {
    const place = { epoch, position };
    if (!this.#isAhead(place)) return;
    await new Promise((resolve) => this.#waiting.push({ ...place, resolve }));
  }

  /** Waits for pending positions, as long as there is a connection. */
  async close() {
    const last = this.#waiting.at(-1);
    if (last !== undefined) {
      await Promise.race([this.published(last.epoch, last.position), this.#link.lost()]);
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

  /** Returns the notifications for the entries read. */
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
    return () => this.#publishAll(items);
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
  #publishAll(items) {
    for (const item of items) {
      // Redis restarted empty, so its positions mean nothing.
      if (item.epoch !== this.#epoch) {
        this.#isStale = true;
        return;
      }
      this.#publish(item);
    }
  }

  #beginAnew({ end, epoch, users, items }) {
    this.#isStale = false;
    if (epoch === this.#epoch) {
      // The end of the log was lost with the machine; the rest has been published.
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
      if (item.epoch !== before) this.#publish(item);
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
      if (comparePositions(item.position, before) > 0) this.#publish(item);
    }
    this.#last = end;
    this.#listener.onUsers(users);
    this.#release();
  }

  /** @param {Item} item */
  #publish(item) {
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

/** Returns the time of the entry, by the clock of Redis. */
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
