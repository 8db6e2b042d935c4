// A minimal client of docs/design/session-protocol.md, over any link.

/**
 * Sends every message until it is acknowledged. A message whose fate is unknown after a loss is
 * reported to `onunconfirmed(text)`.
 */
export class Client {
  onmessage = (_text) => {};
  onunconfirmed = (_text) => {};
  /** Number of sessions that the server has lost. */
  losses = 0;
  #makeId;
  #link;
  /** Whether frames may be sent, and whether W was received. */
  #isOpen = false;
  #isWelcomed = false;
  // The session.
  #id;
  #epoch;
  #generation = 0;
  #isFirst = true;
  // To the server.
  #kept = [];
  #sent = 0;
  #outgoing;
  // From the server.
  #received = 0;
  #incoming;

  constructor(makeId) {
    this.#makeId = makeId;
    this.#reset();
  }

  get id() {
    return this.#id;
  }

  get isConnected() {
    return this.#link !== undefined;
  }

  get unacknowledged() {
    return this.#kept.length;
  }

  /** @param link - `send(frame)` and `close()`. Frames of this link go to `take`. */
  connect(link) {
    this.#link = link;
    this.#isOpen = this.#isWelcomed = false;
    this.#outgoing = this.#incoming = undefined;
  }

  disconnect() {
    this.#link = undefined;
    this.#isOpen = this.#isWelcomed = false;
  }

  /**
   * @param isVolatile - Not kept: leaves a gap if it is lost, and is not sent without a connection.
   */
  send(text, isVolatile = false) {
    if (isVolatile && !this.#isOpen) return;
    const message = { number: ++this.#sent, text };
    if (!isVolatile) this.#kept.push(message);
    if (this.#isOpen) this.#put(message);
  }

  /** Ends the session; the next connection begins another one. */
  leave() {
    if (!this.#isOpen) return;
    this.#control("X");
    this.#end();
  }

  acknowledge() {
    if (this.#isWelcomed) this.#control("A", this.#received);
  }

  /** Receives a frame, also of a link that was replaced. */
  take(link, frame) {
    if (link !== this.#link) return;
    if (!frame.startsWith("\x10") || frame.startsWith("\x10", 1)) {
      this.#message(frame);
      return;
    }
    const [type, ...fields] = frame.slice(1).split(" ");
    if (type === "G") this.#greet(fields[1]);
    else if (type === "W") this.#welcome(fields[0], Number(fields[1]), fields[3]);
    else if (type === "@") this.#incoming = Number(fields[0]);
    else if (type === "A") this.#acknowledged(Number(fields[0]));
    else if (type === "X") this.#end();
    else throw new Error(`unexpected frame: ${type}`);
  }

  #greet(life) {
    this.#epoch ??= life;
    this.#control("H", this.#id, this.#epoch, ++this.#generation, this.#received);
    if (!this.#isFirst) return;
    this.#isFirst = false;
    this.#outgoing = this.#kept[0]?.number ?? this.#sent + 1;
    // Volatile messages that were not sent have no number, so the first one is 1.
    if (this.#outgoing !== 1) throw new Error("a new session begins with 1");
    this.#isOpen = true;
    for (const message of this.#kept) this.#put(message);
  }

  #welcome(epoch, received, old) {
    this.#isWelcomed = true;
    const wasOpen = this.#isOpen;
    this.#isOpen = true;
    if (epoch !== this.#epoch) {
      this.#lose(epoch, old);
      this.#outgoing = undefined;
    } else {
      this.#acknowledged(received);
      if (wasOpen) return;
    }
    for (const message of this.#kept) this.#put(message);
  }

  /** Resets both counters, and resends the messages that were certainly not handled. */
  #lose(epoch, old) {
    ++this.losses;
    this.#epoch = epoch;
    const kept = this.#kept;
    this.#kept = [];
    this.#sent = this.#received = 0;
    for (const { number, text } of kept) {
      if (old === undefined) this.onunconfirmed(text);
      else if (number > Number(old)) this.#kept.push({ number: ++this.#sent, text });
    }
  }

  #acknowledged(number) {
    this.#kept = this.#kept.filter((message) => message.number > number);
  }

  #message(text) {
    if (this.#incoming === undefined) return;
    const number = this.#incoming++;
    if (number <= this.#received) return;
    this.#received = number;
    this.onmessage(text.startsWith("\x10") ? text.slice(1) : text);
  }

  #put({ number, text }) {
    if (this.#outgoing !== number) this.#control("@", number);
    this.#outgoing = number + 1;
    this.#link.send(text.startsWith("\x10") ? `\x10${text}` : text);
  }

  #control(...fields) {
    this.#link.send(`\x10${fields.join(" ")}`);
  }

  #end() {
    const link = this.#link;
    this.disconnect();
    for (const { text } of this.#kept) this.onunconfirmed(text);
    this.#reset();
    link.close();
  }

  #reset() {
    this.#id = this.#makeId();
    this.#epoch = undefined;
    this.#generation = 0;
    this.#isFirst = true;
    this.#kept = [];
    this.#sent = this.#received = 0;
  }
}
