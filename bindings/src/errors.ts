import { nameClass } from "./events.js";

/** Why a promise of a socket is rejected: see {@link SteadySocketError}. */
export type SteadySocketErrorCode =
  /** The socket is closed, or was closed before the promise could be fulfilled. */
  | "closed"
  /** The `timeout` expired. */
  | "timeout"
  /** A loop over `messages` was too slow, and its buffer is full. */
  | "overflow"
  /** The connection ended between a request and its reply. */
  | "unanswered"
  /** The reply reports that the request failed. */
  | "failed"
  /** A reply does not match its schema. */
  | "invalid_message"
  /** A request was not sent, for this reason: see {@link DropReason}. */
  | (string & {});

/** The reason of rejected promises of a socket, unless an `AbortSignal` provides another. */
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

/** Rejects what waits when a socket is closed. */
export const closedError = () => new SteadySocketError("closed", "the socket is closed");

/** Returns the message of anything that was thrown. */
export function textOf(error: unknown): string {
  try {
    // `instanceof Error` misses those of another realm.
    return String((error as Partial<Error> | null | undefined)?.message || error);
  } catch {
    // It cannot be converted to a string, such as Object.create(null).
    return "an error without a text";
  }
}
