import { DecidedBy, ErrorCode, TextId, texts } from "./codes.gen.js";

/** Values of `WebSocket.readyState`, indexed by StateCode. */
export const readyStates = [0, 0, 1, 0, 0, 2, 3];

/** Names of the DOMExceptions that calls throw, by ErrorCode. */
const exceptions: { readonly [code: number]: string } = {
  [ErrorCode.invalidUrl]: "SyntaxError",
  [ErrorCode.invalidSubprotocol]: "SyntaxError",
  [ErrorCode.invalidCloseCode]: "InvalidAccessError",
  [ErrorCode.invalidCloseReason]: "SyntaxError",
  [ErrorCode.invalidState]: "InvalidStateError",
  [ErrorCode.notSupported]: "NotSupportedError",
  [ErrorCode.blocked]: "SecurityError",
};

/** Creates the exception for an ErrorCode. */
export function exceptionOf(code: number, message: string): Error {
  const text = `SteadySocket: ${message}`;
  if (code === ErrorCode.invalidOption) return new RangeError(text);
  return new DOMException(text, exceptions[code]);
}

/** Creates the exception for a call that a closed socket does not allow. */
export const closedException = () =>
  exceptionOf(ErrorCode.invalidState, texts[TextId.socketClosed]);

/** Says why a close code has ended the socket. `by`, `rule`: see CommandKind.verdict. */
export function fatalCloseText(code: number, reason: string, by: number, rule: number): string {
  const closed = `the connection was closed with ${code}${reason && ` (${reason})`}`;
  if (by === DecidedBy.decide) return `${closed}: reconnect.decide ends the socket`;
  const [first, last] = [rule >>> 16, rule & 0xffff];
  const codes = first === last ? first : `"${first}-${last}"`;
  return (
    `${closed}: ${by === DecidedBy.rule ? "your" : "the default"} rule ${codes}: "fatal" ends the ` +
    `socket; to retry: reconnect.closeRules = { ${code}: "retry" }`
  );
}
