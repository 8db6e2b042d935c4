// A strict client of the session protocol for tests of servers, without options and queue limits.
// It throws if the server violates the protocol.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import WebSocket from "ws";

const mark = "\u0010";
const window = 1000;
const retryDelay = 5;
const welcomeTimeout = 1000;
const questionInterval = 50;
const answerTimeout = 250;

export class ReferenceClient {
  /** Called with every message, in order. */
  onmessage = (_data, _number) => {};
  /**
   * Called when the server has lost the session.
   * @param _undelivered - The unacknowledged messages.
   * @param _isKnown - True if none of them was handled; false if some may have been.
   */
  onlost = (_undelivered, _isKnown) => {};
  epoch;
  #url;
  #id = randomBytes(16).toString("base64url");
  #generation = 0;
  #sent = 0;
  /** The unacknowledged messages, { number, data }, with consecutive numbers. */
  #kept = [];
  #received = 0;
  #acknowledged = 0;
  #isStopped = false;
  /** The WebSocket and the state of its connection. */
  #connection;
  #retry;

  constructor(url) {
    this.#url = url;
    this.#connect();
  }

  send(data) {
    this.#kept.push({ number: ++this.#sent, data });
    this.#flush();
  }

  /** Disconnects without ending the session. */
  stop() {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#drop(this.#connection);
  }

  #connect() {
    const webSocket = new WebSocket(this.#url, ["steady.1"], { perMessageDeflate: false });
    const connection = { webSocket, timers: [], question: 0 };
    this.#connection = connection;
    this.#after(connection, welcomeTimeout, () => this.#drop(connection));
    webSocket.on("error", () => {});
    webSocket.on("close", (code) => {
      assert.notEqual(code, 4400, "the server rejected a frame as malformed");
      this.#drop(connection);
    });
    webSocket.on("message", (data, isBinary) => {
      if (connection === this.#connection) this.#read(isBinary ? data : data.toString());
    });
  }

  #after(connection, milliseconds, action) {
    connection.timers.push(setTimeout(action, milliseconds));
  }

  #drop(connection) {
    if (connection === undefined || connection !== this.#connection) return;
    this.#connection = undefined;
    for (const timer of connection.timers) clearTimeout(timer);
    connection.webSocket.terminate();
    if (!this.#isStopped) this.#retry = setTimeout(() => this.#connect(), retryDelay);
  }

  #control(...fields) {
    this.#connection.webSocket.send(mark + fields.join(" "));
  }

  #read(data) {
    if (typeof data === "string" && data.startsWith(mark)) {
      if (data[1] !== mark) {
        this.#readControl(data.slice(1).split(" "));
        return;
      }
      data = data.slice(1);
    }
    const connection = this.#connection;
    if (!connection.isWelcomed || connection.next === undefined) return;
    const number = connection.next++;
    if (number <= this.#received) return;
    this.#received = number;
    this.onmessage(data, number);
    if (connection !== this.#connection) return;
    if (this.#received - this.#acknowledged >= 64) this.#acknowledge();
    else this.#after(connection, 250, () => this.#acknowledge());
  }

  #acknowledge() {
    if (this.#acknowledged === this.#received) return;
    this.#acknowledged = this.#received;
    this.#control("A", this.#received);
  }

  #readControl([letter, ...fields]) {
    const [first, second] = fields.map(Number);
    if (letter === "G") this.#greet(fields[1]);
    else if (letter === "W") this.#welcome(fields[0], second, fields[3]);
    else if (letter === "@") this.#connection.next = first;
    else if (letter === "A") this.#confirm(first);
    else if (letter === "?") this.#control("!", first, this.#received, Date.now());
    else if (letter === "!" && first === this.#connection.question) {
      this.#connection.answered = first;
      this.#confirm(second);
    } else if (letter !== "!") assert.fail(`unexpected frame from the server: ${letter}`);
  }

  #greet(life) {
    const connection = this.#connection;
    connection.isFirst = this.epoch === undefined;
    this.epoch ??= life;
    connection.helloReceived = this.#received;
    this.#control("H", this.#id, this.epoch, ++this.#generation, this.#received);
    if (!connection.isFirst) return;
    connection.cursor = 0;
    connection.numbered = 1;
    this.#flush();
  }

  #welcome(epoch, received, old) {
    const connection = this.#connection;
    connection.isWelcomed = true;
    this.#acknowledged = connection.helloReceived;
    if (epoch === this.epoch) {
      this.#confirm(received);
      connection.next = connection.helloReceived === 0 ? 1 : undefined;
      // After a first hello they have already been sent.
      connection.cursor ??= received;
    } else {
      this.#lose(epoch, old);
      connection.cursor = 0;
      connection.numbered = undefined;
    }
    this.#flush();
    this.#ask();
  }

  #lose(epoch, old) {
    if (old !== undefined) this.#confirm(Number(old));
    const undelivered = this.#kept.map(({ data }) => data);
    this.epoch = epoch;
    this.#kept = [];
    this.#sent = this.#received = this.#acknowledged = 0;
    this.onlost(undelivered, old !== undefined);
  }

  #confirm(number) {
    assert.ok(number <= this.#sent, `the server acknowledges ${number} of ${this.#sent}`);
    while (this.#kept.length > 0 && this.#kept[0].number <= number) this.#kept.shift();
    this.#flush();
  }

  #flush() {
    const connection = this.#connection;
    if (connection?.cursor === undefined) return;
    for (const { number, data } of this.#kept.slice(0, window)) {
      if (number <= connection.cursor) continue;
      if (number !== connection.numbered) this.#control("@", number);
      connection.cursor = number;
      connection.numbered = number + 1;
      connection.webSocket.send(
        typeof data === "string" && data.startsWith(mark) ? mark + data : data,
      );
    }
  }

  #ask() {
    const connection = this.#connection;
    for (const timer of connection.timers.splice(0)) clearTimeout(timer);
    this.#control("?", ++connection.question);
    this.#after(connection, questionInterval, () => {
      if (connection.answered === connection.question) this.#ask();
    });
    this.#after(connection, answerTimeout, () => this.#drop(connection));
  }
}
