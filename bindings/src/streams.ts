import { closedError, SteadySocketError } from "./errors.js";

/** Options of `next`. */
export interface NextOptions {
  /** Ends the wait: the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds after which the promise is rejected with `timeout`. @default Infinity */
  timeout?: number;
}

/** Options of `messages`. */
export interface MessagesOptions {
  /** Ends the loop: it throws the signal's reason. */
  signal?: AbortSignal;
  /** Messages that are buffered for the loop. 1 or more. @default 1000 */
  maxMessages?: number;
  /**
   * What happens when the buffer is full: the loop throws a {@link SteadySocketError} with the code
   * `overflow` after the buffered messages, or messages are dropped and counted in `dropped`.
   * @default "fail"
   */
  overflow?: "fail" | "drop_oldest" | "drop_newest";
}

/** The messages of one type, for `for await`. */
export interface MessageStream<Payload> extends AsyncIterableIterator<Payload> {
  /** The number of messages dropped because the loop was too slow. */
  readonly dropped: number;
  /** The next message, when there is one. */
  next(): Promise<IteratorResult<Payload, undefined>>;
  /** Ends the loop and discards what is buffered. */
  return(): Promise<IteratorResult<Payload, undefined>>;
  /** Itself. */
  [Symbol.asyncIterator](): MessageStream<Payload>;
}

/** What loops and promises need of a socket. */
export interface MessageSource {
  /** Calls `handler` for every message until the function that it returns is called. */
  subscribe(handler: (payload: unknown) => void): () => void;
  /** Calls `ended` when the socket is closed, or at once, until the returned function is called. */
  whenClosed(ended: () => void): () => void;
}

/** Throws TypeError for an option that is unknown or of another type. */
export function checkOptions(method: string, options: unknown, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`SteadySocket: the options of ${method} must be an object`);
  }
  for (const name of Object.keys(options)) {
    if (!names.includes(name)) {
      throw new TypeError(`SteadySocket: unknown option: ${name} of ${method}`);
    }
  }
  const { signal, timeout } = options as NextOptions;
  if (signal !== undefined && typeof signal?.addEventListener !== "function") {
    throw new TypeError(`SteadySocket: the option signal of ${method} must be an AbortSignal`);
  }
  if (timeout !== undefined && !(typeof timeout === "number" && timeout >= 0)) {
    throw new TypeError(`SteadySocket: the option timeout of ${method} must be 0 or more`);
  }
}

/** `setTimeout` treats longer timeouts as 0. */
const longestTimeout = 2 ** 31 - 1;

/** The callbacks of each signal. */
const endedBy = new WeakMap<AbortSignal, Set<() => void>>();

/** One listener for each signal: Node warns of a leak if there are more than ten. */
function endsOf(signal: AbortSignal): Set<() => void> {
  const present = endedBy.get(signal);
  if (present !== undefined) return present;
  const all = new Set<() => void>();
  const endAll = () => {
    for (const end of all) end();
  };
  signal.addEventListener("abort", endAll, { once: true });
  endedBy.set(signal, all);
  return all;
}

/**
 * Calls `fail` when the signal aborts or the timeout expires, until the returned function is
 * called.
 */
export function limit(
  signal: AbortSignal | undefined,
  timeout: number,
  fail: (error: unknown) => void,
): () => void {
  const abort = () => fail(signal?.reason);
  const timer =
    timeout <= longestTimeout &&
    setTimeout(
      () => fail(new SteadySocketError("timeout", `nothing within ${timeout} ms`)),
      timeout,
    );
  const aborts = signal && endsOf(signal);
  aborts?.add(abort);
  return () => {
    if (timer !== false) clearTimeout(timer);
    aborts?.delete(abort);
  };
}

/** The next message. */
export function nextMessage<Payload>(
  source: MessageSource,
  options: NextOptions,
): Promise<Payload> {
  return new Promise((resolve, reject) => {
    checkOptions("next", options, ["signal", "timeout"]);
    const { signal, timeout = Number.POSITIVE_INFINITY } = options;
    signal?.throwIfAborted();
    const ends: (() => void)[] = [];
    const settle = (how: () => void) => {
      for (const end of ends) end();
      how();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    ends.push(
      source.subscribe((payload) => settle(() => resolve(payload as Payload))),
      limit(signal, timeout, fail),
    );
    ends.push(source.whenClosed(() => fail(closedError())));
  });
}

/** A buffer between received messages and the loop that consumes them. */
export class MessageQueue<Payload> implements MessageStream<Payload> {
  #dropped = 0;
  readonly #max: number;
  readonly #overflow: MessagesOptions["overflow"];
  #waiting: Payload[] = [];
  #loops: {
    resolve: (result: IteratorResult<Payload, undefined>) => void;
    reject: (error: unknown) => void;
  }[] = [];
  #isOver = false;
  /** Thrown by the loop after everything that is buffered. */
  #error: { reason: unknown } | undefined;
  readonly #ends: (() => void)[] = [];

  constructor(source: MessageSource, options: MessagesOptions) {
    checkOptions("messages", options, ["signal", "maxMessages", "overflow"]);
    const { signal, maxMessages = 1_000, overflow = "fail" } = options;
    if (typeof maxMessages !== "number") {
      throw new TypeError("SteadySocket: the option maxMessages of messages must be a number");
    }
    if (!(maxMessages >= 1)) {
      throw new RangeError("SteadySocket: the option maxMessages of messages must be 1 or more");
    }
    if (!["fail", "drop_oldest", "drop_newest"].includes(overflow)) {
      throw new TypeError(
        "SteadySocket: the option overflow of messages must be one of fail, drop_oldest, drop_newest",
      );
    }
    this.#max = maxMessages;
    this.#overflow = overflow;
    if (signal?.aborted) {
      this.#abort(signal.reason);
      return;
    }
    this.#ends.push(
      source.subscribe((payload) => this.#take(payload as Payload)),
      limit(signal, Number.POSITIVE_INFINITY, (reason) => this.#abort(reason)),
    );
    this.#ends.push(source.whenClosed(() => this.#end()));
  }

  get dropped(): number {
    return this.#dropped;
  }

  next(): Promise<IteratorResult<Payload, undefined>> {
    if (this.#waiting.length > 0) {
      return Promise.resolve({ done: false, value: this.#waiting.shift() as Payload });
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
    this.#waiting = [];
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
    if (this.#waiting.length >= this.#max) {
      ++this.#dropped;
      if (this.#overflow === "fail") {
        this.#error = {
          reason: new SteadySocketError("overflow", "the loop is too slow for its messages"),
        };
        this.#end();
        return;
      }
      if (this.#overflow === "drop_newest") return;
      this.#waiting.shift();
    }
    this.#waiting.push(payload);
  }

  #abort(reason: unknown): void {
    this.#waiting = [];
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
