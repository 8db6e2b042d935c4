// The journal in Redis, for several processes: a stream gives one order to all of them, and every
// process reads it. A call is answered after this process has published its entry.
import { randomUUID } from "node:crypto";
import { comparable, nameLength, suggest } from "../names.mjs";
import { Entries } from "./entries.mjs";
import { defaults, JournalError, publishEntry, setUsers } from "./journal.mjs";
import { Queue } from "./queue.mjs";
import { isFinal, Link } from "./redis-link.mjs";
import { comparePositions, RedisLog, timeOf } from "./redis-log.mjs";

/**
 * @typedef {import("./journal.mjs").User} User
 * @typedef {import("./journal.mjs").Entry} Entry
 */

/**
 * A step of redis.lua.
 * @typedef {object} Order
 * @property {string} step
 * @property {string[]} args
 * @property {string} [done] The name under which Redis records that it was done.
 * @property {(answer: any[]) => void} [onAnswer]
 */

/**
 * A user who is connected to this process, which registers them again if Redis has lost them or
 * removed them.
 * @typedef {object} Guest
 * @property {User} user
 * @property {string} connection
 * @property {string} position Of the entry of their join.
 * @property {User} [previous] Before the name was changed because another user had taken it.
 */

/**
 * @typedef {object} RedisOptions
 * @property {string} url As `redis://host:6379`.
 * @property {string} [prefix] The prefix of all keys. "steadysocket-chat:" by default.
 * @property {number} [patience] Milliseconds that the first connection may take. 10,000 by default.
 * @property {number} [silence] Milliseconds without any data after which a connection counts as
 *   lost. 15,000 by default.
 */

/** The number of beats of a process in a grace period. */
const beatsInGrace = 5;

/**
 * Opens the journal in a Redis. All processes with the same `url` and `prefix` share it.
 * @param {RedisOptions & import("./journal.mjs").JournalOptions} options
 * @returns {Promise<import("./journal.mjs").Journal>}
 * @throws {JournalError} The Redis is unreachable for `patience`.
 */
export async function openRedisJournal(options) {
  const journal = new RedisJournal({
    prefix: "steadysocket-chat:",
    patience: 10_000,
    silence: 15_000,
    ...defaults,
    ...options,
  });
  await journal.open();
  return journal;
}

class RedisJournal {
  entries;
  /** @type {Map<string, User>} */
  users = new Map();
  isUp = false;
  #options;
  #process = randomUUID();
  #isRegistered = false;
  #isOpen = false;
  #isBeating = false;
  #link;
  #logLink;
  #log;
  #queue = new Queue((batch) => this.#write(batch));
  /** @type {Map<string, Guest>} */
  #guests = new Map();
  /** The beats of the other processes, and the number of own beats since they changed. */
  #others = new Map();
  #beatTimer;

  constructor(options) {
    this.#options = options;
    this.entries = new Entries(options.recent);
    const { url, prefix, patience, silence, onError } = options;
    const linkOptions = { url, prefix, patience, silence, onError };
    this.#link = new Link({ ...linkOptions, onChange: () => this.#onLink() });
    this.#logLink = new Link({ ...linkOptions, onChange: () => this.#lookUp() });
    this.#log = new RedisLog(this.#logLink, options.recent, {
      onItem: (item) => this.#publish(item),
      onUsers: (users) => setUsers(this.users, users),
      onEmptied: () => this.entries.clear(),
      onGap: () => this.entries.interrupt(),
    });
  }

  async open() {
    try {
      await Promise.all([this.#link.open(), this.#logLink.open()]);
      await this.#register();
      for (const item of await this.#log.open()) {
        if (item.content !== undefined) this.entries.push(entryOf(item));
      }
    } catch (error) {
      this.#link.close();
      this.#logLink.close();
      throw error;
    }
    this.#isOpen = true;
    this.isUp = this.#isReachable;
    this.#beatLater();
  }

  async join(user, connection) {
    const [name] = await this.#do({
      step: "join",
      args: [...argsOf(user), connection],
      done: `join:${randomUUID()}`,
      onAnswer: ([, , position, free]) => {
        if (free !== "free") return;
        this.#guests.set(user.id, { user: userOf(user), connection, position });
      },
    });
    return { taken: name === "taken" };
  }

  async rename(user, connection) {
    const [name] = await this.#do({
      step: "rename",
      args: [...argsOf(user), connection],
      onAnswer: ([, , , free]) => {
        const guest = this.#guests.get(user.id);
        if (free === "free" && guest?.connection === connection) guest.user = userOf(user);
      },
    });
    return { taken: name === "taken" };
  }

  async leave(id, connection) {
    const forget = () => {
      if (this.#guests.get(id)?.connection === connection) this.#guests.delete(id);
    };
    // Removed now, so that this user is not registered again, and once more later, because a join
    // may be in progress.
    forget();
    await this.#do({ step: "leave", args: [id, connection], onAnswer: forget });
  }

  async say(draft) {
    const { ref = randomUUID(), from } = draft;
    const [is, position] = await this.#do({
      step: "say",
      args: [JSON.stringify(draft)],
      done: `say:${JSON.stringify([from.id, ref])}`,
    });
    return { position, time: timeOf(position), isNew: is === "new" };
  }

  async close() {
    this.#isOpen = false;
    clearTimeout(this.#beatTimer);
    this.#link.giveUp();
    await this.#queue.idle();
    await this.#log.close();
    this.#link.close();
  }

  /**
   * Resolves when the entry has been published, with the answer of the step and the position.
   * @param {Order} order
   * @returns {Promise<[string, string]>}
   */
  async #do(order) {
    const [, epoch, position, says] = await this.#add(order);
    await this.#log.published(epoch, position);
    return [says, position];
  }

  /**
   * @param {Order} order
   * @returns {Promise<any[]>}
   */
  async #add(order) {
    if (!this.#isOpen) throw new JournalError("the journal is closed");
    return this.#queue.add(order);
  }

  get #isReachable() {
    return this.#link.isReady && this.#isRegistered && this.#logLink.isReady;
  }

  #onLink() {
    this.#isRegistered = false;
    this.#lookUp();
    // Beats before any request, so that other processes see this one as alive.
    if (this.#link.isReady) this.#beat();
  }

  #lookUp() {
    const isUp = this.#isReachable;
    if (!this.#isOpen || isUp === this.isUp) return;
    this.isUp = isUp;
    this.#options.onUp(isUp);
  }

  /**
   * Repeats until Redis has answered: after a lost connection, all orders without an answer are
   * repeated in their order.
   */
  async #write(batch) {
    let left = batch;
    while (left.length > 0) {
      try {
        await this.#link.ready();
        if (!this.#isRegistered) await this.#register();
        left = await this.#send(left);
      } catch (error) {
        for (const { reject } of left) reject(error);
        return;
      }
    }
  }

  /** Returns the orders to repeat. */
  async #send(batch) {
    const sent = batch.map(({ order: { step, args, done } }) => this.#run(step, args, done));
    const again = [];
    let obstacle;
    /** @type {{ value?: any[], reason?: any }[]} */
    const results = await Promise.allSettled(sent);
    for (const [index, { value, reason }] of results.entries()) {
      const { order, resolve, reject } = batch[index];
      if (value === undefined && isFinal(reason)) {
        reject(new JournalError(`Redis refuses: ${reason.message}`, { cause: reason }));
      } else if (value === undefined || value[0] === "lost") {
        again.push(batch[index]);
        obstacle ??= reason;
      } else {
        order.onAnswer?.(value);
        resolve(value);
      }
    }
    if (again.length > 0) await this.#falter(obstacle);
    return again;
  }

  /** Waits, if necessary, until another attempt makes sense. */
  async #falter(obstacle) {
    this.#isRegistered = false;
    this.#lookUp();
    await this.#link.rest(obstacle);
  }

  #run(step, args, done) {
    return this.#link.run(step, [this.#process, String(this.#options.kept), ...args], done);
  }

  /**
   * Registers this process and its users. A user whose name was taken in the meantime gets another
   * name.
   */
  async #register() {
    const refused = new Set(
      Array.from(this.users.values(), ({ userName }) => comparable(userName)),
    );
    while (!this.#isRegistered) {
      let answer;
      try {
        answer = await this.#run("resume", [randomUUID(), ...this.#guestArgs()]);
      } catch (error) {
        if (isFinal(error)) throw new JournalError(`Redis refuses: ${error.message}`);
        await this.#link.rest(error);
        await this.#link.ready();
        continue;
      }
      const [, epoch, end, taken] = answer;
      for (const id of taken) this.#renameGuest(id, refused);
      if (taken.length > 0) continue;
      for (const guest of this.#guests.values()) delete guest.previous;
      this.#others.clear();
      this.#isRegistered = true;
      this.#log.check(epoch, end);
    }
    this.#lookUp();
  }

  #guestArgs() {
    return Array.from(this.#guests.values()).flatMap(({ user, connection, previous }) => [
      ...argsOf(user),
      connection,
      previous === undefined ? "" : JSON.stringify(previous),
    ]);
  }

  #renameGuest(id, refused) {
    const guest = this.#guests.get(id);
    refused.add(comparable(guest.user.userName));
    guest.previous ??= guest.user;
    const { userName } = guest.previous;
    const isTaken = (name) => refused.has(comparable(name));
    guest.user = { id, userName: suggest(userName, isTaken, nameLength) };
    refused.add(comparable(guest.user.userName));
  }

  /** @param {import("./redis-log.mjs").Item} item */
  #publish(item) {
    const { position, id, connection } = item;
    const guest = this.#guests.get(id);
    // A user of this process, connected by another connection since.
    const isGone =
      guest !== undefined &&
      connection !== undefined &&
      guest.connection !== connection &&
      comparePositions(guest.position, position) < 0;
    if (isGone) this.#guests.delete(id);
    if (item.content !== undefined) this.#publishEntry(entryOf(item));
    if (isGone || item.content === undefined) this.#options.onMoved(id, connection);
  }

  /** @param {Entry} entry */
  #publishEntry(entry) {
    publishEntry(this, entry, this.#options.onEntry);
  }

  #beatLater() {
    clearTimeout(this.#beatTimer);
    if (!this.#isOpen) return;
    this.#beatTimer = setTimeout(() => this.#beat(), this.#options.grace / beatsInGrace);
  }

  async #beat() {
    if (!this.#isOpen || this.#isBeating) return;
    this.#isBeating = true;
    try {
      const [, , , beats] = await this.#add({ step: "beat", args: [] });
      this.#observe(beats);
    } catch (error) {
      if (this.#isOpen) this.#options.onError(error);
    }
    this.#isBeating = false;
    this.#beatLater();
  }

  /**
   * Removes the users of processes that sent no beat during a whole grace of this process's beats.
   * Counts beats instead of time, because this process may have been blocked as well.
   * @param {string[]} beats Processes, each with its number of beats.
   */
  #observe(beats) {
    const before = this.#others;
    this.#others = new Map();
    for (let i = 0; i < beats.length; i += 2) {
      const [id, count] = beats.slice(i, i + 2);
      if (id === this.#process) continue;
      const { count: countBefore, silence } = before.get(id) ?? {};
      const other = { count, silence: count === countBefore ? silence + 1 : 0 };
      this.#others.set(id, other);
      if (other.silence < beatsInGrace) continue;
      this.#add({ step: "sweep", args: [id, count] }).catch(() => {});
    }
  }
}

/** @returns {User} */
function userOf({ id, userName }) {
  return { id, userName };
}

/** The arguments of the steps about a user. */
function argsOf(user) {
  return [user.id, JSON.stringify(userOf(user)), comparable(user.userName)];
}

/**
 * @param {import("./redis-log.mjs").Item} item
 * @returns {Entry}
 */
function entryOf({ position, content }) {
  return { position, time: timeOf(position), ...content };
}
