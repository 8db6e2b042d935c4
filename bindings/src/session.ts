// The framing of sessions: docs/design/session-protocol.md. The kernel decides what is sent.
import { exactSize, sizeBound, type WireData } from "./payload.js";

/** The subprotocol of sessions, alone or appended to another one with a plus sign. */
const protocol = "steady.1";
/** Begins a control frame; application strings that begin with it get another one. */
const mark = "\x10";
/** Returns whether a string has this character at an index. */
export const isMarked = (text: string, at: number): boolean => text.charCodeAt(at) === 0x10;
/** The letter of an acknowledgement. */
export const receipt = 0x41; // "A"
const longestControl = 256;
/** The letter of a malformed frame. */
export const malformed = 0;
/** More bytes than this are acknowledged at once. */
const manyBytes = 32_768;

const number = "(0|[1-9]\\d{0,15})";
const name = "([\\w.-]{1,64})";
const controlFrame = new RegExp(
  `^\x10(?:(?:([@A?]) ${number}|(!) ${number} ${number} ${number}|(X)|(G) 1 ${name})(?: .*)?` +
    `|(W) ${name} ${number} ${number}(?: (.*))?)$`,
  "s",
);
/** OLD, and further fields. */
const oldNumber = new RegExp(`^${number}(?: .*)?$`, "s");
/** 2^53: not a number that is sent. */
const tooLarge = 9_007_199_254_740_992;

/** Returns the subprotocols to offer if a session is wanted. */
export const withSessions = (subprotocols: readonly string[]): readonly string[] =>
  subprotocols.length === 0
    ? [protocol]
    : [...subprotocols, ...subprotocols.map((one) => `${one}+${protocol}`)];

/** Returns the subprotocol without the suffix for sessions; undefined if it has none. */
export const sessionless = (selected: string): string | undefined =>
  /^(?:(.*)\+)?steady\.1$/.exec(selected)?.slice(1).join("");

/** Returns the string to send for an application's string. */
export const escaped = (data: unknown): unknown =>
  typeof data === "string" && isMarked(data, 0) ? mark + data : data;

/** Returns 128 random bits in base64url. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
}

/** The strings of a session, and the numbers of its frames, over all of its connections. */
export class SessionFrames {
  /** Number of the next frame sent. */
  next = 0;
  /** Number of the next frame received; 0 if frames are not numbered, NaN before the first `@`. */
  expected = 0;
  /** Number of the last frame that was handled. */
  received = 0;
  /** Characters or bytes received and not acknowledged. */
  #bytes = 0;
  #id = "";
  #epoch = "";
  #life = "";

  /** Bytes, at most, of sent messages that were neither reported to the kernel nor acknowledged. */
  unreported = 0;

  /** Called when a message was sent within the grant. */
  sent(data: WireData): void {
    ++this.next;
    this.unreported += sizeBound(data);
  }

  /** Called when the newest messages are reported. Returns the number of the first. */
  reported(count: number): number {
    this.unreported = 0;
    return this.next - count;
  }

  /** Removes messages that were acknowledged from those that are to be reported. */
  acknowledged(number: number, messages: WireData[]): void {
    const count = number + 1 - (this.next - messages.length);
    if (count >= messages.length) messages.length = this.unreported = 0;
    else if (count > 0) {
      for (const message of messages.splice(0, count)) this.unreported -= sizeBound(message);
    }
  }

  /** Called for a new connection. */
  begin(): void {
    this.expected = this.unreported = 0;
  }

  /** Called when a frame was handled. Returns true if there are many bytes by now. */
  handled(frame: number, data: string | ArrayBuffer): boolean {
    this.received = frame;
    this.#bytes += typeof data === "string" ? data.length : data.byteLength;
    return this.#bytes > manyBytes;
  }

  /** Returns the hello frame. */
  hello(generation: number, isNew: boolean): string {
    if (isNew) {
      this.#id = randomId();
      this.#epoch = this.#life;
      this.next = 1;
      this.received = 0;
    }
    return `${mark}H ${this.#id} ${this.#epoch} ${generation} ${this.received}`;
  }

  /** Returns a control frame: see CommandKind.control. */
  control(letter: string, first: number, second: number, reason: string): string {
    if (letter === "@") this.next = first;
    if (letter === "A" || letter === "!") this.#bytes = 0;
    if (letter === "X") return `${mark}X ${reason}`.trimEnd();
    const numbers = letter === "!" ? [first, second, Date.now()] : [first];
    return mark + [letter, ...numbers].join(" ");
  }

  /**
   * Reads a control frame. Returns the numbers `b` to `e` of InputKind.control; undefined if it does
   * not concern the kernel.
   */
  read(frame: string): [letter: number, ...numbers: number[]] | undefined {
    const found = exactSize(frame) > longestControl ? null : controlFrame.exec(frame);
    const [letter, first = "", ...rest] = found?.slice(1).filter(Boolean) ?? [];
    if (letter === undefined) return [malformed];
    const code = letter.charCodeAt(0);
    if (letter === "G") {
      this.#life = first;
      return [code];
    }
    if (letter === "W") return this.#welcome(code, first, rest);
    const numbers = [first, ...rest].map(Number);
    const isNumbered = letter !== "@" || (this.expected !== 0 && numbers[0] !== 0);
    if (!isNumbered || numbers.some((one) => one >= tooLarge)) return [malformed];
    if (letter !== "@") return [code, ...numbers];
    this.expected = numbers[0] as number;
    return undefined;
  }

  #welcome(code: number, epoch: string, [handled, ttl, rest]: string[]): [number, ...number[]] {
    const isSame = epoch === this.#epoch;
    // In the same epoch it is an unknown field.
    const old = isSame || rest === undefined ? "-1" : (oldNumber.exec(rest)?.[1] ?? tooLarge);
    const numbers = [handled, old, ttl].map(Number) as [number, number, number];
    if (numbers.some((one) => one >= tooLarge)) return [malformed];
    if (!isSame) {
      this.#epoch = epoch;
      this.received = 0;
    }
    // The session may be new to the server: an earlier hello may not have arrived.
    this.expected = isSame && this.received === 0 ? 1 : Number.NaN;
    return [code, Number(isSame), ...numbers];
  }
}
