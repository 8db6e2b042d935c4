// Delivers new entries to all listeners round robin, in time slices. Each listener keeps its own
// cursor, so delivery can stop anywhere and continue later.
import { TimeSlice } from "./time-slice.mjs";

/** @template Listener */
export class Broadcaster {
  #listeners;
  #deliver;
  /** Listeners that are behind, and markers between them. @type {Set<Listener | ((_?: any) => void)>} */
  #queue = new Set();
  #hasNews = false;
  #slice = new TimeSlice();
  #isRunning = false;

  /**
   * @param {object} options
   * @param {() => Iterable<Listener>} options.listeners All of them.
   * @param {(listener: Listener) => Iterable<void>} options.deliver Delivers the pending entries in
   *   steps: after each the event loop may run.
   */
  constructor({ listeners, deliver }) {
    this.#listeners = listeners;
    this.#deliver = deliver;
  }

  /** Schedules delivery to all listeners. */
  publish() {
    this.#hasNews = true;
    this.#start();
  }

  /** Schedules delivery to one listener. @param {Listener} listener */
  add(listener) {
    this.#queue.add(listener);
    this.#start();
  }

  /**
   * Resolves when everything published so far is delivered, except to listeners that are backed up.
   */
  async delivered() {
    if (!this.#isRunning) return;
    this.#spread();
    await new Promise((resolve) => this.#queue.add(resolve));
  }

  #start() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  async #run() {
    // Entries that are written together are delivered together.
    await this.#slice.yield();
    for (;;) {
      this.#spread();
      const [next] = this.#queue;
      if (next === undefined) break;
      this.#queue.delete(next);
      await this.#serve(next);
    }
    this.#isRunning = false;
  }

  async #serve(next) {
    if (typeof next === "function") {
      next();
      return;
    }
    for (const _ of this.#deliver(next)) if (this.#slice.isOver) await this.#slice.yield();
  }

  #spread() {
    if (!this.#hasNews) return;
    this.#hasNews = false;
    for (const listener of this.#listeners()) this.#queue.add(listener);
  }
}
