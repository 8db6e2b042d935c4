import { Waiting } from "../../tests/support/until.mjs";
import { endOf } from "./servers.mjs";

/** Milliseconds: more than the slowest library takes for anything. */
const longest = 120_000;

/**
 * A socket of one of the libraries, which counts what happens to it. It is closed with the scope.
 */
export class Subject {
  opens = 0;
  closes = 0;
  /** Messages that the library has reported as not delivered. */
  reported = 0;
  /** Numbers that the server has sent, as they were received. */
  numbers = [];
  hasEnded = false;
  #id;
  #server;
  #connection;
  #waiting = new Waiting();

  /**
   * @param server - The client's, of servers.mjs.
   * @param id - Its name at the server.
   * @param options - query: of its URL, behind the id. port: of a proxy. onopen: called with the
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
   * Sends the end, and resolves when both sides have got that of the other, to what the server has
   * handled: { numbers, fed }.
   */
  async end() {
    // A queue that is full is being sent: there is room in a later turn of the event loop.
    while (!this.#connection.send("end")) await new Promise(setImmediate);
    const end = await endOf(this.#server, this.#id, longest);
    await this.until(() => this.hasEnded);
    return end;
  }

  #take(text) {
    // The answer of a heartbeat.
    if (text === "pong") return;
    if (text === "end") this.hasEnded = true;
    else this.numbers.push(Number(text));
    this.#waiting.look();
  }
}
