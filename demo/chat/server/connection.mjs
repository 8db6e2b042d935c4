// One client's WebSocket: splits frames into requests, and joins messages into frames. Reading
// pauses while too much waits, on either side.
import { WebSocket } from "ws";
import { TokenBucket } from "../../common/bucket.mjs";
import { Inbox } from "./inbox.mjs";
import { batchProtocol, limits, readFrame } from "./protocol.mjs";

/**
 * Limits of the data that a client has not accepted yet, in bytes or, before it is in a frame,
 * characters.
 */
const enoughUnsent = 256 * 1024;
/** Pings that are answered ahead of waiting messages. More of them wait and count as messages. */
const pings = { rate: 10, burst: 60 };

const now = () => performance.now();

/**
 * @typedef {object} ConnectionListener
 * @property {(request: import("./protocol.mjs").Request) => Promise<void> | void} onRequest In
 *   order; the next when the previous promise is fulfilled.
 * @property {(request: import("./protocol.mjs").Request) => void} onPing At once.
 * @property {() => void} onSlow The rate is exceeded. Called once, until a full burst is available
 *   again.
 * @property {() => void} onDrained The send buffer has drained.
 * @property {(code: number) => void} onClose Immediately; up to a frame's worth of received
 *   requests is still processed.
 */

export class Connection {
  #socket;
  #listener;
  #isBatched;
  /** Messages of this task, which are sent together. */
  #batch = [];
  #batchLength = 0;
  #inbox;
  #pings = new TokenBucket({ ...pings, now });
  #isAlive = true;
  /** Resolvers that wait for the send buffer to drain. */
  #waiters = [];

  /**
   * @param {WebSocket} socket
   * @param {{ rate: number, burst: number }} limit Requests per second, and the burst.
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

  /** Received requests are dropped. */
  get isStopped() {
    return this.#inbox.isStopped;
  }

  /** True if the client's send buffer is full; `onDrained` follows. */
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

  /** Pings the client, or terminates the connection if it has not answered the last ping. */
  ping() {
    // A connection that is not read cannot deliver a pong.
    if (this.#socket.isPaused) this.#isAlive = true;
    if (!this.#isAlive) {
      this.#socket.terminate();
      return false;
    }
    this.#isAlive = false;
    this.#socket.ping();
    return true;
  }

  /** Drops received requests that are not processed yet. */
  stop() {
    this.#inbox.stop();
  }

  /** Resolves when all received requests were processed. */
  rested() {
    return this.#inbox.rested();
  }

  /** @param {number} code @param {string} reason */
  close(code, reason) {
    this.#inbox.stop();
    this.#flush();
    this.#socket.close(code, reason);
    // Otherwise the answer would not be read.
    this.#socket.resume();
  }

  #read(data, isBinary) {
    // Ignores what a client sends after it was asked to close.
    if (!this.isOpen) return;
    this.#isAlive = true;
    const requests = readFrame(isBinary ? undefined : String(data), this.#isBatched);
    // A client that sends requests and does not read the answers waits, too.
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
