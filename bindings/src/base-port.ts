import { CommandKind, Reading, receiving, StateCode } from "./codes.gen.js";
import {
  answerOf,
  type Grant,
  type Negotiated,
  type PortListener,
  type SendAnswer,
} from "./core-port.js";
import { type Forgettable, watchLifetime } from "./lifetime.js";
import type { WireData } from "./payload.js";
import type { SteadyWeb } from "./web.js";

/** Readings that remain available after the socket is closed. */
const measurements = [
  Reading.retries,
  Reading.last,
  Reading.smoothed,
  Reading.jitter,
  Reading.clockOffset,
];

/**
 * Milliseconds by which the clock offset may differ before it counts as another. The process may be
 * interrupted between the readings of two clocks.
 */
const tolerance = 50;

/** Base class of ports, independent of the location of the kernel. */
export abstract class BasePort implements Forgettable {
  isOver = false;
  /** The state without a kernel. */
  restingState: number = StateCode.closed;
  isInCall = false;
  /** Called after every call of the kernel. They may only schedule something. */
  readonly watchers = new Set<() => void>();
  /** The last result of `clockOffset`, and the reading that it was computed from. */
  #clock: { reading: number; value: number } | undefined;
  /** Weak, so that an unused socket can be garbage collected. */
  readonly #listener: WeakRef<PortListener>;
  /** Strong reference to the listener while it has to be kept alive. */
  #held: PortListener | undefined;
  #wantsHold = false;
  readonly #measured: (number | undefined)[] = [];

  constructor(listener: PortListener) {
    this.#listener = new WeakRef(listener);
  }

  /** Returns a reading of the kernel; negative without a kernel. */
  abstract reading(which: number): number;
  abstract forgotten(): void;
  abstract readonly web: SteadyWeb;
  abstract readonly grant: Grant;

  // --- Calls by the user. ---

  detach(): boolean {
    return false;
  }

  state(): number {
    const state = this.reading(Reading.state);
    return state < 0 ? this.restingState : state % receiving;
  }

  isReceiving(): boolean {
    return this.reading(Reading.state) >= receiving;
  }

  measured(which: number): number | undefined {
    const value = this.reading(which);
    return value < 0 ? this.#measured[which] : value;
  }

  clockOffset(): number | undefined {
    const reading = this.measured(Reading.clockOffset);
    if (reading === undefined) return undefined;
    const value = reading + this.web.now() - Date.now();
    // Kept until it was measured again or a clock was set: readings of two clocks differ each time.
    const clock = this.#clock;
    if (clock?.reading === reading && Math.abs(clock.value - value) < tolerance) return clock.value;
    this.#clock = { reading, value };
    return value;
  }

  negotiated(): Negotiated {
    const { socket } = this.grant;
    const read = (name: string) => (socket === null ? "" : this.web.peekText(socket, name));
    return { protocol: read("protocol"), extensions: read("extensions") };
  }

  postTask(task: () => void): void {
    this.web.postTask(task);
  }

  /** Saves the measurements. Called before the kernel is destroyed. */
  keepMeasured(): void {
    for (const which of measurements) this.#measured[which] = this.measured(which);
  }

  /** Calls the watchers: what can be read may have changed. */
  changed(): void {
    for (const changed of this.watchers) changed();
  }

  // --- The listener. ---

  watchLifetime(): void {
    const listener = this.listening();
    if (listener !== undefined) watchLifetime(listener, this);
  }

  hold(): void {
    this.#wantsHold = true;
    this.resumeHold();
  }

  resumeHold(): void {
    if (this.#wantsHold && !this.isOver) this.#held = this.#listener.deref();
  }

  letGo(): void {
    this.#held = undefined;
  }

  listening(): PortListener | undefined {
    return this.#held ?? this.#listener.deref();
  }

  /** See `PortListener.event`. */
  report(kind: number, a: number, b = 0, c = 0, text = "", value?: unknown): void {
    if (kind === CommandKind.state) this.isOver = a === StateCode.closed;
    this.listening()?.event(kind, a, b, c, text, value);
  }

  /** Reports that a message was rejected, and returns the answer for `send`. */
  reject(reason: number, payload: WireData): SendAnswer {
    this.report(CommandKind.drop, 0, reason, 0, "", payload);
    return answerOf(-reason);
  }

  message(data: string | ArrayBuffer): void {
    // Only a socket with listeners is held.
    this.#held?.message(data);
  }
}
