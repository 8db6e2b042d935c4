import type { Port } from "./core-port.js";

/** Dispatches the events of a socket from the event loop, never inside a call by its user. */
export class EventDispatcher {
  /** Set by the first listener. Creating an event costs more than receiving a message. */
  hasMessageListener = false;
  readonly #target: EventTarget;
  readonly #port: Port;
  /** Events to dispatch and functions to call, in order. */
  #pending: (Event | (() => void))[] = [];
  #isDispatching = false;
  /** A flush is scheduled: in a microtask if `#isSoon`, otherwise in a separate task. */
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

  /** Enqueues an event to dispatch, or a function to call. */
  push(event: Event | (() => void)): void {
    this.#pending.push(event);
    // Events caused by a listener or a call are dispatched in a separate task, so that a listener
    // that resends every dropped message does not block the event loop. Events of the platform do
    // not wait for that task.
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

  /** Dispatches now. As with WebSocket, a `dispatchEvent` method of a subclass is not called. */
  dispatch(event: Event): void {
    EventTarget.prototype.dispatchEvent.call(this.#target, event);
  }

  /** Drops all pending and future events. Functions are still called. */
  silence(): void {
    this.#isSilent = true;
  }
}
