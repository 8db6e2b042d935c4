// What the tests of other people's clients share.
import { readFileSync } from "node:fs";
import WebSocket from "ws";
import { SteadySocket } from "../../support/package.mjs";
import { quick } from "../../support/sockets.mjs";
import { within } from "../../support/until.mjs";

/** The row of the table in docs/reference/compatibility.md that a test stands for. */
export function label(client, server) {
  const file = new URL(`../node_modules/${client}/package.json`, import.meta.url);
  return `Client ${client} ${JSON.parse(readFileSync(file, "utf8")).version} with ${server}`;
}

/**
 * A class for clients that make a connection of their own whenever one has ended. Those that it has
 * made are written down, and closed when the test ends.
 */
export function oneConnectionClass(t, options = {}) {
  return class OneConnection extends SteadySocket {
    static made = [];
    constructor(url, protocols) {
      super(url, protocols, { WebSocket, reconnect: false, ...options });
      OneConnection.made.push(this);
      t.after(() => this.close());
    }
  };
}

/** The same, with connections that come back by themselves. */
export function lastingClass(t, options = {}) {
  return class Lasting extends SteadySocket {
    static made = [];
    constructor(url, protocols) {
      super(url, protocols, { WebSocket, reconnect: quick, ...options });
      Lasting.made.push(this);
      t.after(() => this.close());
    }
  };
}

/** The events of a client: those so far, and the next that fits. */
export class EventLog {
  all = [];
  #waiting = new Set();

  add = (value) => {
    this.all.push(value);
    for (const entry of this.#waiting) {
      if (!entry.holds(value)) continue;
      this.#waiting.delete(entry);
      entry.resolve(value);
    }
  };

  /** Resolves to the next event for which `holds` returns true, of those added from now on. */
  next(holds = () => true) {
    const event = new Promise((resolve) => this.#waiting.add({ holds, resolve }));
    return within(event, `an event with ${holds}`, () => `so far: ${JSON.stringify(this.all)}`);
  }
}

/** A heartbeat that soon finds a dead connection, by this message. */
export const quickHeartbeat = (message) => ({
  heartbeat: { interval: 200, timeout: 1_000, message },
});
