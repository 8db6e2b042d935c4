// A SteadySocket is a WebSocket for TypeScript, too.
import Default, { type DropEvent, SteadySocket, SteadySocketError } from "steadysocket";

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
// @ts-expect-error - there are two of them
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

/** A class of one's own, as clients of others take it. */
class Mine extends SteadySocket<{ chat: { text: string } }> {
  constructor(url: string | URL, protocols?: string | string[]) {
    super(url, protocols, { reconnect: false });
  }
}
const mine: typeof WebSocket = Mine;
new mine("wss://example.org").send("text");

{
  using scoped = new SteadySocket("wss://example.org");
  scoped.send("text");
}

try {
  await socket.next("x");
} catch (error) {
  if (error instanceof SteadySocketError) error.code satisfies string;
}
