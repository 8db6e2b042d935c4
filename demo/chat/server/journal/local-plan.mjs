// The effects of a batch of the local journal: the writes to the store, and the entries and answers
// to publish once they are stored. Planning itself changes nothing.
import { comparable } from "../names.mjs";
import { dayMs } from "./journal.mjs";
import { LocalStore } from "./local-store.mjs";

/**
 * @typedef {import("./journal.mjs").User} User
 * @typedef {import("./journal.mjs").Draft} Draft
 * @typedef {import("./journal.mjs").Entry} Entry
 */

/**
 * An order. `expire` removes users who have not reconnected, `probe` only writes.
 * @typedef {{ type: "join" | "rename", user: User, connection: string }
 *   | { type: "leave", id: string, connection: string }
 *   | { type: "say", draft: Draft }
 *   | { type: "expire" }
 *   | { type: "probe" }} Order
 */

/** A connected user. Without a connection: one of the previous process. */
export class Guest {
  /**
   * @param {User} user
   * @param {string} [connection]
   */
  constructor({ id, userName }, connection) {
    this.user = { id, userName };
    this.connection = connection;
    this.form = comparable(userName);
  }
}

export class Plan {
  /** The writes for the store. */
  writes = [];
  /**
   * The entries and moves to publish, in order. @type {({ entry: Entry } | { moved: [string,
   * string] })[]}
   */
  news = [];
  #store;
  #positionOf;
  /** The number and time of messages in this batch, by key. */
  #refs = new Map();

  /**
   * @param {LocalStore} store
   * @param {{ next: number, guests: Map<string, Guest> }} state The state of the journal.
   * @param {(number: number) => string} positionOf
   */
  constructor(store, { next, guests }, positionOf) {
    this.#store = store;
    this.#positionOf = positionOf;
    this.next = next;
    this.guests = new Map(guests);
  }

  /**
   * Reads which of these messages were stored before.
   * @param {Order[]} orders
   */
  async findRefs(orders) {
    const drafts = orders.flatMap((order) => (order.type === "say" ? [order.draft] : []));
    const keys = drafts.filter(({ ref }) => ref !== undefined).map(refKeyOf);
    const found = await this.#store.findRefs(keys);
    for (const [index, ref] of found.entries()) {
      if (ref !== undefined && Date.now() - Date.parse(ref[1]) < dayMs) {
        this.#refs.set(keys[index], ref);
      }
    }
  }

  /**
   * @param {Order} order
   * @returns {any} The answer.
   */
  add(order) {
    switch (order.type) {
      case "join":
        return this.#join(order);
      case "rename":
        return this.#rename(order);
      case "leave":
        return this.#leave(order);
      case "say":
        return this.#say(order);
      case "expire":
        return this.#expire();
      case "probe":
        this.writes.push(this.#store.putProbe());
        return undefined;
    }
  }

  #join({ user, connection }) {
    const guest = this.guests.get(user.id);
    if (this.#isTaken(user)) return { taken: true };
    if (guest === undefined) {
      this.#seat(user, connection);
      this.#write({ type: "user-join", user: this.guests.get(user.id).user });
      return { taken: false };
    }
    if (guest.connection !== connection) {
      this.#seat(guest.user, connection);
      this.news.push({ moved: [user.id, connection] });
    }
    return this.#rename({ user, connection });
  }

  #rename({ user, connection }) {
    const guest = this.guests.get(user.id);
    const previous = guest?.user.userName;
    if (guest?.connection !== connection || previous === user.userName) return { taken: false };
    if (this.#isTaken(user)) return { taken: true };
    this.#seat(user, connection);
    this.#write({ type: "user-rename", user: this.guests.get(user.id).user, previous });
    return { taken: false };
  }

  #leave({ id, connection }) {
    if (this.guests.get(id)?.connection === connection) this.#remove(id);
  }

  #expire() {
    for (const [id, { connection }] of this.guests) {
      if (connection === undefined) this.#remove(id);
    }
  }

  #say({ draft }) {
    const key = draft.ref === undefined ? undefined : refKeyOf(draft);
    const said = this.#refs.get(key);
    if (said !== undefined) {
      const [number, time] = said;
      return { position: this.#positionOf(number), time, isNew: false };
    }
    const number = this.next;
    const { position, time } = this.#write(draft);
    if (key !== undefined) {
      this.#refs.set(key, [number, time]);
      this.writes.push(...this.#store.putRef(key, number, time));
    }
    return { position, time, isNew: true };
  }

  #isTaken({ id, userName }) {
    const form = comparable(userName);
    for (const guest of this.guests.values()) {
      if (guest.form === form && guest.user.id !== id) return true;
    }
    return false;
  }

  #seat(user, connection) {
    const guest = new Guest(user, connection);
    this.guests.set(user.id, guest);
    this.writes.push(this.#store.putUser(guest.user));
  }

  #remove(id) {
    const { user } = this.guests.get(id);
    this.guests.delete(id);
    this.writes.push(this.#store.deleteUser(id));
    this.#write({ type: "user-leave", user });
  }

  /** @returns {Entry} */
  #write(content) {
    const number = this.next++;
    const value = { time: new Date().toISOString(), ...content };
    this.writes.push(this.#store.putEntry(number, value));
    const entry = { position: this.#positionOf(number), ...value };
    this.news.push({ entry });
    return entry;
  }
}

/** @param {Draft} draft */
function refKeyOf({ from, ref }) {
  return LocalStore.refKey(from.id, ref);
}
