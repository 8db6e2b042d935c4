// Validation of arguments before they reach the platform, whose errors are less specific.
import { ErrorCode, Setting } from "./codes.gen.js";
import { exceptionOf } from "./codes.js";
import type { ConnectionDetails, PortOptions } from "./core-port.js";
import { exactSize } from "./payload.js";
import { isClientCloseCode, maxReasonBytes, token } from "./protocol.js";

/** A validation error; undefined if there is none. */
export type Fault = { readonly code: number; readonly text: string } | undefined;

const day = 86_400_000;

/** Formats the URL and the subprotocols for error messages. */
export const shown = ({ url, subprotocols }: ConnectionDetails): string =>
  [url, ...subprotocols].map((text) => `"${text}"`).join(", ");

/** Validates a resolved URL and subprotocols (RFC 6455 3 and 4.1). */
export function detailsFault({ url, subprotocols }: ConnectionDetails): Fault {
  const urlFault = !/^wss?:/.test(url)
    ? "URL must begin with ws:// or wss://"
    : url.includes("#")
      ? "URL must not have a fragment"
      : "";
  if (urlFault) return { code: ErrorCode.invalidUrl, text: urlFault };
  const code = ErrorCode.invalidSubprotocol;
  if (!subprotocols.every((one) => token.test(one))) {
    return { code, text: "subprotocol must be a token: letters, digits and !#$%&'*+-.^_`|~" };
  }
  const duplicate = subprotocols.find((one, at) => subprotocols.indexOf(one) < at);
  if (duplicate === undefined) return undefined;
  return { code, text: `duplicate subprotocol: ${duplicate}` };
}

/**
 * Validates the options of a socket, and throws. Results of providers are validated when they are
 * returned.
 */
export function checkOptions({ details, core }: PortOptions): void {
  if (core.values[Setting.asksProvider] !== 0) return;
  const fault = detailsFault(details);
  if (fault !== undefined) throw exceptionOf(fault.code, `${fault.text} (${shown(details)})`);
  const { "batch.subprotocol": offered = "" } = core.texts;
  if (offered === "" || details.subprotocols.includes(offered)) return;
  throw exceptionOf(
    ErrorCode.invalidOption,
    `batch.subprotocol must be one of the offered subprotocols, got "${offered}"`,
  );
}

/** Validates the arguments of a close, and throws. A negative code or deadline is absent. */
export function checkClose(closeCode: number, reason: string, deadline: number): void {
  if (closeCode >= 0 && !isClientCloseCode(closeCode)) {
    throw exceptionOf(
      ErrorCode.invalidCloseCode,
      `close code must be 1000 or 3000-4999, got ${closeCode}`,
    );
  }
  if (exactSize(reason) > maxReasonBytes) {
    throw exceptionOf(
      ErrorCode.invalidCloseReason,
      "close reason must be at most 123 bytes of UTF-8",
    );
  }
  if (deadline === 0 || deadline > day) {
    throw exceptionOf(
      ErrorCode.invalidOption,
      `deadline must be more than 0 and at most one day, got ${deadline}`,
    );
  }
}

/**
 * Returns the delay in milliseconds that the server requests in a close reason, or -1: see
 * docs/guides/reconnecting.md.
 */
export function retryAfter(reason: string): number {
  const seconds = /retry-after=(\d+)/.exec(reason)?.[1];
  return seconds === undefined ? -1 : Math.min(Number(seconds) * 1000, day);
}
