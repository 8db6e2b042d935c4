import { ErrorCode, errorCodes } from "./codes.gen.js";
import { closedException } from "./codes.js";
import type { Port } from "./core-port.js";
import { type Deferred, deferred } from "./deferred.js";
import { closedError, SteadySocketError } from "./errors.js";
import type { SteadySocketErrorCode } from "./names.gen.js";

const undelivered = "not everything was delivered, or it is unknown";

/** The promises that depend on the state of a socket. */
export class Waiters<Socket> {
  readonly #port: Port;
  #opening: Deferred<Socket> | undefined;
  /** A fulfilled promise, the same for every open connection: React's `use` requires that. */
  #opened: Promise<Socket> | undefined;
  readonly #drained: Omit<Deferred<void>, "promise">[] = [];
  readonly #delivered: Omit<Deferred<void>, "promise">[] = [];
  /** Callbacks for the end of the socket. */
  #ends = new Set<() => void>();

  constructor(port: Port) {
    this.#port = port;
  }

  /** Returns a promise that is fulfilled with the open socket, or rejected when it is closed. */
  opened(socket: Socket, isOpen: boolean): Promise<Socket> {
    if (isOpen) {
      this.#opened ??= this.#opening?.promise ?? Promise.resolve(socket);
      return this.#opened;
    }
    const opening = this.#opening ?? deferred<Socket>();
    if (this.#port.isOver) opening.reject(closedError());
    else this.#opening = opening;
    return opening.promise;
  }

  /** Removes and returns the deferred that waits for a connection, which is now open. */
  takeOpening(): Deferred<Socket> | undefined {
    const opening = this.#opening;
    this.#opening = undefined;
    this.#opened ??= opening?.promise;
    return opening;
  }

  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#port.isOver) {
        reject(closedException());
        return;
      }
      this.#drained.push({ resolve, reject });
      this.#port.drained();
    });
  }

  /** Settles the oldest promise of `drained`. */
  settleDrained(isClosed: boolean): void {
    const waiter = this.#drained.shift();
    if (isClosed) waiter?.reject(closedException());
    else waiter?.resolve();
  }

  delivered(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#delivered.push({ resolve, reject });
      if (this.#port.isOver) this.settleDelivered(ErrorCode.sessionLost);
      else this.#port.delivered();
    });
  }

  /** Settles the oldest promise of `delivered`. `code`: an ErrorCode. */
  settleDelivered(code: number): void {
    const waiter = this.#delivered.shift();
    if (code === 0) waiter?.resolve();
    else
      waiter?.reject(new SteadySocketError(errorCodes[code] as SteadySocketErrorCode, undelivered));
  }

  /**
   * Calls `ended` when the socket is closed (now if it is), until the returned function is called.
   */
  whenClosed(ended: () => void): () => void {
    const ends = this.#ends;
    if (this.#port.isOver) ended();
    else ends.add(ended);
    return () => ends.delete(ended);
  }

  /**
   * Returns a function that rejects the promises and calls the callbacks present now: `reconnect`
   * may have reopened the socket before the function is called.
   */
  takeEnding(): () => void {
    const opening = this.#opening;
    this.#opening = undefined;
    const ends = this.#ends;
    this.#ends = new Set();
    return () => {
      opening?.reject(closedError());
      for (const ended of ends) ended();
    };
  }
}
