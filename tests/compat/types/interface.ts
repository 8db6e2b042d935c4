// SteadySocket is assignable to WebSocket.
import Default, {
  type DropEvent,
  type DropReason,
  SteadyErrorEvent,
  type SteadyErrorEventCode,
  SteadySocket,
  SteadySocketError,
} from "steadysocket";

const webSocket: WebSocket = new SteadySocket("wss://example.org", ["chat"]);
const swapped: typeof WebSocket = SteadySocket;
const other: typeof WebSocket = Default;
new swapped("wss://example.org").close(1000, "bye");
new other("wss://example.org").onclose = ({ code }) => code;
webSocket.onmessage = ({ data }) => data;

const socket = new SteadySocket("wss://example.org");
socket.onopen = (event) => event.type;
socket.onclose = (event) => event.code;
socket.onclose = ({ willRetry }: { willRetry: boolean }) => willRetry;
socket.onerror = null;
socket.binaryType = "arraybuffer";
// @ts-expect-error - only "blob" and "arraybuffer" exist
socket.binaryType = "text";
// @ts-expect-error - it cannot be set
socket.url = "wss://example.org";
socket.addEventListener("close", ({ willRetry }) => willRetry satisfies boolean, { once: true });
socket.addEventListener("statechange", ({ state, retryIn }) => [state, retryIn.toFixed()]);
socket.addEventListener("drop", (event) => event satisfies DropEvent);
socket.addEventListener("mine", (event) => event satisfies Event);
socket.addEventListener("message", { handleEvent: (event: Event) => event.type });
socket.close({ flush: true, deadline: 1_000 });
const states: 0 | 1 | 2 | 3 = SteadySocket.CLOSED;
states satisfies number;

// The argument of WebSocket.send in older DOM libraries.
export const send = (data: string | ArrayBufferLike | Blob | ArrayBufferView) => socket.send(data);

// Codes and reasons are unions.
socket.addEventListener("error", ({ code }) => {
  code satisfies SteadyErrorEventCode;
  if (code === "gave_up" || code === "provider_failed") return;
  // @ts-expect-error - there is no such code
  if (code === "given_up") return;
});
socket.addEventListener("drop", ({ reason }) => reason satisfies DropReason);
new SteadyErrorEvent("blocked", "for a test");
// @ts-expect-error - there is no such code
new SteadyErrorEvent("bloked", "for a test");
export const isTimeout = (error: SteadySocketError) => error.code === "timeout";
// @ts-expect-error - there is no such code
export const isTimedOut = (error: SteadySocketError) => error.code === "timed_out";

/** A subclass, for clients that accept a WebSocket class. */
class Mine extends SteadySocket<{ chat: { text: string } }> {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { reconnect: false });
  }
}
const mine: typeof WebSocket = Mine;
new mine("wss://example.org").send("text");

/** Subclasses that do not compile: docs/start/typescript.md. */
export class Limits extends SteadySocket {
  // @ts-expect-error - a field would hide the accessor, and the handler would never be called
  override onmessage = (event: MessageEvent) => event.data;
  // @ts-expect-error - send must return a SendResult
  override send(data: string): void {
    super.send(data);
  }
}

{
  using scoped = new SteadySocket("wss://example.org");
  scoped.send("text");
}

try {
  await socket.next("x");
} catch (error) {
  if (error instanceof SteadySocketError) error.code satisfies string;
}
