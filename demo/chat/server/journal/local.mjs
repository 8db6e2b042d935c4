// The journal in a folder of this machine, for one process. Entries and answers are published after
// they are on disk.
import { Entries } from "./entries.mjs";
import { defaults, JournalError, publishEntry, setUsers } from "./journal.mjs";
import { Guest, Plan } from "./local-plan.mjs";
import { LocalStore, reasonOf } from "./local-store.mjs";
import { Queue } from "./queue.mjs";

/**
 * @typedef {import("./journal.mjs").User} User
 * @typedef {import("./journal.mjs").Entry} Entry
 * @typedef {import("./local-plan.mjs").Order} Order
 * @typedef {import("./queue.mjs").Waiting<Order>} Waiting
 */

/** The number of new entries after which older ones are deleted. */
const pruneStep = 1000;
/** Milliseconds between two attempts to write. */
const probeDelay = 1000;

/**
 * Opens the journal in a folder, which is created if it does not exist.
 * @param {{ folder: string } & import("./journal.mjs").JournalOptions} options
 * @returns {Promise<import("./journal.mjs").Journal>}
 * @throws {JournalError} The folder is in use by another process, or cannot be read or written.
 */
export async function openLocalJournal(options) {
  const journal = new LocalJournal({ ...defaults, ...options });
  await journal.open();
  return journal;
}

class LocalJournal {
  entries;
  /** @type {Map<string, User>} */
  users = new Map();
  isUp = true;
  #options;
  #store;
  /** Distinguishes the positions of this folder from those of another. */
  #name = "";
  /** The stored state: the number of the next entry, and the connected users. */
  #state = { next: 0, /** @type {Map<string, Guest>} */ guests: new Map() };
  #pruned = 0;
  #queue = new Queue((/** @type {Waiting[]} */ batch) => this.#write(batch));
  #isClosed = false;
  #graceTimer;
  #probeTimer;

  constructor(options) {
    this.#options = options;
    this.entries = new Entries(options.recent);
    this.#store = new LocalStore(options.folder);
  }

  async open() {
    await this.#store.open();
    try {
      for (const entry of await this.#load(this.#options.recent)) this.entries.push(entry);
    } catch (error) {
      await this.#store.close();
      throw error;
    }
    this.#pruned = this.#state.next;
  }

  join(user, connection) {
    return this.#add({ type: "join", user, connection });
  }

  rename(user, connection) {
    return this.#add({ type: "rename", user, connection });
  }

  leave(id, connection) {
    return this.#add({ type: "leave", id, connection });
  }

  say(draft) {
    return this.#add({ type: "say", draft });
  }

  async close() {
    this.#isClosed = true;
    clearTimeout(this.#graceTimer);
    clearTimeout(this.#probeTimer);
    await this.#queue.idle();
    await this.#store.close();
  }

  /** @param {Order} order */
  async #add(order) {
    if (this.#isClosed) throw new JournalError("the journal is closed");
    return this.#queue.add(order);
  }

  /** @param {Waiting[]} batch */
  async #write(batch) {
    let plan;
    let answers;
    try {
      if (!this.isUp) await this.#reopen();
      plan = new Plan(this.#store, this.#state, (number) => this.#positionOf(number));
      const orders = batch.map(({ order }) => order);
      await plan.findRefs(orders);
      answers = orders.map((order) => plan.add(order));
      if (plan.writes.length > 0) await this.#store.write(plan.writes);
    } catch (error) {
      this.#fail(batch, error);
      return;
    }
    this.#state = { next: plan.next, guests: plan.guests };
    this.#setUp(true);
    for (const { entry, moved } of plan.news) {
      if (entry !== undefined) this.#publish(entry);
      if (moved !== undefined) this.#options.onMoved(...moved);
    }
    for (const [index, { resolve }] of batch.entries()) resolve(answers[index]);
    await this.#prune();
  }

  /** @param {Waiting[]} batch */
  #fail(batch, cause) {
    const message = `the journal in ${this.#options.folder} cannot be written: ${reasonOf(cause)}`;
    const error = new JournalError(message, { cause });
    if (this.isUp) this.#options.onError(error);
    this.#setUp(false);
    for (const { reject } of batch) reject(error);
    clearTimeout(this.#probeTimer);
    if (this.#isClosed) return;
    this.#probeTimer = setTimeout(() => this.#add({ type: "probe" }).catch(() => {}), probeDelay);
  }

  #setUp(isUp) {
    if (this.isUp === isUp) return;
    this.isUp = isUp;
    this.#options.onUp(isUp);
  }

  /**
   * After a failed write, LevelDB's log may end with a part of it, and later writes could not be
   * read again: the store must be reopened before writing. The failed write may be stored by then,
   * so it is published.
   */
  async #reopen() {
    await this.#store.close();
    this.#store = new LocalStore(this.#options.folder);
    await this.#store.open();
    for (const entry of await this.#load()) this.#publish(entry);
  }

  /**
   * Reads the connected users, and the entries that are not known yet.
   * @param {number} [most] Only the newest.
   * @returns {Promise<Entry[]>}
   */
  async #load(most) {
    const { name, next, entries, users } = await this.#store.read(this.#state.next, most);
    const known = this.#state.guests;
    const guests = users.map((user) => new Guest(user, known.get(user.id)?.connection));
    this.#name = name;
    this.#state = { next, guests: new Map(guests.map((guest) => [guest.user.id, guest])) };
    setUsers(this.users, users);
    clearTimeout(this.#graceTimer);
    if (guests.some(({ connection }) => connection === undefined)) {
      const expire = () => this.#add({ type: "expire" }).catch(() => {});
      this.#graceTimer = setTimeout(expire, this.#options.grace);
    }
    return entries.map(([number, value]) => ({ position: this.#positionOf(number), ...value }));
  }

  #positionOf(number) {
    return `${this.#name}-${number}`;
  }

  /** @param {Entry} entry */
  #publish(entry) {
    publishEntry(this, entry, this.#options.onEntry);
  }

  async #prune() {
    const { next } = this.#state;
    if (next - this.#pruned < pruneStep) return;
    this.#pruned = next;
    try {
      await this.#store.prune(next - this.#options.kept);
    } catch (error) {
      const message = `the journal in ${this.#options.folder} cannot be pruned: ${reasonOf(error)}`;
      this.#options.onError(new JournalError(message, { cause: error }));
    }
  }
}
