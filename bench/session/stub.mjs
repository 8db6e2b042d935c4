import { StubWebSocket } from "../stub.mjs";

const acknowledgedEvery = 64;

/** A StubWebSocket that reads the sent data, as real ones do. */
export class ReadingStub extends StubWebSocket {
  isControl = false;

  send(data) {
    super.send(data);
    this.isControl = data.charCodeAt(0) === 0x10;
  }

  deliver(data) {
    // Not an Event object, which takes longer to construct than to handle.
    this.onmessage({ data });
  }

  /** Called between messages, because a server answers in a task of its own. */
  acknowledge() {}
}

/** The same, connected to a server with sessions. */
export class SessionStub extends ReadingStub {
  protocol = "steady.1";
  received = 0;
  /** Bytes of the acknowledgements that were sent. */
  acknowledgementBytes = 0;
  #acknowledged = 0;

  open() {
    super.open();
    this.deliver("\x10G 1 life");
  }

  send(data) {
    super.send(data);
    if (this.isControl) this.#control(data);
    else ++this.received;
  }

  acknowledge() {
    if (this.received - this.#acknowledged < acknowledgedEvery) return;
    this.#acknowledged = this.received;
    this.deliver(`\x10A ${this.received}`);
  }

  #control(frame) {
    const [letter, number] = frame.slice(1).split(" ");
    if (letter === "A") this.acknowledgementBytes += frame.length;
    if (letter === "H") queueMicrotask(() => this.deliver("\x10W life 0 120000"));
    if (letter === "?") queueMicrotask(() => this.deliver(`\x10! ${number} ${this.received} 0`));
  }
}
