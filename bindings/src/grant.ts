import { messageOverhead, TransportSend } from "./codes.gen.js";
import { sizeBound, snapshot, type WireData } from "./payload.js";
import { escaped, type SessionFrames } from "./session.js";
import { type PlatformSocket, transmit } from "./web.js";

/** The part of a grant that sending consumes. */
interface SendGrant {
  readonly socket: PlatformSocket | null;
  /** Bytes that may be sent without calling the kernel. */
  credit: number;
  /** Messages sent within the grant and not yet reported to the kernel. */
  readonly sent: WireData[];
  /** Of the connection, if it has a session. */
  readonly session?: SessionFrames | undefined;
}

/**
 * Sends a message within a grant, without a call into WebAssembly. Returns a TransportSend:
 * `notOpen` also if the message exceeds the grant. `renew` has the kernel read the platform's buffer
 * and renew the grant; if there is room then, the message is sent however large it is, as the kernel
 * would. That is cheaper than asking it, which takes the exact size.
 */
export function sendWithin(
  grant: SendGrant,
  payload: WireData,
  keepsCopy: boolean,
  renew?: () => void,
): number {
  const { session } = grant;
  const size = sizeBound(payload);
  if (size >= grant.credit) {
    if (renew === undefined || grant.credit === 0) return TransportSend.notOpen;
    renew();
    // The window of a session is exact.
    if (session ? size >= grant.credit : grant.credit <= 0) return TransportSend.notOpen;
  }
  const result = transmit(grant.socket, session ? escaped(payload) : payload);
  if (result === TransportSend.taken) {
    session?.sent(payload);
    grant.credit -= size + messageOverhead;
    grant.sent.push(keepsCopy ? (snapshot(payload) as WireData) : payload);
    // A large message is not kept for longer than the platform has it.
    if (grant.credit <= 0) renew?.();
  }
  return result;
}
