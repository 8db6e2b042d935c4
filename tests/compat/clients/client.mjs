// Shared by the tests of third-party clients.
import { readFileSync } from "node:fs";
import WebSocket from "ws";
import { SteadySocket } from "../../support/package.mjs";
import { quick } from "../../support/sockets.mjs";
import { within } from "../../support/until.mjs";

/** The label of a test's row in the table of docs/reference/compatibility.md. */
export function label(client, server) {
  const file = new URL(`../node_modules/${client}/package.json`, import.meta.url);
  return `Client ${client} ${JSON.parse(readFileSync(file, "utf8")).version} with ${server}`;
}

/**
 * A class for clients that open a new connection when one has ended. Its sockets are recorded in
 * `made`, and closed when the test ends.
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

/** Same with sockets that reconnect by themselves. */
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

/** Records the events of a client, and waits for further ones. */
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

  /** Resolves to the first event added from now on for which `holds` returns true. */
  next(holds = () => true) {
    const event = new Promise((resolve) => this.#waiting.add({ holds, resolve }));
    return within(event, `an event with ${holds}`, () => `so far: ${JSON.stringify(this.all)}`);
  }
}

/** A heartbeat that quickly detects a dead connection by sending this message. */
export const quickHeartbeat = (message) => ({
  heartbeat: { interval: 200, timeout: 1_000, message },
});
