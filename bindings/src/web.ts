// Types of the parts of sdk/web/steady_web.js and Emscripten's glue that the package uses.
import { TransportSend } from "./codes.gen.js";

/** A connection of steady_web.js. */
export interface Connection {
  /** The platform's WebSocket. */
  readonly socket: PlatformSocket;
  /** After an error event: the platform's message, or a generic one. */
  readonly failure?: string;
  /** The close reason after a close event. */
  readonly reason?: string;
}

/** The platform's WebSocket, or an instance of `options.WebSocket`. */
export interface PlatformSocket {
  readonly readyState: number;
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
  send(data: unknown): void;
}

/** The JavaScript object beside the connections of one socket: see steady_web_new. */
export interface Observer {
  /** The current connection, set when its event handlers are. */
  connection: Connection | undefined;
  /** Nonzero if received messages are passed to `message` directly. */
  receive: number;
  /** 1 if a message was passed to `message` since the last input. */
  heard: number;
  /** The cause of the next `error` event. Error objects cannot be passed through WebAssembly. */
  thrown: unknown;
  /** Abandoned connections that are still closing. */
  readonly lingering: unknown[];
  /** Called before a WebSocket is created. */
  prepare(): void;
  /** Called after a WebSocket of this class was created. */
  prepared(webSocketClass: unknown): void;
  /** Called with a received message. No WebAssembly is on the stack. */
  message(data: string | ArrayBuffer): void;
  /** Called when the connection was abandoned. */
  abandoned(): void;
  /** Called before and after an event of the connection is passed to C++. */
  enter?(connection: Connection): void;
  leave?(): void;
}

/** The part of SteadyWeb that the package uses. */
export interface SteadyWeb {
  /** Registers an observer. Returns its number for `create` and `unobserve`. */
  observe(observer: Observer): number;
  unobserve(number: number): void;
  /** The last string that `leaveText` was called with. */
  readonly left: string;
  /** Stores a string argument for the next call into WebAssembly. */
  leaveText(text: string): void;
  postTask(task: () => void): void;
  /** Returns a string member; an empty string if it is missing or throws. */
  peekText(from: unknown, name: string): string;
  /** Bytes in the platform's buffer. */
  amount(connection: Connection): number;
  /** Returns monotonic time in milliseconds, which includes the machine's sleep. */
  now(): number;
  /** Calls `notice` with every Hint. Returns a key of `watches`. */
  watch(notice: (hint: number) => void): number;
  readonly watches: Map<number, unknown>;
}

/** The package's module: the functions bound by ../embind.cpp, and members of its glue. */
export interface KernelModule {
  /** Returns the memory. Another array after it has grown. */
  numbers(): Float64Array;
  /** Return the addresses of `Border` and `Settings`, in bytes. */
  border(): number;
  settings(): number;
  create(observer: number): number;
  destroy(host: number): void;
  addCloseRule(host: number, first: number, last: number, action: number): void;
  /** `kind`: an InputKind. */
  input(host: number, kind: number, a: number, b: number, c: number, d: number, e: number): number;
  clear(host: number): void;
  dial(host: number, attempt: number, urlSize: number): number;
  shut(host: number, code: number): void;
  abandon(host: number): void;
  /** `reading`: a Reading. */
  read(host: number, reading: number): number;
  useWebSocket(webSocketClass: unknown): void;
  readonly SteadyWeb: SteadyWeb;
}

/**
 * Sends a Blob. WebSocket would convert a Blob of another implementation to a string: an invalid
 * `Symbol.toPrimitive` makes that conversion throw instead. An object whose `valueOf` is another
 * value only has the tag of a Blob, and is sent as its string.
 */
function sendBlob(socket: PlatformSocket, blob: Blob): void {
  if (blob.valueOf() === blob) {
    Reflect.defineProperty(blob, Symbol.toPrimitive, { value: 0, configurable: true });
  }
  try {
    socket.send(blob);
  } finally {
    Reflect.deleteProperty(blob, Symbol.toPrimitive);
  }
}

/** Passes a message to the platform. Returns a TransportSend. */
export function transmit(socket: PlatformSocket | null, data: unknown): number {
  try {
    // In other states the browser throws (CONNECTING) or silently discards the message.
    if (socket?.readyState !== 1) return TransportSend.notOpen;
    if (typeof data === "object" && (data as ArrayBuffer).byteLength === undefined) {
      sendBlob(socket, data as Blob);
    } else {
      socket.send(data);
    }
    return TransportSend.taken;
  } catch {
    return TransportSend.refused;
  }
}
