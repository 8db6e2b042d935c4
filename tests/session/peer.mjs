// The other end of a server's WebSocket, in memory: what it writes down is what was sent to a client.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mock } from "node:test";
import { createSessions } from "./package.mjs";

export const control = (...fields) => `\x10${fields.join(" ")}`;

/** A session's id, different for every name. */
export const idOf = (name) => name.padEnd(22, "-").slice(0, 22);

/** A WebSocket with the interface of the `ws` package. Text arrives as a Buffer, as there. */
export class Peer extends EventEmitter {
  protocol;
  /** Frames that the server has sent: control frames with "^" in the place of U+0010. */
  heard = [];
  /** How the server has ended the connection: "4400 reason", or undefined. */
  end;

  constructor(protocol = "steady.1") {
    super();
    this.protocol = protocol;
  }

  // The server's side.
  send(data) {
    assert.equal(this.end, undefined, "nothing is sent after the end");
    this.heard.push(typeof data === "string" ? data.replaceAll("\x10", "^") : data);
  }

  close(code = 1005, reason = "") {
    this.end ??= `${code} ${reason}`.trim();
  }

  // The client's side.
  /** Sends control frames and text, "^" in the place of U+0010. */
  say(...frames) {
    for (const frame of frames) {
      this.emit("message", Buffer.from(frame.replaceAll("^", "\x10")), false);
    }
  }

  sayBinary(...bytes) {
    this.emit("message", Buffer.from(bytes), true);
  }

  /** The connection is lost, and the server notices. */
  cut() {
    this.emit("close", 1006, "");
  }

  get life() {
    return /^\^G 1 (\S+)/.exec(this.heard[0])[1];
  }

  /** What the server has sent since the last look. */
  news() {
    return this.heard.splice(0);
  }
}

/** A peer that `sessions` has accepted. */
export function connect(sessions, options) {
  const peer = new Peer();
  sessions.accept(peer, options);
  return peer;
}

/** A client's place in a session: says the right hello on every new connection. */
export class Place {
  epoch;
  generation = 0;
  id;
  constructor(name = "session") {
    this.id = idOf(name);
  }

  /** Connects, says hello, and checks that this is welcomed, by the same epoch unless told otherwise. */
  enter(sessions, { received = 0, options = undefined, behind = [] } = {}) {
    const peer = connect(sessions, options);
    this.epoch ??= peer.life;
    peer.say(`^H ${this.id} ${this.epoch} ${++this.generation} ${received}`, ...behind);
    peer.welcome = peer.heard[1];
    return peer;
  }
}

/** Options whose sessions write down all that happens, in `log`. */
export function recording(options = {}) {
  const log = [];
  const made = [];
  const onsession = (session) => {
    made.push(session);
    session.onmessage = (data, number) => {
      log.push(`${number} ${typeof data === "string" ? data : `bytes ${new Uint8Array(data)}`}`);
    };
    session.onend = (reason, undelivered) => {
      log.push(`${reason}${undelivered.map(({ number, data }) => ` ${number}:${data}`).join("")}`);
    };
    return options.onsession?.(session);
  };
  return { log, made, options: { ...options, onsession } };
}

/** A server whose sessions write down all that happens: see `recording`. */
export function start(options) {
  const record = recording(options);
  return { ...record, sessions: createSessions(record.options) };
}

/** Virtual time for one test. Returns a function that passes some. */
export function freezeTime(t) {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  return (milliseconds) => mock.timers.tick(milliseconds);
}
