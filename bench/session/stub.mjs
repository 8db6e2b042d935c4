import { StubWebSocket } from "../stub.mjs";

const acknowledgedEvery = 64;

/** A StubWebSocket whose server has sessions: it acknowledges, and counts what it is acknowledged. */
export class SessionStub extends StubWebSocket {
  protocol = "steady.1";
  received = 0;
  acknowledgements = 0;
  #acknowledged = 0;

  open() {
    super.open();
    this.#deliver("\x10G 1 life");
  }

  #deliver(data) {
    this.onmessage(new MessageEvent("message", { data }));
  }

  send(data) {
    super.send(data);
    if (data[0] === "\x10") this.#control(data);
    else ++this.received;
  }

  /** A server acknowledges in a task of its own: to be called between messages. */
  acknowledge() {
    if (this.received - this.#acknowledged < acknowledgedEvery) return;
    this.#acknowledged = this.received;
    this.#deliver(`\x10A ${this.received}`);
  }

  #control(frame) {
    const [letter, number] = frame.slice(1).split(" ");
    if (letter === "A") ++this.acknowledgements;
    if (letter === "H") queueMicrotask(() => this.#deliver("\x10W life 0 120000"));
    if (letter === "?") queueMicrotask(() => this.#deliver(`\x10! ${number} ${this.received} 0`));
  }
}
