// What is checked before it goes to the platform, which would throw or say less.
import { ErrorCode } from "./codes.gen.js";
import { exactSize } from "./payload.js";

/** What is wrong; undefined if nothing is. */
export type Fault = { readonly code: number; readonly text: string } | undefined;

const day = 86_400_000;
/** RFC 7230 3.2.6. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** RFC 6455 3 and 4.1. The URL is resolved. */
export function requestFault(url: string, subprotocols: readonly string[]): Fault {
  const urlFault = !/^wss?:/.test(url)
    ? "a WebSocket URL begins with ws:// or wss://"
    : url.includes("#")
      ? "a WebSocket URL has no fragment"
      : "";
  if (urlFault) return { code: ErrorCode.invalidUrl, text: urlFault };
  const code = ErrorCode.invalidSubprotocol;
  if (!subprotocols.every((one) => token.test(one))) {
    return { code, text: "a subprotocol is a token: letters, digits and !#$%&'*+-.^_`|~" };
  }
  if (new Set(subprotocols).size < subprotocols.length) {
    return { code, text: "a subprotocol is there twice" };
  }
  return undefined;
}

/** A negative code, and a negative deadline, are none. */
export function closeFault(closeCode: number, reason: string, deadline: number): Fault {
  const isAllowed = closeCode === 1000 || (closeCode >= 3000 && closeCode <= 4999);
  if (closeCode >= 0 && !isAllowed) {
    return {
      code: ErrorCode.invalidCloseCode,
      text: `close code must be 1000 or 3000-4999, got ${closeCode}`,
    };
  }
  if (exactSize(reason) > 123) {
    return {
      code: ErrorCode.invalidCloseReason,
      text: "close reason must be at most 123 bytes of UTF-8",
    };
  }
  if (deadline === 0 || deadline > day) {
    return {
      code: ErrorCode.invalidOption,
      text: `deadline must be more than 0 and at most one day, got ${deadline}`,
    };
  }
  return undefined;
}

/** The delay that a server asks for in the reason of a close: see docs/reconnecting.md. */
export function retryAfter(reason: string): number {
  const seconds = /retry-after=(\d+)/.exec(reason)?.[1];
  return seconds === undefined ? -1 : Math.min(Number(seconds) * 1000, day);
}
