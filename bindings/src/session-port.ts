// The part of a kernel's port that a session concerns: docs/design/session-protocol.md.
import { InputKind, TransportSend } from "./codes.gen.js";
import { KernelBasePort } from "./kernel.js";
import { Outgoing } from "./outgoing.js";
import { exactSize, type WireData } from "./payload.js";
import { escaped, isMarked, malformed, receipt, SessionFrames } from "./session.js";
import { type Connection, transmit } from "./web.js";

/** A port whose connections may belong to a session. */
export abstract class SessionPort extends KernelBasePort {
  connection: Connection | undefined;
  /** Messages sent within the grant and not reported to the kernel. */
  sent: WireData[] = [];
  /** Defined while the connection has a session. */
  session: SessionFrames | undefined;
  /** The number of the last connection attempt. */
  attempt = 0;
  readonly outgoing = new Outgoing();
  readonly #frames = new SessionFrames();

  /** Called when the server has agreed to a session. */
  useSession(): void {
    this.session = this.#frames;
  }

  /** Called when the connection was abandoned. */
  leaveSession(): void {
    this.session = undefined;
    this.#frames.begin();
  }

  // --- Sending. ---

  reportSent(): void {
    if (this.sent.length === 0) return;
    const messages = this.sent;
    this.sent = [];
    const { session } = this;
    // With an empty buffer all of them have been transmitted.
    if (!session && this.amount() === 0) return;
    let number = session?.reported(messages.length) ?? 0;
    for (const message of messages) {
      const size = exactSize(message);
      this.inputAnytime(InputKind.sent, this.outgoing.add(message), size, 0, number);
      if (session) ++number;
    }
  }

  /** Sends a frame with a number in the session, or 0. Returns a TransportSend. */
  sendFrame(data: unknown, number: number): number {
    const { session } = this;
    if (!session) return this.#transmit(data);
    if (number > 0 && number !== session.next) this.sendControl("@", number);
    const result = this.#transmit(escaped(data));
    if (number > 0 && result === TransportSend.taken) ++session.next;
    return result;
  }

  /** Carries out CommandKind.hello and control. */
  sendControl(letter: string, first: number, second = 0, reason = ""): void {
    this.#transmit(this.#frames.control(letter, first, second, reason));
  }

  sayHello(generation: number, isNew: boolean): void {
    this.#transmit(this.#frames.hello(generation, isNew));
  }

  #transmit(data: unknown): number {
    return transmit(this.connection?.socket ?? null, data);
  }

  // --- Receiving. ---

  received(): number {
    return this.#frames.received;
  }

  override message(data: string | ArrayBuffer): void {
    const { session } = this;
    if (session === undefined) super.message(data);
    else if (typeof data !== "string" || !isMarked(data, 0)) this.#count(session, data);
    else if (isMarked(data, 1)) this.#count(session, data.slice(1));
    else this.#control(session, data);
  }

  /** Dispatches a message, and reports it to the kernel when an acknowledgement may be due. */
  #count(session: SessionFrames, data: string | ArrayBuffer): void {
    const number = session.expected;
    if (number === 0) {
      super.message(data);
      return;
    }
    if (number > Number.MAX_SAFE_INTEGER) {
      this.#give(malformed);
      return;
    }
    session.expected = number + 1;
    // Was received before, or has no number yet (NaN).
    if (!(number > session.received)) return;
    super.message(data);
    const hasManyBytes = session.handled(number, data);
    if ((number >= this.receiptDue || hasManyBytes) && this.host !== 0) {
      this.inputUnreported(InputKind.received, Number(hasManyBytes), 0);
      this.drain();
    }
  }

  #control(session: SessionFrames, frame: string): void {
    const numbers = session.read(frame);
    if (numbers === undefined) return;
    const [letter, c = 0, d = 0, e = 0] = numbers;
    if (letter !== receipt) {
      this.#give(letter, c, d, e);
      return;
    }
    session.acknowledged(c, this.sent);
    const { next, unreported } = session;
    this.inputAnytime(InputKind.control, this.attempt, letter, c, next, unreported);
    this.drain();
  }

  #give(letter: number, c = 0, d = 0, e = 0): void {
    this.input(InputKind.control, this.attempt, letter, c, d, e);
    this.drain();
  }
}
