import { closedError, SteadySocketError } from "./errors.js";
import { failUnknown } from "./read-options.js";
import type { Shell } from "./shell.js";

/** Options of `next`. */
export interface NextOptions {
  /** Aborts the wait: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /**
   * Milliseconds after which the promise is rejected with `timeout`. 0 or more.
   * @default Infinity
   */
  timeout?: number;
}

/** Options of `messages`. */
export interface MessagesOptions {
  /** Aborts the loop, which throws the signal's reason. */
  signal?: AbortSignal;
  /** Messages that may be buffered for the loop. 1 or more. @default 1000 */
  maxMessages?: number;
  /**
   * Policy for a full buffer: `fail` makes the loop throw a {@link SteadySocketError} with the code
   * `overflow` after the buffered messages; the others drop messages and count them in `dropped`.
   * @default "fail"
   */
  overflow?: "fail" | "drop_oldest" | "drop_newest";
}

/** An asynchronous iterator over the messages of one type, for `for await`. */
export interface MessageStream<Payload> extends AsyncIterableIterator<Payload> {
  /** The number of messages dropped because the buffer was full. */
  readonly dropped: number;
  /** Returns a promise of the next message. */
  next(): Promise<IteratorResult<Payload, undefined>>;
  /** Ends the iteration and discards buffered messages. */
  return(): Promise<IteratorResult<Payload, undefined>>;
  /** Returns this iterator. */
  [Symbol.asyncIterator](): MessageStream<Payload>;
}

/** Throws the TypeError for an option of the wrong type. */
export function failOption(name: string, method: string, what: string): never {
  throw new TypeError(`SteadySocket: the option ${name} of ${method} must be ${what}`);
}

/** Throws TypeError for an unknown option or one of the wrong type. */
export function checkOptions(method: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`SteadySocket: the options of ${method} must be an object`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) failUnknown(`${name} of ${method}`);
  }
  const { signal, timeout } = options as NextOptions;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    failOption("signal", method, "an AbortSignal");
  }
  if (timeout !== undefined && !(typeof timeout === "number" && timeout >= 0)) {
    failOption("timeout", method, "0 or more");
  }
}

/** React Native's AbortSignal has neither a reason nor `throwIfAborted`. */
const abortReason = ({ reason }: AbortSignal): unknown =>
  reason === undefined ? new DOMException("the signal was aborted", "AbortError") : reason;

export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw abortReason(signal);
}

/** The longest delay of `setTimeout`, in milliseconds: it treats longer ones as 0. */
const longestTimeout = 2 ** 31 - 1;

/** The abort callbacks of each signal. */
const abortCallbacks = new WeakMap<AbortSignal, Set<() => void>>();

/** Adds only one listener to each signal: Node warns about a leak above ten. */
function abortCallbacksOf(signal: AbortSignal): Set<() => void> {
  const present = abortCallbacks.get(signal);
  if (present !== undefined) return present;
  const all = new Set<() => void>();
  const endAll = () => {
    for (const end of all) end();
  };
  signal.addEventListener("abort", endAll, { once: true });
  abortCallbacks.set(signal, all);
  return all;
}

/**
 * Calls `fail` when the signal is aborted or the timeout expires, until the returned function is
 * called.
 */
export function limit(
  signal: AbortSignal | undefined,
  timeout: number,
  fail: (error: unknown) => void,
): () => void {
  const abort = () => fail(signal && abortReason(signal));
  const timer =
    timeout <= longestTimeout &&
    setTimeout(
      () => fail(new SteadySocketError("timeout", `timed out after ${timeout} ms`)),
      timeout,
    );
  const aborts = signal && abortCallbacksOf(signal);
  aborts?.add(abort);
  return () => {
    if (timer !== false) clearTimeout(timer);
    aborts?.delete(abort);
  };
}

/** Returns a promise of the next message. */
export function nextMessage<Payload>(
  shell: Shell<EventTarget>,
  type: string,
  options: NextOptions,
): Promise<Payload> {
  return new Promise((resolve, reject) => {
    checkOptions("next", options, ["signal", "timeout"]);
    const { signal, timeout = Number.POSITIVE_INFINITY } = options;
    throwIfAborted(signal);
    const ends: (() => void)[] = [];
    const settle = (action: () => void) => {
      for (const end of ends) end();
      action();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    ends.push(
      shell.subscribe(type, (payload: Payload) => settle(() => resolve(payload)), "messages"),
      limit(signal, timeout, fail),
    );
    ends.push(shell.waiters.whenClosed(() => fail(closedError())));
  });
}

/** A buffer between received messages and the loop that consumes them. */
export class MessageQueue<Payload> implements MessageStream<Payload> {
  #dropped = 0;
  readonly #max: number;
  readonly #overflow: MessagesOptions["overflow"];
  #buffer: Payload[] = [];
  #loops: {
    resolve: (result: IteratorResult<Payload, undefined>) => void;
    reject: (error: unknown) => void;
  }[] = [];
  #isOver = false;
  /** Thrown by the loop after the buffered messages. */
  #error: { reason: unknown } | undefined;
  readonly #ends: (() => void)[] = [];

  constructor(shell: Shell<EventTarget>, type: string, options: MessagesOptions) {
    checkOptions("messages", options, ["signal", "maxMessages", "overflow"]);
    const { signal, maxMessages = 1_000, overflow = "fail" } = options;
    if (typeof maxMessages !== "number") failOption("maxMessages", "messages", "a number");
    if (!(maxMessages >= 1)) {
      throw new RangeError("SteadySocket: the option maxMessages of messages must be 1 or more");
    }
    if (!["fail", "drop_oldest", "drop_newest"].includes(overflow)) {
      failOption("overflow", "messages", "one of fail, drop_oldest, drop_newest");
    }
    this.#max = maxMessages;
    this.#overflow = overflow;
    if (signal?.aborted) {
      this.#abort(abortReason(signal));
      return;
    }
    this.#ends.push(
      shell.subscribe(type, (payload: Payload) => this.#take(payload), "messages"),
      limit(signal, Number.POSITIVE_INFINITY, (reason) => this.#abort(reason)),
    );
    this.#ends.push(shell.waiters.whenClosed(() => this.#end()));
  }

  get dropped(): number {
    return this.#dropped;
  }

  next(): Promise<IteratorResult<Payload, undefined>> {
    if (this.#buffer.length > 0) {
      return Promise.resolve({ done: false, value: this.#buffer.shift() as Payload });
    }
    if (this.#error !== undefined) {
      const { reason } = this.#error;
      this.#error = undefined;
      return Promise.reject(reason);
    }
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve, reject) => this.#loops.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<Payload, undefined>> {
    this.#buffer = [];
    this.#error = undefined;
    this.#end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): MessageStream<Payload> {
    return this;
  }

  #take(payload: Payload): void {
    const loop = this.#loops.shift();
    if (loop !== undefined) {
      loop.resolve({ done: false, value: payload });
      return;
    }
    if (this.#buffer.length >= this.#max) {
      ++this.#dropped;
      if (this.#overflow === "fail") {
        this.#error = {
          reason: new SteadySocketError("overflow", `the buffer of ${this.#max} messages is full`),
        };
        this.#end();
        return;
      }
      if (this.#overflow === "drop_newest") return;
      this.#buffer.shift();
    }
    this.#buffer.push(payload);
  }

  #abort(reason: unknown): void {
    this.#buffer = [];
    const loop = this.#loops.shift();
    if (loop === undefined) this.#error = { reason };
    else loop.reject(reason);
    this.#end();
  }

  #end(): void {
    this.#isOver = true;
    for (const end of this.#ends.splice(0)) end();
    for (const { resolve } of this.#loops.splice(0)) resolve({ done: true, value: undefined });
  }
}
