import type { Port } from "./core-port.js";

/** Dispatches the events of a socket from the event loop, never from inside a call of its user. */
export class EventDispatcher {
  /** Set by the first listener: creating an event takes longer than receiving a message. */
  hasMessageListener = false;
  readonly #target: EventTarget;
  readonly #port: Port;
  /** Events that are not dispatched yet, and functions to call between them. */
  #pending: (Event | (() => void))[] = [];
  #isDispatching = false;
  /** A flush is scheduled, in a microtask or in a task of its own. */
  #isScheduled = false;
  #isSoon = false;
  #isSilent = false;

  constructor(target: EventTarget, port: Port) {
    this.#target = target;
    this.#port = port;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Dispatches an event, or calls a function, when everything before it was dispatched. */
  push(event: Event | (() => void)): void {
    this.#pending.push(event);
    // What a listener or a call causes is dispatched in a task of its own: a listener that sends
    // every dropped message again must not stop the event loop. An event of the platform does not
    // wait for that.
    const waits = this.#isDispatching || this.#port.isInCall;
    if (this.#isScheduled && (waits || this.#isSoon)) return;
    this.#isScheduled = true;
    this.#isSoon = !waits;
    const flush = () => this.flush();
    if (waits) this.#port.postTask(flush);
    else queueMicrotask(flush);
  }

  flush(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    this.#isScheduled = false;
    const events = this.#pending;
    this.#pending = [];
    for (const event of events) {
      if (typeof event === "function") event();
      else if (!this.#isSilent) this.dispatch(event);
    }
    this.#isDispatching = false;
    this.#port.dispatched();
  }

  /** Dispatches at once. A `dispatchEvent` of a subclass is not called, as with a WebSocket. */
  dispatch(event: Event): void {
    EventTarget.prototype.dispatchEvent.call(this.#target, event);
  }

  /** Drops all events, the pending ones included. Functions are still called. */
  silence(): void {
    this.#isSilent = true;
  }
}
