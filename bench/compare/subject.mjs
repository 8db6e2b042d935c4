import { Waiting } from "../../tests/support/until.mjs";
import { endOf } from "./servers.mjs";

/** Milliseconds: longer than any library takes for a step. */
const longest = 120_000;

/**
 * A socket of one of the libraries, with counters of its events. Closed with the scope.
 */
export class Subject {
  opens = 0;
  closes = 0;
  /** Messages that the library has reported as not delivered. */
  reported = 0;
  /** Numbers of the server, in the order of arrival. */
  numbers = [];
  hasEnded = false;
  #id;
  #server;
  #connection;
  #waiting = new Waiting();

  /**
   * @param server - The server of the client, from servers.mjs.
   * @param id - Its name at the server.
   * @param options - query: appended to the URL. port: that of a proxy. onopen: called with the
   *   subject. token: see clients.mjs.
   */
  constructor(scope, client, server, id, { query = "", port = server.port, onopen, token } = {}) {
    this.#id = id;
    this.#server = server;
    this.#connection = client.connect({
      url: `ws://127.0.0.1:${port}/?id=${encodeURIComponent(id)}${query}`,
      token,
      onopen: () => {
        ++this.opens;
        this.#waiting.look();
        onopen?.(this);
      },
      onclose: () => {
        ++this.closes;
        this.#waiting.look();
      },
      onmessage: (text) => this.#take(text),
      onreported: (text) => {
        if (text !== "end") ++this.reported;
      },
    });
    scope.after(() => this.#connection.close());
  }

  get isOpen() {
    return this.#connection.isOpen();
  }

  send(number) {
    this.#connection.send(String(number));
  }

  reconnect() {
    this.#connection.reconnect();
  }

  until(condition) {
    const describe = () => `${this.#id}: opened ${this.opens}, closed ${this.closes} times`;
    return this.#waiting.until(condition, describe, longest);
  }

  /**
   * Sends "end", and resolves when both sides have received that of the other, to the messages that
   * the server has handled: { numbers, fed }.
   */
  async end() {
    // A full queue is being flushed, and has room in a later turn of the event loop.
    while (!this.#connection.send("end")) await new Promise(setImmediate);
    const end = await endOf(this.#server, this.#id, longest);
    await this.until(() => this.hasEnded);
    return end;
  }

  #take(text) {
    // The reply to a heartbeat.
    if (text === "pong") return;
    if (text === "end") this.hasEnded = true;
    else this.numbers.push(Number(text));
    this.#waiting.look();
  }
}
