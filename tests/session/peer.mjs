// An in-memory peer of a server's WebSocket, which records the frames sent to the client.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { mock } from "node:test";
import { createSessions } from "./package.mjs";

export const control = (...fields) => `\x10${fields.join(" ")}`;

/** Returns a session id derived from the name. */
export const idOf = (name) => name.padEnd(22, "-").slice(0, 22);

/** A WebSocket with the interface of the `ws` package, which delivers text as a Buffer. */
export class Peer extends EventEmitter {
  protocol;
  /** Frames sent by the server, with "^" in place of U+0010. */
  frames = [];
  /** Code and reason of the server's close, as in "4400 reason". */
  end;

  constructor(protocol = "steady.1") {
    super();
    this.protocol = protocol;
  }

  // The server's methods.
  send(data) {
    assert.equal(this.end, undefined, "frame sent after the close");
    this.frames.push(typeof data === "string" ? data.replaceAll("\x10", "^") : data);
  }

  close(code = 1005, reason = "") {
    this.end ??= `${code} ${reason}`.trim();
  }

  // The client's methods.
  /** Sends control and text frames, with "^" in place of U+0010. */
  sendFrames(...frames) {
    for (const frame of frames) {
      this.emit("message", Buffer.from(frame.replaceAll("^", "\x10")), false);
    }
  }

  sendBinary(...bytes) {
    this.emit("message", Buffer.from(bytes), true);
  }

  /** Loses the connection; the server receives a close event. */
  cut() {
    this.emit("close", 1006, "");
  }

  get life() {
    return /^\^G 1 (\S+)/.exec(this.frames[0])[1];
  }

  /** Removes and returns the frames that the server has sent. */
  takeFrames() {
    return this.frames.splice(0);
  }
}

/** Returns a peer that `sessions` has accepted. */
export function connect(sessions, options) {
  const peer = new Peer();
  sessions.accept(peer, options);
  return peer;
}

/** A client of a session: sends the matching hello on every new connection. */
export class TestClient {
  epoch;
  generation = 0;
  id;
  constructor(name = "session") {
    this.id = idOf(name);
  }

  /** Connects, and sends a hello and the frames of `send`. Returns the peer, with its `welcome`. */
  connect(sessions, { received = 0, options = undefined, send = [] } = {}) {
    const peer = connect(sessions, options);
    this.epoch ??= peer.life;
    peer.sendFrames(`^H ${this.id} ${this.epoch} ${++this.generation} ${received}`, ...send);
    peer.welcome = peer.frames[1];
    return peer;
  }
}

/** Options for sessions whose events are recorded in `log`. */
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

/** A server whose sessions record their events: see `recording`. */
export function start(options) {
  const record = recording(options);
  return { ...record, sessions: createSessions(record.options) };
}

/** Enables virtual time for one test. Returns a function that advances it. */
export function freezeTime(t) {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  return (milliseconds) => mock.timers.tick(milliseconds);
}
