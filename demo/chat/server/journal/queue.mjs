// The queue of writes: one batch is in progress at a time, and the next contains everything that
// arrived meanwhile, in order. Batches therefore grow with the load.

/**
 * @template T
 * @typedef {object} Waiting
 * @property {T} order The order.
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

  /** Resolves when the queue is empty. */
  idle() {
    return this.#running;
  }

  async #run() {
    // Messages of one task belong together.
    await undefined;
    while (this.#waiting.length > 0) await this.#write(this.#waiting.splice(0, this.#mostAtOnce));
    this.#isRunning = false;
  }
}
