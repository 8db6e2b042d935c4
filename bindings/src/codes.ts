// What the core tells as numbers: keep in step with state.hpp, send_result.hpp and error.hpp.
import type { DropReason, State } from "./events.js";

export const states: readonly State[] = [
  "idle",
  "connecting",
  "open",
  "waiting",
  "suspended",
  "closing",
  "closed",
];
export const readyStates = [0, 0, 1, 0, 0, 2, 3];
export const closedState = 6;

/** The same as in transport.hpp. */
export const TransportSend = { taken: 0, notOpen: 1, refused: 2 } as const;

/** Without the last, which is told of messages that expect a reply, and only there. */
export const dropReasons: readonly (DropReason | "unanswered")[] = [
  "closed",
  "queue_full",
  "closed",
  "refused",
  "expired",
  "replaced",
  "cancelled",
  "not_now",
  "session_ended",
  "unconfirmed",
  "unanswered",
];

/** With the exceptions for those that a call can be answered with. */
const errorCodes: readonly [code: string, exception?: string][] = [
  ["none"],
  ["invalid_option", "RangeError"],
  ["invalid_url", "SyntaxError"],
  ["invalid_subprotocol", "SyntaxError"],
  ["invalid_close_code", "InvalidAccessError"],
  ["invalid_close_reason", "SyntaxError"],
  ["invalid_state", "InvalidStateError"],
  ["not_supported", "NotSupportedError"],
  ["blocked", "SecurityError"],
  ["connection_failed"],
  ["connect_timeout"],
  ["message_too_large"],
  ["out_of_memory"],
  ["malformed_message"],
  ["heartbeat_timeout"],
  ["provider_failed"],
  ["session_failed"],
  ["gave_up"],
  ["inbound_overflow"],
];

export const invalidOption = 1;
export const invalidState = 6;

/** The name of an ErrorCode. */
export const errorCodeOf = (code: number): string => errorCodes[code]?.[0] ?? "";

/** What is thrown for an ErrorCode. */
export function exceptionOf(code: number, message: string): Error {
  const name = errorCodes[code]?.[1];
  const text = `SteadySocket: ${message}`;
  return name === "RangeError" ? new RangeError(text) : new DOMException(text, name);
}
