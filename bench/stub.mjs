import { handshakeOf } from "./handshakes.mjs";

/** A WebSocket without a network. */
export class StubWebSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static CLOSING = 2;
  static CLOSED = 3;
  /** The last instance. */
  static last;
  /** True if instances open by themselves, false if `open` is called. */
  static opensItself = true;

  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  binaryType = "blob";
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;
  /** Number of sent messages, and the last one. */
  count = 0;
  sent = null;
  #handshake;

  constructor(url) {
    StubWebSocket.last = this;
    this.url = String(url);
    this.#handshake = handshakeOf(this.url);
    if (StubWebSocket.opensItself) queueMicrotask(() => this.open());
  }

  open() {
    this.readyState = 1;
    this.onopen?.(new Event("open"));
    if (this.#handshake?.greeting) this.#deliverText(this.#handshake.greeting);
  }

  #deliverText(data) {
    this.onmessage(new MessageEvent("message", { data }));
  }

  send(data) {
    ++this.count;
    this.sent = data;
    if (this.#handshake) this.#answer(data);
  }

  /** A handshake has a single answer. */
  #answer(data) {
    const answer = this.#handshake.answer(data);
    if (answer === undefined) return;
    this.#handshake = undefined;
    queueMicrotask(() => this.#deliverText(answer));
  }

  close(code = 1005, reason = "") {
    if (this.readyState >= 2) return;
    this.readyState = 3;
    const event = Object.assign(new Event("close"), { code, reason, wasClean: true });
    queueMicrotask(() => this.onclose?.(event));
  }

  /** Every client has one listener per event. */
  addEventListener(type, listener) {
    this[`on${type}`] = listener;
  }

  removeEventListener(type) {
    this[`on${type}`] = null;
  }
}
