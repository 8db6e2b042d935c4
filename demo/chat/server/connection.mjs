// One client's WebSocket: frames are taken apart into requests, and messages put into frames. It is
// not read while too much waits, on either side.
import { WebSocket } from "ws";
import { TokenBucket } from "../../common/bucket.mjs";
import { Inbox } from "./inbox.mjs";
import { batchProtocol, limits, readFrame } from "./protocol.mjs";

/** What a client has not taken yet, in bytes or, of what is not in a frame yet, characters. */
const enoughUnsent = 256 * 1024;
/** Pings that are answered ahead of what waits. More of them wait, and count, as messages do. */
const pings = { rate: 10, burst: 60 };

const now = () => performance.now();

/**
 * @typedef {object} ConnectionListener
 * @property {(request: import("./protocol.mjs").Request) => Promise<void> | void} onRequest In their
 *   order, the next when the promise of the one before is fulfilled.
 * @property {(request: import("./protocol.mjs").Request) => void} onPing At once.
 * @property {() => void} onSlow More comes than the rate allows. Once, until a whole burst may come
 *   again.
 * @property {() => void} onDrained There is room for more to send.
 * @property {(code: number) => void} onClose At once; a frame's worth of what was received is still
 *   worked on.
 */

export class Connection {
  #socket;
  #listener;
  #isBatched;
  /** Texts of this task, which leave together. */
  #batch = [];
  #batchLength = 0;
  #inbox;
  #pings = new TokenBucket({ ...pings, now });
  #isAlive = true;
  /** Those who wait until there is room for more to send. */
  #waiters = [];

  /**
   * @param {WebSocket} socket
   * @param {{ rate: number, burst: number }} limit Requests a second, and at once.
   * @param {ConnectionListener} listener
   */
  constructor(socket, limit, listener) {
    this.#socket = socket;
    this.#listener = listener;
    this.#isBatched = socket.protocol === batchProtocol;
    const bucket = new TokenBucket({ ...limit, now });
    this.#inbox = new Inbox(bucket, {
      work: (request) => this.#work(request),
      onSlow: () => listener.onSlow(),
      onLess: () => this.#regulate(),
    });
    socket.on("message", (data, isBinary) => this.#read(data, isBinary));
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    socket.on("close", (code) => {
      this.#wake();
      this.#inbox.end();
      listener.onClose(code);
    });
    // A broken frame or a reset connection; `close` follows.
    socket.on("error", () => {});
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** What was received is dropped. */
  get isStopped() {
    return this.#inbox.isStopped;
  }

  /** Whether the client has enough to take; `onDrained` tells when not any more. */
  get isBacked() {
    return this.#socket.bufferedAmount + this.#batchLength >= enoughUnsent;
  }

  /** @param {string} text JSON. */
  send(text) {
    if (!this.isOpen) return;
    if (!this.#isBatched) {
      this.#sendFrame(text);
      return;
    }
    if (this.#batch.length === limits.batch) this.#flush();
    this.#batchLength += text.length;
    if (this.#batch.push(text) === 1) setImmediate(() => this.#flush());
  }

  /** Asks for a sign of life, or ends the connection if none came since the last time. */
  ping() {
    // What is not read cannot answer.
    if (this.#socket.isPaused) this.#isAlive = true;
    if (!this.#isAlive) {
      this.#socket.terminate();
      return false;
    }
    this.#isAlive = false;
    this.#socket.ping();
    return true;
  }

  /** Drops what was received and is not worked on yet. */
  stop() {
    this.#inbox.stop();
  }

  /** Resolves when all that was received was worked on. */
  rested() {
    return this.#inbox.rested();
  }

  /** @param {number} code @param {string} reason */
  close(code, reason) {
    this.#inbox.stop();
    this.#flush();
    this.#socket.close(code, reason);
    // Or the answer would not be read.
    this.#socket.resume();
  }

  #read(data, isBinary) {
    // Not what a client still says after it was told to go.
    if (!this.isOpen) return;
    this.#isAlive = true;
    const requests = readFrame(isBinary ? undefined : String(data), this.#isBatched);
    // Who asks and does not take the answers waits, too.
    const isAtOnce = (request) => request.type === "ping" && !this.isBacked && this.#pings.take();
    for (const request of requests) {
      if (isAtOnce(request)) this.#listener.onPing(request);
      else this.#inbox.push(request);
    }
    this.#regulate();
  }

  async #work(request) {
    while (this.isOpen && this.isBacked) {
      await new Promise((resolve) => this.#waiters.push(resolve));
    }
    await this.#listener.onRequest(request);
  }

  #regulate() {
    if (!this.isOpen || this.#inbox.isFull === this.#socket.isPaused) return;
    if (this.#inbox.isFull) this.#socket.pause();
    else this.#socket.resume();
  }

  #flush() {
    const texts = this.#batch;
    if (texts.length === 0) return;
    this.#batch = [];
    this.#batchLength = 0;
    this.#sendFrame(texts.length === 1 ? texts[0] : `[${texts.join()}]`);
  }

  #sendFrame(text) {
    this.#socket.send(text, () => {
      if (!this.isOpen || this.isBacked) return;
      this.#wake();
      this.#listener.onDrained();
    });
  }

  #wake() {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}
