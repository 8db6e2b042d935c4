import { errorCodes } from "./codes.gen.js";

/** Values of `WebSocket.readyState`, indexed by StateCode. */
export const readyStates = [0, 0, 1, 0, 0, 2, 3];

/** Names of the exceptions that calls throw, by error code. */
const exceptions: { readonly [code in (typeof errorCodes)[number]]?: string } = {
  invalid_option: "RangeError",
  invalid_url: "SyntaxError",
  invalid_subprotocol: "SyntaxError",
  invalid_close_code: "InvalidAccessError",
  invalid_close_reason: "SyntaxError",
  invalid_state: "InvalidStateError",
  not_supported: "NotSupportedError",
  blocked: "SecurityError",
};

/** Creates the exception for an ErrorCode. */
export function exceptionOf(code: number, message: string): Error {
  const name = exceptions[errorCodes[code] ?? "none"];
  const text = `SteadySocket: ${message}`;
  return name === "RangeError" ? new RangeError(text) : new DOMException(text, name);
}
