// Limits of the WebSocket protocol and of its API in browsers.

/** A subprotocol is a token: RFC 6455 4.1, RFC 9110 5.6.2. */
export const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** Returns whether `close` of a client accepts the code: HTML standard. */
export const isClientCloseCode = (code: number): boolean =>
  code === 1000 || (code >= 3000 && code <= 4999);

/** Bytes of UTF-8 in a close reason: RFC 6455 5.5. */
export const maxReasonBytes = 123;
