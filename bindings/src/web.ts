// What sdk/web/steady_web.js and Emscripten's glue have for the package.

/** A connection of steady_web.js. */
export interface Connection {
  /** The platform's WebSocket. */
  readonly socket: PlatformSocket;
  /** After an error event: what the platform said of it, or that there was one. */
  readonly failure?: string;
  /** After a close event. */
  readonly reason?: string;
}

/** The platform's WebSocket, or an object of the class that was passed in. */
export interface PlatformSocket {
  readonly readyState: number;
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
  send(data: unknown): void;
}

/** Sits beside the connections of one socket: see steady_web_new. */
export interface Observer {
  /** The present connection, once it is listened to. */
  connection: Connection | undefined;
  /** Messages go to `message` at once. */
  receive: number;
  /** 1 if one has arrived that way. */
  heard: number;
  /** The error that the next `error` event comes from. Errors do not cross into WebAssembly. */
  thrown: unknown;
  /** Old connections that were left to themselves. */
  readonly lingering: unknown[];
  /** A WebSocket is about to be made. */
  prepare(): void;
  /** It was made, of this class. */
  prepared(webSocketClass: unknown): void;
  /** A message has arrived that may be dispatched. No WebAssembly is on the stack. */
  message(data: string | ArrayBuffer): void;
  /** The connection was let go of. */
  abandoned(): void;
  /** Called before C++ hears of an event of the connection, and after it. */
  enter?(connection: Connection): void;
  leave?(): void;
}

/** The part of SteadyWeb that is called from here. */
export interface SteadyWeb {
  /** Returns the number of an observer, which `create` and `unobserve` take. */
  observe(observer: Observer): number;
  unobserve(number: number): void;
  /** What `leaveText` was called with last. */
  readonly left: string;
  /** Leaves a string for the next call. */
  leaveText(text: string): void;
  postTask(task: () => void): void;
  /** A member that is a string, or an empty one. */
  peekText(from: unknown, name: string): string;
  /** Bytes in the platform's buffer. */
  amount(connection: Connection): number;
  /** Milliseconds; never going back, and the machine's sleep counts. */
  now(): number;
  /** Calls `notice` with every Hint. Returns what `unwatch` takes. */
  watch(notice: (hint: number) => void): number;
  readonly watches: Map<number, unknown>;
}

/** The module of the package: what ../embind.cpp binds, and what is in its glue. */
export interface KernelModule {
  /** The memory. It is another array when it has grown. */
  numbers(): Float64Array;
  /** Where `Border` and `Settings` are, in bytes. */
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

/** TransportSend of a message that was not sent: not now, or never. */
const notOpen = 1;
const refused = 2;

/**
 * A WebSocket sends what it does not know as its string, a Blob of another implementation, too.
 * Meanwhile a Blob has none: what is no function throws when the string is made. (What stands for a
 * string, and only says that it is a Blob, keeps it.)
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

/** Gives a message to the platform. Returns a TransportSend, 0 if it was taken. */
export function transmit(socket: PlatformSocket | null, data: unknown): number {
  try {
    // Outside of OPEN a browser throws (connecting) or loses the message in silence (closing).
    if (socket?.readyState !== 1) return notOpen;
    if (typeof data === "object" && (data as ArrayBuffer).byteLength === undefined) {
      sendBlob(socket, data as Blob);
    } else {
      socket.send(data);
    }
    return 0;
  } catch {
    return refused;
  }
}
