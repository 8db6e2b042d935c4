// Schedules the requests of all connections, and bounds the work under way. Start-time fair
// queueing (Goyal, Vin, Cheng 1996): the flow that has used least is next, so a client that sends
// little does not wait behind those that send at their limit.
import { TimeSlice } from "./time-slice.mjs";

/** A share of the capacity: of one client, or of all joins. */
export class Flow {
  /** The virtual time up to which it has used its share. */
  used = 0;
  weight;

  constructor(weight = 1) {
    this.weight = weight;
  }
}

/**
 * @typedef {object} Ticket
 * @property {() => number} costOf
 * @property {number} start Virtual time; the earliest is next.
 * @property {number} used The flow's earlier use. Of tickets with the same start, the one with the
 *   least is next.
 * @property {(cost: number) => void} resolve
 */

export class FairQueue {
  #capacity;
  #running = 0;
  /** Virtual time: the start of the newest ticket that runs. */
  #time = 0;
  /** @type {Set<Ticket>} */
  #waiting = new Set();
  #slice = new TimeSlice();
  #isDispatching = false;

  /** @param {number} capacity Total cost at one time. A request that costs more runs alone. */
  constructor(capacity) {
    this.#capacity = capacity;
  }

  /**
   * Resolves to the cost when the request may run. `release` gives it back.
   * @param {Flow} flow
   * @param {() => number} costOf Called now, and again when it is next.
   * @returns {Promise<number>}
   */
  acquire(flow, costOf) {
    const { used } = flow;
    const start = Math.max(this.#time, used);
    flow.used = start + costOf() / flow.weight;
    return new Promise((resolve) => {
      this.#waiting.add({ costOf, start, used, resolve });
      if (!this.#isDispatching) void this.#dispatch();
    });
  }

  /** @param {number} cost */
  release(cost) {
    this.#running -= cost;
    if (!this.#isDispatching) void this.#dispatch();
  }

  #hasRoom(cost) {
    return this.#running === 0 || this.#running + cost <= this.#capacity;
  }

  async #dispatch() {
    this.#isDispatching = true;
    this.#slice.begin();
    for (;;) {
      const next = this.#next();
      const cost = next?.costOf();
      if (next === undefined || !this.#hasRoom(cost)) break;
      this.#waiting.delete(next);
      this.#running += cost;
      this.#time = next.start;
      next.resolve(cost);
      // Synchronous work of the request counts against this slice.
      await undefined;
      if (this.#slice.isOver) await this.#slice.yield();
    }
    this.#isDispatching = false;
  }

  #next() {
    let next;
    for (const ticket of this.#waiting) {
      if (next === undefined || isBefore(ticket, next)) next = ticket;
    }
    return next;
  }
}

function isBefore(one, other) {
  return one.start === other.start ? one.used < other.used : one.start < other.start;
}
