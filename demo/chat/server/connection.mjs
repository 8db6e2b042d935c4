// One client's connection. Messages are JSON, one to a frame, or several in an array if the client
// has offered the subprotocol for that.
import { WebSocket } from "ws";

/** The subprotocol of those who understand arrays. */
export const batchProtocol = "chat.batch";

const limits = {
  /** Messages in a frame. */
  batch: 64,
  /** A client who reads too slowly is not waited for. */
  unsentBytes: 1 << 20,
};

export class Client {
  #socket;
  #isBatched;
  /** Texts of this task, which leave together. */
  #batch = [];

  /**
   * @param {WebSocket} socket
   * @param {(message: unknown) => void} onMessage Is given `undefined` for what is not JSON.
   * @param {() => void} onClose
   */
  constructor(socket, onMessage, onClose) {
    this.#socket = socket;
    this.#isBatched = socket.protocol === batchProtocol;
    socket.on("message", (data, isBinary) => {
      for (const message of this.#messagesIn(isBinary ? undefined : data)) {
        // Not what a client still says after it was told to go.
        if (socket.readyState === WebSocket.OPEN) onMessage(message);
      }
    });
    socket.on("close", onClose);
    // A broken frame or a reset connection; `close` follows.
    socket.on("error", () => {});
  }

  /** @param {string} text JSON. */
  send(text) {
    if (this.#socket.bufferedAmount > limits.unsentBytes) {
      this.#socket.terminate();
    } else if (!this.#isBatched) {
      this.#socket.send(text);
    } else {
      if (this.#batch.length === limits.batch) this.#flush();
      if (this.#batch.push(text) === 1) setImmediate(() => this.#flush());
    }
  }

  close(code, reason) {
    this.#flush();
    this.#socket.close(code, reason);
  }

  #messagesIn(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {}
    const isBatch = this.#isBatched && Array.isArray(message);
    return isBatch && message.length <= limits.batch ? message : [message];
  }

  #flush() {
    const texts = this.#batch;
    if (texts.length === 0) return;
    this.#batch = [];
    this.#socket.send(texts.length === 1 ? texts[0] : `[${texts.join()}]`);
  }
}
