import { exceptionOf, invalidState } from "./codes.js";
import type { Port } from "./core-port.js";
import { type Deferred, deferred } from "./deferred.js";
import { closedError } from "./errors.js";

/** Promises that depend on the state of a socket. */
export class Waiters<Socket> {
  readonly #port: Port;
  #opening: Deferred<Socket> | undefined;
  readonly #drained: Omit<Deferred<void>, "promise">[] = [];
  /** Called when the socket is closed. */
  #ends = new Set<() => void>();

  constructor(port: Port) {
    this.#port = port;
  }

  /** Fulfilled with the socket when it is open, rejected when it is closed. */
  opened(socket: Socket, isOpen: boolean): Promise<Socket> {
    const opening = this.#opening ?? deferred<Socket>();
    if (isOpen) opening.resolve(socket);
    else if (this.#port.isOver) opening.reject(closedError());
    else this.#opening = opening;
    return opening.promise;
  }

  /** Returns what fulfils the promises that wait for this connection. */
  takeOpening(): Deferred<Socket> | undefined {
    const opening = this.#opening;
    this.#opening = undefined;
    return opening;
  }

  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#port.isOver) {
        reject(exceptionOf(invalidState, "the socket is closed"));
        return;
      }
      this.#drained.push({ resolve, reject });
      this.#port.drained();
    });
  }

  /** Settles the oldest promise of `drained`. */
  settleDrained(error: Error | undefined): void {
    const waiter = this.#drained.shift();
    if (error === undefined) waiter?.resolve();
    else waiter?.reject(error);
  }

  /** Calls `ended` when the socket is closed, at once if it is, until the result is called. */
  whenClosed(ended: () => void): () => void {
    const ends = this.#ends;
    if (this.#port.isOver) ended();
    else ends.add(ended);
    return () => ends.delete(ended);
  }

  /**
   * Returns what ends all waits of now: when it is called, `reconnect` may have opened the socket
   * again.
   */
  takeEnding(): () => void {
    const opening = this.takeOpening();
    const ends = this.#ends;
    this.#ends = new Set();
    return () => {
      opening?.reject(closedError());
      for (const ended of ends) ended();
    };
  }
}
