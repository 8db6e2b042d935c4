import { nameClass } from "./inspection.js";
import type { SteadySocketErrorCode } from "./names.gen.js";

/** The rejection reason of a socket's promises, except for the reason of an aborted signal. */
export class SteadySocketError extends Error {
  static {
    nameClass(SteadySocketError, "SteadySocketError");
  }

  /** The stable name of the error. */
  readonly code: SteadySocketErrorCode;
  /** The whole reply, for the codes `failed` and `invalid_message`. */
  readonly reply?: unknown;
  constructor(code: SteadySocketErrorCode, message: string, reply?: unknown) {
    super(`SteadySocket: ${message}`);
    this.name = "SteadySocketError";
    this.code = code;
    if (reply !== undefined) this.reply = reply;
  }
}

/** Creates the rejection reason of promises that are pending when a socket is closed. */
export const closedError = () => new SteadySocketError("closed", "the socket is closed");

/** Returns the message of any thrown value. */
export function textOf(error: unknown): string {
  try {
    // `instanceof Error` is false for errors of another realm.
    return String((error as Partial<Error> | null | undefined)?.message || error);
  } catch {
    // Not convertible to a string, such as Object.create(null).
    return "error without a message";
  }
}
