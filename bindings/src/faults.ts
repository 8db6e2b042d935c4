// What is checked before it goes to the platform, which would throw or say less.
import { ErrorCode, Setting } from "./codes.gen.js";
import type { ConnectionDetails, PortOptions } from "./core-port.js";
import { exactSize } from "./payload.js";

/** What is wrong; undefined if nothing is. */
export type Fault = { readonly code: number; readonly text: string } | undefined;

const day = 86_400_000;
/** RFC 7230 3.2.6. */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/** The URL and the subprotocols, for error messages. */
export const shown = ({ url, subprotocols }: ConnectionDetails): string =>
  [url, ...subprotocols].map((text) => `"${text}"`).join(", ");

/** RFC 6455 3 and 4.1. The URL is resolved. */
export function detailsFault({ url, subprotocols }: ConnectionDetails): Fault {
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

/** The same for the options of a socket. What providers return is checked when they have. */
export function optionsFault({ details, core }: PortOptions): Fault {
  if (core.values[Setting.asksProvider] !== 0) return undefined;
  const fault = detailsFault(details);
  if (fault !== undefined) return { ...fault, text: `${fault.text} (${shown(details)})` };
  const { batchSubprotocol = "" } = core.texts;
  if (batchSubprotocol === "" || details.subprotocols.includes(batchSubprotocol)) return undefined;
  return {
    code: ErrorCode.invalidOption,
    text: `batch.subprotocol must be one of the subprotocols that are offered, got "${batchSubprotocol}"`,
  };
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
