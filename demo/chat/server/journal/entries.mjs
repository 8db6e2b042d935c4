// The newest entries of a journal, in memory: usually those that returning clients have missed.

/** @typedef {import("./journal.mjs").Entry} Entry */

/** Entries by absolute indexes, which only increase: from `begin` up to but not including `end`. */
export class Entries {
  #limit;
  /** The entry with an index is in the slot `index % limit`. @type {Entry[]} */
  #slots = [];
  /** @type {Map<string, number>} */
  #indexes = new Map();
  #begin = 0;
  #end = 0;

  /** @param {number} limit The maximum number of entries. */
  constructor(limit) {
    this.#limit = limit;
  }

  get begin() {
    return this.#begin;
  }

  get end() {
    return this.#end;
  }

  /** The position of the newest entry; undefined if there is none. */
  get position() {
    return this.get(this.#end - 1)?.position;
  }

  /**
   * @param {number} index
   * @returns {Entry | undefined} Undefined if it was removed, or does not exist yet.
   */
  get(index) {
    if (index < this.#begin || index >= this.#end) return undefined;
    return this.#slots[index % this.#limit];
  }

  /**
   * Returns the index of the entry after a position.
   * @param {string} position
   * @returns {number | undefined} Undefined if the position is unknown or forgotten.
   */
  indexAfter(position) {
    const index = this.#indexes.get(position);
    return index === undefined ? undefined : index + 1;
  }

  /** @param {Entry} entry */
  push(entry) {
    if (this.#end - this.#begin === this.#limit) this.#forget();
    this.#slots[this.#end % this.#limit] = entry;
    this.#indexes.set(entry.position, this.#end);
    this.#end++;
  }

  /** Removes all entries: the journal has restarted. */
  clear() {
    while (this.#begin < this.#end) this.#forget();
    this.#slots = [];
  }

  /**
   * Removes all entries and skips one index, for entries that were not published: a client whose
   * cursor is here has missed some.
   */
  interrupt() {
    this.clear();
    this.#begin++;
    this.#end++;
  }

  #forget() {
    this.#indexes.delete(this.get(this.#begin).position);
    this.#begin++;
  }
}
