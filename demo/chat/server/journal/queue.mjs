// What waits to be written: one batch is under way at a time, and the next has all that has come
// meanwhile. So much is written at once when much is to be written, and the order is that of coming.

/**
 * @template T
 * @typedef {object} Waiting
 * @property {T} order What is to be done.
 * @property {(answer: any) => void} resolve
 * @property {(error: Error) => void} reject
 */

/** @template T */
export class Queue {
  #write;
  #mostAtOnce;
  /** @type {Waiting<T>[]} */
  #waiting = [];
  #running = Promise.resolve();
  #isRunning = false;

  /**
   * @param {(batch: Waiting<T>[]) => Promise<void>} write Answers each of them, and does not throw.
   * @param {number} [mostAtOnce]
   */
  constructor(write, mostAtOnce = 1000) {
    this.#write = write;
    this.#mostAtOnce = mostAtOnce;
  }

  /**
   * @param {T} order
   * @returns {Promise<any>}
   */
  add(order) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ order, resolve, reject });
      if (this.#isRunning) return;
      this.#isRunning = true;
      this.#running = this.#run();
    });
  }

  /** Resolves when nothing waits. */
  idle() {
    return this.#running;
  }

  async #run() {
    // What is said in this task belongs together.
    await undefined;
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, this.#mostAtOnce));
    this.#isRunning = false;
  }
}
