// A client of the session protocol for tests of servers: no options, no queue limits, no mercy. What
// it finds wrong with the server it throws.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import WebSocket from "ws";

const mark = "\u0010";
const window = 1000;
const retryAfter = 5;
const welcomeWithin = 1000;
const questionEvery = 50;
const answerWithin = 250;

export class ReferenceClient {
  /** Is called with every message, in order. */
  onmessage = (_data, _number) => {};
  /**
   * Is called when the server has lost the session.
   * @param _undelivered - What it did not acknowledge.
   * @param _isKnown - Whether none of that was handled; otherwise nobody knows.
   */
  onlost = (_undelivered, _isKnown) => {};
  epoch;
  #url;
  #id = randomBytes(16).toString("base64url");
  #generation = 0;
  #sent = 0;
  /** What is not acknowledged: { number, data }, without holes. */
  #kept = [];
  #received = 0;
  #acknowledged = 0;
  #isStopped = false;
  /** The WebSocket, and all that is forgotten with it. */
  #now;
  #retry;

  constructor(url) {
    this.#url = url;
    this.#connect();
  }

  send(data) {
    this.#kept.push({ number: ++this.#sent, data });
    this.#flush();
  }

  /** Leaves without a goodbye. */
  stop() {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#drop(this.#now);
  }

  #connect() {
    const webSocket = new WebSocket(this.#url, ["steady.1"], { perMessageDeflate: false });
    const now = { webSocket, timers: [], question: 0 };
    this.#now = now;
    this.#after(now, welcomeWithin, () => this.#drop(now));
    webSocket.on("error", () => {});
    webSocket.on("close", (code) => {
      assert.notEqual(code, 4400, "the server calls a frame malformed");
      this.#drop(now);
    });
    webSocket.on("message", (data, isBinary) => {
      if (now === this.#now) this.#read(isBinary ? data : data.toString());
    });
  }

  #after(now, milliseconds, action) {
    now.timers.push(setTimeout(action, milliseconds));
  }

  #drop(now) {
    if (now === undefined || now !== this.#now) return;
    this.#now = undefined;
    for (const timer of now.timers) clearTimeout(timer);
    now.webSocket.terminate();
    if (!this.#isStopped) this.#retry = setTimeout(() => this.#connect(), retryAfter);
  }

  #control(...fields) {
    this.#now.webSocket.send(mark + fields.join(" "));
  }

  #read(data) {
    if (typeof data === "string" && data.startsWith(mark)) {
      if (data[1] !== mark) {
        this.#readControl(data.slice(1).split(" "));
        return;
      }
      data = data.slice(1);
    }
    const now = this.#now;
    if (!now.isWelcome || now.next === undefined) return;
    const number = now.next++;
    if (number <= this.#received) return;
    this.#received = number;
    this.onmessage(data, number);
    if (now !== this.#now) return;
    if (this.#received - this.#acknowledged >= 64) this.#acknowledge();
    else this.#after(now, 250, () => this.#acknowledge());
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
    else if (letter === "@") this.#now.next = first;
    else if (letter === "A") this.#confirm(first);
    else if (letter === "?") this.#control("!", first, this.#received, Date.now());
    else if (letter === "!" && first === this.#now.question) {
      this.#now.answered = first;
      this.#confirm(second);
    } else if (letter !== "!") assert.fail(`a frame ${letter} of the server`);
  }

  #greet(life) {
    const now = this.#now;
    now.isFirst = this.epoch === undefined;
    this.epoch ??= life;
    now.hello = this.#received;
    this.#control("H", this.#id, this.epoch, ++this.#generation, this.#received);
    if (!now.isFirst) return;
    now.cursor = 0;
    now.numbered = 1;
    this.#flush();
  }

  #welcome(epoch, received, old) {
    const now = this.#now;
    now.isWelcome = true;
    this.#acknowledged = now.hello;
    if (epoch === this.epoch) {
      this.#confirm(received);
      now.next = now.hello === 0 ? 1 : undefined;
      // Behind a first hello it has been sent already.
      now.cursor ??= received;
    } else {
      this.#lose(epoch, old);
      now.cursor = 0;
      now.numbered = undefined;
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
    const now = this.#now;
    if (now?.cursor === undefined) return;
    for (const { number, data } of this.#kept.slice(0, window)) {
      if (number <= now.cursor) continue;
      if (number !== now.numbered) this.#control("@", number);
      now.cursor = number;
      now.numbered = number + 1;
      now.webSocket.send(typeof data === "string" && data.startsWith(mark) ? mark + data : data);
    }
  }

  #ask() {
    const now = this.#now;
    for (const timer of now.timers.splice(0)) clearTimeout(timer);
    this.#control("?", ++now.question);
    this.#after(now, questionEvery, () => {
      if (now.answered === now.question) this.#ask();
    });
    this.#after(now, answerWithin, () => this.#drop(now));
  }
}
