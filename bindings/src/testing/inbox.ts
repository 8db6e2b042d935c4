/** Entries that are kept: of the messages of a connection, and of the attempts. */
const keptEntries = 10_000;

// Not those of fake timers, under which an `await` has to fail in time, too.
const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;

/** Appends an entry to a list that forgets its oldest ones. */
export function keep<Entry>(list: Entry[], entry: Entry): void {
  list.push(entry);
  if (list.length > keptEntries) list.shift();
}

/** Options of the methods that wait. */
export interface WaitOptions {
  /**
   * Milliseconds after which the promise rejects, by the clock of the system also under fake timers.
   * More than 0; Infinity waits for ever.
   * @default `timeout` of the TestServer
   */
  timeout?: number;
}

/** Reads `timeout` of options. Throws TypeError or RangeError. */
export function timeoutOf(name: string, options: WaitOptions, fallback: number): number {
  for (const key of Object.keys(options)) {
    if (key !== "timeout") throw new TypeError(`${name}: unknown option: ${key}`);
  }
  const { timeout = fallback } = options;
  if (typeof timeout === "number" && timeout > 0) return timeout;
  throw new RangeError(`${name}: timeout must be a number above 0, got ${timeout}`);
}

interface Waiter<Item> {
  resolve(item: Item): void;
  reject(failure: string): void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Items that are awaited one by one, before they are there or after. */
export class Inbox<Item> {
  readonly #unread: Item[] = [];
  readonly #waiters: Waiter<Item>[] = [];
  #failure: string | undefined;

  put(item: Item): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      keep(this.#unread, item);
      return;
    }
    realClearTimeout(waiter.timer);
    waiter.resolve(item);
  }

  /** Returns the next item. `describe`: what the error of a timeout adds. */
  next(method: string, timeout: number, describe: () => string): Promise<Item> {
    const item = this.#unread.shift();
    if (item !== undefined) return Promise.resolve(item);
    // With the stack of the caller.
    const error = new Error();
    const fail = (text: string) => {
      error.message = `${method}: ${text}`;
      return error;
    };
    if (this.#failure !== undefined) return Promise.reject(fail(this.#failure));
    return new Promise((resolve, reject) => {
      const waiter: Waiter<Item> = {
        resolve,
        reject: (failure) => reject(fail(failure)),
        timer: undefined,
      };
      if (timeout !== Number.POSITIVE_INFINITY) {
        waiter.timer = realSetTimeout(() => {
          this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
          waiter.reject(`nothing within ${timeout} ms; ${describe()}`);
        }, timeout);
      }
      this.#waiters.push(waiter);
    });
  }

  /** Rejects everything that is awaited from now on, after the items that are there. */
  end(failure: string): void {
    this.#failure = failure;
    for (const { reject, timer } of this.#waiters.splice(0)) {
      realClearTimeout(timer);
      reject(failure);
    }
  }
}
