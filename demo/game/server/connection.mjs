// One client's WebSocket: what it says, how fast it may, and what it is told if it is slow.
import { WebSocket } from "ws";
import { TokenBucket } from "../../common/bucket.mjs";
import { closeCodes, problem, readInput, readRequest } from "./protocol.mjs";

/** Messages of any kind a second, and at once. */
const rate = { rate: 60, burst: 300 };
/** Bytes that a client has not taken: with more it is told no states, with far more it is cut. */
const unsent = { enough: 32 * 1024, tooMuch: 1024 * 1024 };

/** Milliseconds in which a client has to have joined. */
const joinTime = 10_000;

const now = () => performance.now();

/**
 * @typedef {object} ConnectionListener
 * @property {(request: import("./protocol.mjs").Request) => void} onRequest
 * @property {(input: { sequence: number, dx: number, dy: number }) => void} onInput
 * @property {() => void} onClose
 */

export class Connection {
  #socket;
  #listener;
  #bucket = new TokenBucket({ ...rate, now });
  #isAlive = true;
  #unjoined;
  /** States that it was not told, since it had not taken those before. */
  skipped = 0;

  /**
   * @param {WebSocket} socket
   * @param {ConnectionListener} listener
   */
  constructor(socket, listener) {
    this.#socket = socket;
    this.#listener = listener;
    socket.on("message", (data, isBinary) => this.#read(data, isBinary));
    socket.on("pong", () => {
      this.#isAlive = true;
    });
    this.#unjoined = setTimeout(() => this.close(closeCodes.refused, "no join"), joinTime);
    socket.on("close", () => {
      clearTimeout(this.#unjoined);
      listener.onClose();
    });
    // A broken frame or a reset connection; `close` follows.
    socket.on("error", () => {});
  }

  get isOpen() {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** It is somebody's. */
  joined() {
    clearTimeout(this.#unjoined);
  }

  /** @param {object} message */
  send(message) {
    this.sendText(JSON.stringify(message));
  }

  /** @param {string} text JSON. */
  sendText(text) {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > unsent.tooMuch) this.#socket.terminate();
    else this.#socket.send(text);
  }

  /** The newest is enough: one that is still on its way is not followed by more. */
  sendState(data) {
    if (!this.isOpen) return;
    if (this.#socket.bufferedAmount > unsent.enough) this.skipped += 1;
    else this.#socket.send(data);
  }

  /** Asks for a sign of life, or ends the connection if none came since the last time. */
  ping() {
    if (!this.#isAlive) {
      this.#socket.terminate();
      return;
    }
    this.#isAlive = false;
    this.#socket.ping();
  }

  close(code, reason) {
    this.#socket.close(code, reason);
  }

  #read(data, isBinary) {
    // Not what a client still says after it was told to go.
    if (!this.isOpen) return;
    this.#isAlive = true;
    if (!this.#bucket.take()) {
      this.close(closeCodes.tooFast, "too many messages");
    } else if (isBinary) {
      const input = readInput(data);
      if (input === undefined) this.send(problem("malformed", "no input"));
      else this.#listener.onInput(input);
    } else {
      this.#readText(String(data));
    }
  }

  #readText(text) {
    const { request, problem: found } = readRequest(text);
    if (found !== undefined) this.#tellProblem(found);
    else this.#listener.onRequest(request);
  }

  #tellProblem(found) {
    this.send(found);
    // It would come again with every connection.
    if (found.error.code === "bad_name") this.close(closeCodes.refused, found.error.message);
  }
}
