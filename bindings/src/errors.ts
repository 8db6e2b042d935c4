import { nameClass } from "./events.js";

/** Why a promise of a socket is rejected: see {@link SteadySocketError}. */
export type SteadySocketErrorCode =
  /** The socket is closed, or was closed before what was waited for. */
  | "closed"
  /** It took longer than its `timeout`. */
  | "timeout"
  /** A loop over `messages` was too slow, and its buffer is full. */
  | "overflow"
  /** The connection ended between a request and its reply. */
  | "unanswered"
  /** The reply to a request says that it has failed. */
  | "failed"
  /** A reply is not what its schema describes. */
  | "invalid_message"
  /** A request was not sent, for this reason: see {@link DropReason}. */
  | (string & {});

/** A promise of a socket is rejected with it, unless an `AbortSignal` has the word. */
export class SteadySocketError extends Error {
  static {
    nameClass(SteadySocketError, "SteadySocketError");
  }

  /** A stable name. */
  readonly code: SteadySocketErrorCode;
  /** With the code `failed`: the whole reply. */
  readonly reply?: unknown;
  constructor(code: SteadySocketErrorCode, message: string, reply?: unknown) {
    super(`SteadySocket: ${message}`);
    this.name = "SteadySocketError";
    this.code = code;
    if (reply !== undefined) this.reply = reply;
  }
}

/** Of everything that waits when a socket is closed. */
export const closedError = () => new SteadySocketError("closed", "the socket is closed");

/** A text for an error that somebody's function has thrown. */
export function textOf(error: unknown): string {
  try {
    // `instanceof Error` misses those of another realm.
    return String((error as Partial<Error> | null | undefined)?.message || error);
  } catch {
    // Something without a text, such as Object.create(null).
    return "an error without a text";
  }
}
