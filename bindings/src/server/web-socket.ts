import type { MessageData } from "./frames.js";

/**
 * The part of a server's WebSocket that sessions use: that of the `ws` package, of Deno and of
 * Cloudflare Workers, or any object with `send` and `close`. Messages are taken from `on`,
 * `addEventListener` or `onmessage`, whichever exists first in this order; a connection that has
 * none of them is fed by {@link AcceptedConnection}. Parameters are `never` so that the types of every
 * platform fit.
 */
export interface ServerWebSocket {
  /** The selected subprotocol. */
  readonly protocol?: string | null;
  /** As in the WebSocket standard: 0 is connecting, and the greeting waits for the `open` event. */
  readonly readyState?: number;
  /** Set to `arraybuffer` if messages are received through `addEventListener` or `onmessage`. */
  binaryType?: string;
  /** Sends text or binary data. Errors are ignored: the end of the connection reports them. */
  send(data: never): unknown;
  /** Begins the close handshake. */
  close(code?: number, reason?: string): unknown;
  /** Adds a listener, as Node's EventEmitter does. */
  on?(type: never, listener: never): unknown;
  /** Adds a listener, as EventTarget does. */
  addEventListener?(type: never, listener: never): unknown;
  /** The handler of messages. */
  onmessage?: unknown;
  /** The handler of the close event. */
  onclose?: unknown;
  /** The handler of the open event. */
  onopen?: unknown;
}

/** Receives the events of a WebSocket. */
export interface WebSocketListener {
  opened(): void;
  received(data: MessageData): void;
  closed(): void;
}

/** The same as sessions call it. */
interface Callable {
  send(data: string | Uint8Array): void;
  on(type: string, listener: (...values: never[]) => void): void;
  addEventListener(type: string, listener: (event: never) => void): void;
}

/** Sends a frame. */
export function send(webSocket: ServerWebSocket, data: string | Uint8Array): void {
  (webSocket as unknown as Callable).send(data);
}

/** Adds listeners to a WebSocket. Calls `opened` at once unless it is still connecting. */
export function listen(webSocket: ServerWebSocket, listener: WebSocketListener): void {
  const opened = () => listener.opened();
  const closed = () => listener.closed();
  const callable = webSocket as unknown as Callable;
  if (webSocket.on) {
    // `ws` reports text as a Buffer with a second argument.
    callable.on("message", (data: MessageData, isBinary?: boolean) => {
      listener.received(isBinary === false ? String(data) : data);
    });
    callable.on("open", opened);
    callable.on("close", closed);
    // Without a listener an error ends the process; a close event follows it.
    callable.on("error", () => {});
  } else {
    const handlers = {
      message: ({ data }: { data: MessageData }) => listener.received(data),
      open: opened,
      close: closed,
    };
    const isTarget = typeof webSocket.addEventListener === "function";
    // Blobs can only be read later, which would lose the order.
    if (isTarget || "onmessage" in webSocket) webSocket.binaryType = "arraybuffer";
    if (isTarget) {
      for (const [type, handler] of Object.entries(handlers)) {
        callable.addEventListener(type, handler);
      }
    } else if ("onmessage" in webSocket) {
      webSocket.onmessage = handlers.message;
      webSocket.onopen = handlers.open;
      webSocket.onclose = handlers.close;
    }
  }
  if (webSocket.readyState !== 0) listener.opened();
}
