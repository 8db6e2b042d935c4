// The newest entries of a journal, in memory: those that returning clients have missed, as a rule.

/** @typedef {import("./journal.mjs").Entry} Entry */

/** Entries by their absolute indexes, which only ever grow: of `begin` up to, not including, `end`. */
export class Entries {
  #limit;
  /** The entry of an index is in the slot `index % limit`. @type {Entry[]} */
  #slots = [];
  /** @type {Map<string, number>} */
  #indexes = new Map();
  #begin = 0;
  #end = 0;

  /** @param {number} limit How many there are at most. */
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
   * @returns {Entry | undefined} Undefined if it is not there any more, or not yet.
   */
  get(index) {
    if (index < this.#begin || index >= this.#end) return undefined;
    return this.#slots[index % this.#limit];
  }

  /**
   * The index of what comes after a position.
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

  /** Forgets all of them: the journal has begun again. */
  clear() {
    while (this.#begin < this.#end) this.#forget();
    this.#slots = [];
  }

  /** Forgets all of them, and one that nobody has told: whoever has come up to here misses some. */
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
