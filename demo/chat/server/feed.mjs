// Converts the journal's entries into the messages for each user.

/**
 * @typedef {import("./journal/journal.mjs").Entry} Entry
 * @typedef {import("./journal/journal.mjs").Journal} Journal
 */

export class Feed {
  #journal;
  /**
   * The number of connected users after a user-join or user-leave. @type {WeakMap<Entry, number>}
   */
  #online = new WeakMap();
  /**
   * The message for all users except the author, made on first use. @type {WeakMap<Entry, string>}
   */
  #texts = new WeakMap();

  /** @param {Journal} journal Just opened. */
  constructor(journal) {
    this.#journal = journal;
    const { entries, users } = journal;
    let online = users.size;
    for (let index = entries.end - 1; index >= entries.begin; --index) {
      const entry = entries.get(index);
      this.#online.set(entry, online);
      if (entry.type === "user-join") online -= 1;
      if (entry.type === "user-leave") online += 1;
    }
  }

  /**
   * Records facts about a new entry that are true only now.
   * @param {Entry} entry
   */
  add(entry) {
    this.#online.set(entry, this.#journal.users.size);
  }

  /**
   * Returns the message about an entry for one user; undefined if it does not concern them.
   * @param {Entry} entry
   * @param {string} id
   */
  textFor(entry, id) {
    if (!concerns(entry, id)) return undefined;
    if (isBy(entry, id)) return JSON.stringify(entry);
    let text = this.#texts.get(entry);
    if (text === undefined) {
      text = JSON.stringify(this.#publicFormOf(entry));
      this.#texts.set(entry, text);
    }
    return text;
  }

  /**
   * Returns the last messages that concern a user, oldest first.
   * @param {string} id
   * @param {number} count
   */
  history(id, count) {
    const { entries } = this.#journal;
    const messages = [];
    for (let index = entries.end - 1; index >= entries.begin && messages.length < count; --index) {
      const entry = entries.get(index);
      if (!isMessage(entry) || !concerns(entry, id)) continue;
      messages.push(isBy(entry, id) ? entry : this.#publicFormOf(entry));
    }
    return messages.reverse();
  }

  /**
   * Returns the place of a message that a user has already sent, if it is in memory.
   * @param {string} id
   * @param {string} ref
   */
  find(id, ref) {
    const { entries } = this.#journal;
    for (let index = entries.end - 1; index >= entries.begin; --index) {
      const entry = entries.get(index);
      if (isBy(entry, id) && entry.ref === ref) return entry;
    }
    return undefined;
  }

  #publicFormOf(entry) {
    if (entry.type === "user-join" || entry.type === "user-leave") {
      return { ...entry, online: this.#online.get(entry) };
    }
    return { ...entry, ref: undefined };
  }
}

/** @returns {entry is import("./journal/journal.mjs").Place & import("./journal/journal.mjs").Draft} */
function isMessage(entry) {
  return entry.type === "chat-message" || entry.type === "private-message";
}

/** True if a user is the author of this entry. */
function isBy(entry, id) {
  return isMessage(entry) && entry.from.id === id;
}

function concerns(entry, id) {
  if (entry.type === "private-message") return entry.from.id === id || entry.to.id === id;
  // The joining user knows that.
  if (entry.type === "user-join" || entry.type === "user-leave") return entry.user.id !== id;
  return true;
}
