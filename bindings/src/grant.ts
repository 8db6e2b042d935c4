import { TransportSend } from "./codes.gen.js";
import { overhead } from "./core-port.js";
import { sizeBound, snapshot, type WireData } from "./payload.js";
import { type PlatformSocket, transmit } from "./web.js";

/** The part of a grant that sending uses up. */
interface SendGrant {
  readonly socket: PlatformSocket | null;
  /** Bytes that may be sent without asking the kernel. */
  credit: number;
  /** What was sent within it and is not reported to the kernel yet. */
  readonly sent: WireData[];
}

/**
 * Sends within a grant, without a call into WebAssembly. Returns a TransportSend; `notOpen` also
 * where the grant does not cover the message.
 */
export function sendWithin(grant: SendGrant, payload: WireData, keepsCopy: boolean): number {
  const size = sizeBound(payload);
  if (size >= grant.credit) return TransportSend.notOpen;
  const result = transmit(grant.socket, payload);
  if (result === TransportSend.taken) {
    grant.credit -= size + overhead;
    grant.sent.push(keepsCopy ? (snapshot(payload) as WireData) : payload);
  }
  return result;
}
