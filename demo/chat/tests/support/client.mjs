// A chat client that speaks the protocol by hand.
import WebSocket from "ws";
import { once, Waiting, within } from "../../../../tests/support/until.mjs";

/** The same id of the same author is the same message, also on another connection. */
let lastId = 0;

export class ChatClient {
  /** All messages received, in order. */
  received = [];
  /** The texts of the broadcast messages among these. */
  texts = [];
  socket;
  #closed;
  #next = 0;
  #waiting = new Waiting();
  /** Resolvers that wait for a reply, by its id. */
  #asked = new Map();

  /**
   * Connects, and ends with the test.
   * @param server - anything with a port.
   * @param options - those of `ws`, and `protocols`.
   */
  static async connect(t, server, { protocols = [], ...options } = {}) {
    const client = new ChatClient();
    const url = `ws://127.0.0.1:${server.port}/chat`;
    const socket = new WebSocket(url, protocols, options);
    client.socket = socket;
    t.after(() => socket.terminate());
    socket.on("message", (data) => client.#receive(JSON.parse(data)));
    client.#closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
    await once(socket, "open");
    socket.on("error", () => {});
    return client;
  }

  /** Connects and joins; `welcome` is the reply. */
  static async join(t, server, userName, { key, since, ...options } = {}) {
    const client = await ChatClient.connect(t, server, options);
    client.welcome = await client.ask({ type: "join", userName, key, since });
    return client;
  }

  /** Resolves to the close code and the reason, once closed. */
  get closed() {
    return within(this.#closed, "the end of the connection", () => this.#lastReceived);
  }

  /** Sends an object as JSON, or a string unchanged. */
  send(message) {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends a message with an id, and resolves to its reply. */
  async ask(message) {
    const id = message.id ?? `q${++lastId}`;
    const reply = new Promise((resolve) => this.#asked.set(id, resolve));
    this.send({ ...message, id });
    return within(reply, `the reply to ${JSON.stringify(message)}`, () => this.#lastReceived);
  }

  /** Sends a message to all, and resolves to the reply. */
  says(message, id) {
    return this.ask({ type: "chat-message", message, id });
  }

  /**
   * Resolves to the first message that matches, after the last one returned.
   * @param what - its type, or a function.
   * @param milliseconds - the deadline, if it is not that of other waits.
   */
  async receives(what, milliseconds = undefined) {
    const fits = typeof what === "string" ? ({ type }) => type === what : what;
    const message = await this.#find(this.#next, fits, what, milliseconds);
    this.#next = this.received.indexOf(message) + 1;
    return message;
  }

  /** Skips all messages received so far. */
  forget() {
    this.received.length = 0;
    this.texts.length = 0;
    this.#next = 0;
  }

  /** Resolves when this text was received. */
  receivesText(text) {
    const fits = (received) => received.type === "chat-message" && received.message === text;
    return this.#find(0, fits, `"${text}"`);
  }

  /** Resolves when this many texts were received. */
  receivesTexts(count) {
    return this.#until(() => this.texts.length >= count, `${count} texts`);
  }

  async #find(from, fits, what, milliseconds = undefined) {
    let index = from;
    await this.#until(
      () => {
        while (index < this.received.length && !fits(this.received[index])) ++index;
        return index < this.received.length;
      },
      what,
      milliseconds,
    );
    return this.received[index];
  }

  #until(condition, what, milliseconds = undefined) {
    const describe = () => `that is ${what}; ${this.#lastReceived}`;
    return this.#waiting.until(condition, describe, milliseconds);
  }

  get #lastReceived() {
    return `received ${this.received.length}, of them ${JSON.stringify(this.received.slice(-5))}`;
  }

  #receive(frame) {
    for (const message of Array.isArray(frame) ? frame : [frame]) {
      this.received.push(message);
      this.#asked.get(message.id)?.(message);
      this.#asked.delete(message.id);
      if (message.type === "chat-message") this.texts.push(message.message);
    }
    this.#waiting.look();
  }
}
