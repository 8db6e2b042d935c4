/// <reference lib="esnext.disposable" preserve="true" />
import { likeWebSocket } from "./attributes.js";
import { InputKind, Reading, states } from "./codes.gen.js";
import { noCode, noFlush } from "./core-port.js";
import type { State, SteadySocketEventMap } from "./events.js";
import { masked, nameClass } from "./inspection.js";
import type {
  AnyMessages,
  CloseOptions,
  CoreSocketOptions,
  Provided,
  SendOptions,
} from "./options.js";
import type { BinaryData, Sendable } from "./payload.js";
import { capturePlatform, throwIfUnderlying } from "./platform.js";
import { fail, readCloseOptions } from "./read-options.js";
import type { SendResult, Stats, TrackedResult } from "./results.js";
import type { RouteHandler } from "./routes.js";
import { Shell } from "./shell.js";
import { countdown, type Watch, type WatchOptions, watch } from "./watch.js";

/** The type of event handler attributes such as `onopen`. */
export type EventHandler<Type extends keyof SteadySocketEventMap, Socket = AnySocket> =
  | ((this: Socket, event: SteadySocketEventMap[Type]) => unknown)
  | null;

type TypeOf<Incoming> = keyof Incoming & string;

// biome-ignore lint/suspicious/noExplicitAny: its message types do not matter
type AnySocket = SteadySocket<any, any>;

/** The property with the shell. A private field is slower, and belongs to only one class. */
const shellKey = Symbol("shell");

/** Returns the shell of a socket. Throws TypeError for any other object. */
export function shellOf(socket: object): Shell<AnySocket> {
  const shell = (socket as { [shellKey]?: Shell<AnySocket> })[shellKey];
  // An object that inherits from a socket is not a socket.
  if (shell?.socket !== socket) throw new TypeError("SteadySocket: this is not a SteadySocket");
  return shell;
}

/** Creates the shell of a socket, which connects. */
export function equip(socket: AnySocket, ...given: ConstructorArguments): Shell<AnySocket> {
  const shell = new Shell<AnySocket>(socket, ...given);
  Object.defineProperty(socket, shellKey, { value: shell });
  return shell;
}

/** Throws if the constructor has no arguments, or is called for a connection of a SteadySocket. */
export function checkConstruction(argumentCount: number): void {
  if (argumentCount === 0) throw new TypeError("SteadySocket: url is required");
  throwIfUnderlying();
}

type ConstructorArguments = [
  url: Provided<string | URL>,
  protocols: Provided<string | Iterable<string> | null>,
  options: CoreSocketOptions,
];

/** Converts to unsigned short with [Clamp] (Web IDL). */
function clampedCode(value: unknown): number {
  const number = Math.min(Math.max(+(value as number) || 0, 0), 0xffff);
  const rounded = Math.round(number);
  return rounded - number === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/** Converts the arguments of a close for the port. */
const closeFrame = (code: unknown, reason: unknown): [code: number, reason: string] => [
  code === undefined ? noCode : clampedCode(code),
  reason === undefined ? "" : `${reason}`,
];

/**
 * A WebSocket that reconnects: one logical connection over a series of WebSocket connections.
 *
 * Handlers and listeners are never called from inside a method of the socket.
 *
 * @typeParam Incoming - the payloads of received messages, by message type.
 * @typeParam Outgoing - the messages that may be sent, in addition to binary data.
 *
 * @example
 * const socket = new SteadySocket("wss://example.org/chat");
 * socket.on("chat-message", ({ userName, message }) => show(userName, message));
 * socket.send({ type: "chat", message: "hello" }); // queued while there is no connection
 */
export class SteadySocket<Incoming extends object = AnyMessages, Outgoing = Sendable>
  extends EventTarget
  implements Disposable
{
  /** The `readyState` of a socket that is connecting, waiting or suspended. */
  declare static readonly CONNECTING: 0;
  /** The `readyState` of an open connection. */
  declare static readonly OPEN: 1;
  /** The `readyState` of a socket that is closing. */
  declare static readonly CLOSING: 2;
  /** The `readyState` of a closed socket. */
  declare static readonly CLOSED: 3;
  /** The `readyState` of a socket that is connecting, waiting or suspended. */
  declare readonly CONNECTING: 0;
  /** The `readyState` of an open connection. */
  declare readonly OPEN: 1;
  /** The `readyState` of a socket that is closing. */
  declare readonly CLOSING: 2;
  /** The `readyState` of a closed socket. */
  declare readonly CLOSED: 3;

  static {
    nameClass(SteadySocket, "SteadySocket", ["url", "state", "queued", "retryIn", "protocol"], {
      url: masked,
    });
    likeWebSocket(SteadySocket, "SteadySocket");
    capturePlatform();
    if (Symbol.dispose !== undefined) {
      Object.defineProperty(SteadySocket.prototype, Symbol.dispose, {
        value(this: AnySocket) {
          if (!shellOf(this).port.detach()) this.close();
        },
        configurable: true,
        writable: true,
      });
    }
  }

  /**
   * Creates a socket and connects, unless `startClosed` or `startSuspended`.
   *
   * @param url - ws:, wss:, http: or https:; on a page also a relative URL. Or a function that
   * returns it, or a promise of it, before every attempt. If the function fails, the attempt has
   * failed.
   * @param protocols - subprotocols to offer, in order of preference, or a function that returns
   * them.
   * @throws SyntaxError - the URL or a subprotocol is invalid.
   * @throws SecurityError - the page is of https:, and the URL of ws:.
   * @throws NotSupportedError - the platform has no WebSocket, and `options.WebSocket` is not set.
   * @throws TypeError - an option is unknown or of the wrong type.
   * @throws RangeError - an option is out of range.
   */
  constructor(
    url: Provided<string | URL>,
    protocols: Provided<string | Iterable<string> | null> = [],
    options: CoreSocketOptions = {},
  ) {
    // biome-ignore lint/complexity/noArguments: an explicit undefined counts as an argument
    checkConstruction(arguments.length);
    super();
    equip(this, url, protocols, options);
  }

  /** The resolved URL of the connection. Empty until a provider function has returned one. */
  get url(): string {
    return shellOf(this).endpoint.url;
  }

  /** The state of the socket. */
  get state(): State {
    return states[shellOf(this).port.state()] as State;
  }

  /** Same as `WebSocket.readyState`: 0 also while waiting for the next attempt. */
  // A number in older DOM libraries.
  get readyState(): WebSocket["readyState"] {
    return shellOf(this).readyState as WebSocket["readyState"];
  }

  /**
   * Bytes in the queue and in the browser's buffer, and those passed to `send` after the socket was
   * closed.
   */
  get bufferedAmount(): number {
    const { port, sender } = shellOf(this);
    return sender.sentTooLate + port.bufferedAmount();
  }

  /** Messages in the queue. Those in the browser's buffer have left it. */
  get queued(): number {
    return shellOf(this).port.measured(Reading.queued) ?? 0;
  }

  /** The subprotocol selected by the server, for the current or the last connection. */
  get protocol(): string {
    const { port, endpoint } = shellOf(this);
    return (port.grant.socket ?? endpoint.negotiated).protocol;
  }

  /** The extensions selected by the server, for the current or the last connection. */
  get extensions(): string {
    const { port, endpoint } = shellOf(this);
    return (port.grant.socket ?? endpoint.negotiated).extensions;
  }

  /** The type of binary data in `message` events. @default "blob" */
  get binaryType(): BinaryType {
    return shellOf(this).receiver.binaryType;
  }
  set binaryType(type: BinaryType) {
    // Web IDL: `this` is checked before the value is converted; unknown values are ignored.
    const { receiver } = shellOf(this);
    const text = `${type}`;
    if (text === "blob" || text === "arraybuffer") receiver.binaryType = text;
  }

  /**
   * Consecutive retries, counted from 0 again after a connection was open for `stableAfter`. Keeps
   * its value after the socket is closed.
   */
  get retryCount(): number {
    return shellOf(this).port.measured(Reading.retries) ?? 0;
  }

  /** True unless the socket is closing or closed, and does not reconnect by itself. */
  get shouldReconnect(): boolean {
    return this.readyState < 2;
  }

  /**
   * Milliseconds until the next attempt; `undefined` if none is scheduled. In a selection of `watch`
   * rounded up to seconds.
   */
  get retryIn(): number | undefined {
    return countdown(shellOf(this).port.measured(Reading.retryIn));
  }

  /** Returns the measurements of the socket, also after it is closed. */
  stats(): Stats {
    const { port } = shellOf(this);
    const last = port.measured(Reading.last);
    if (last === undefined) return {};
    const smoothed = port.measured(Reading.smoothed) as number;
    const jitter = port.measured(Reading.jitter) as number;
    const roundTrip = { last, smoothed, jitter };
    const clockOffset = port.clockOffset();
    return clockOffset === undefined ? { roundTrip } : { roundTrip, clockOffset };
  }

  /**
   * Sends a message, or queues it until the connection can take it. Messages are sent in order. An
   * object that is not binary is sent as JSON. Binary data is copied if it is queued.
   *
   * @returns the immediate result, with the promise `outcome`.
   * @throws TypeError - the object cannot be serialized as JSON; an option is unknown, of the wrong
   * type or out of range.
   */
  send(data: Outgoing | BinaryData, options: SendOptions & { track: true }): TrackedResult;
  /**
   * Sends a message, or queues it until the connection can take it. Messages are sent in order. An
   * object that is not binary is sent as JSON. Binary data is copied if it is queued.
   *
   * @returns the immediate result. A later drop is reported by a `drop` event.
   * @throws TypeError - the object cannot be serialized as JSON; an option is unknown, of the wrong
   * type or out of range.
   */
  send(data: Outgoing | BinaryData, options?: SendOptions): SendResult;
  send(data: Outgoing | BinaryData, options?: SendOptions): SendResult {
    const { sender } = shellOf(this);
    if (options !== undefined) return sender.sendWith(data, options);
    // biome-ignore lint/complexity/noArguments: undefined is a message, "undefined"
    if (data === undefined && arguments.length === 0) {
      throw new TypeError("SteadySocket: send requires a message");
    }
    return sender.send(data);
  }

  /** Removes a message from the queue. Returns false if it is no longer queued. */
  cancel(id: number): boolean {
    return shellOf(this).port.cancel(id);
  }

  /**
   * Returns a promise that is fulfilled when the queue and the browser's buffer are empty.
   *
   * @returns a promise, rejected with an InvalidStateError if the socket is closed before that.
   */
  drained(): Promise<void> {
    const { port, waiters } = shellOf(this);
    port.hold();
    return waiters.drained();
  }

  /**
   * Returns a promise that is fulfilled when the server has handled everything that was sent before
   * this call; messages that were dropped are reported by `drop` events.
   *
   * @returns a promise, rejected with a SteadySocketError: `session_unsupported` if the connection
   * has no session, `session_lost` if the session is over before that.
   */
  delivered(): Promise<void> {
    const { port, waiters } = shellOf(this);
    port.hold();
    return waiters.delivered();
  }

  /**
   * Closes the socket. The queue is flushed if the connection is open, otherwise dropped with
   * `drop` events. To reconnect for the flush, set `flush` of {@link CloseOptions}.
   *
   * @param first - the close code, 1000 or 3000 to 4999; or options, without a second argument.
   * @param reason - at most 123 bytes of UTF-8; not sent without a code.
   * @throws InvalidAccessError - the code is not 1000 or 3000 to 4999.
   * @throws SyntaxError - the reason is too long.
   * @throws RangeError - the deadline is out of range.
   * @throws TypeError - an option is unknown or of the wrong type.
   */
  // One signature: a subclass may then override it as it overrides that of WebSocket.
  close(first?: number | CloseOptions, reason?: string): void {
    const { port } = shellOf(this);
    const isObject = typeof first === "object" && first !== null;
    const given = isObject ? readCloseOptions(first) : { code: first, reason, deadline: noFlush };
    port.close(...closeFrame(given.code, given.reason), given.deadline);
  }

  /**
   * Starts the next attempt now if the socket is waiting or suspended. No effect while connecting
   * or open.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  connect(): void {
    shellOf(this).port.control(InputKind.connect);
  }

  /**
   * Reconnects in any state: replaces an open connection, ends a wait, reopens a closed socket, and
   * counts attempts from zero. An attempt in progress continues.
   *
   * @param code - close code for the old connection: 1000 or 3000 to 4999.
   * @param reason - at most 123 bytes of UTF-8; not sent without a code.
   * @throws InvalidAccessError - the code is not 1000 or 3000 to 4999.
   * @throws SyntaxError - the reason is too long.
   */
  reconnect(code?: number, reason?: string): void {
    const { port, sender } = shellOf(this);
    port.reconnect(...closeFrame(code, reason));
    sender.sentTooLate = 0;
  }

  /**
   * Ends the connection or the attempt, and starts no other until `resume`, `connect` or
   * `reconnect`. Messages sent meanwhile are queued.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  suspend(): void {
    shellOf(this).port.control(InputKind.suspend);
  }

  /**
   * Starts an attempt now if the socket is suspended. No effect otherwise.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  resume(): void {
    shellOf(this).port.control(InputKind.resume);
  }

  /**
   * A promise of the socket, fulfilled when a connection is open: the current one, or the next.
   * Rejected with a SteadySocketError with the code `closed` when the socket is closed.
   */
  get opened(): Promise<this> {
    const { port, waiters, readyState } = shellOf(this);
    port.hold();
    return waiters.opened(this, readyState === 1) as Promise<this>;
  }

  /**
   * Calls `handler` with every message of a type: a JSON object with this `type` member (see
   * `typeMember`). An error that it throws is reported, and does not affect other handlers.
   *
   * @returns a function that removes the handler.
   * @throws TypeError - `handler` is not a function.
   */
  on<Type extends TypeOf<Incoming>>(type: Type, handler: RouteHandler<Incoming[Type]>): () => void;
  /**
   * Calls `handler` with every message that has a type.
   *
   * @returns a function that removes the handler.
   * @throws TypeError - `handler` is not a function.
   */
  on(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): () => void;
  on(type: string, handler: RouteHandler): () => void {
    return shellOf(this).subscribe(type, handler, "messages");
  }

  /** Same as `on`, but for only one message. */
  once<Type extends TypeOf<Incoming>>(
    type: Type,
    handler: RouteHandler<Incoming[Type]>,
  ): () => void;
  /** Same as `on`, but for only one message. */
  once(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): () => void;
  once(type: string, handler: RouteHandler): () => void {
    return shellOf(this).subscribe(type, handler, "one message");
  }

  /** Removes a handler for messages of this type. */
  off<Type extends TypeOf<Incoming>>(type: Type, handler: RouteHandler<Incoming[Type]>): void;
  /** Removes a handler for messages of all types. */
  off(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): void;
  off(type: string, handler: RouteHandler): void {
    shellOf(this).unsubscribe(type, handler);
  }

  /**
   * Returns a value to subscribe to: what `select` computes from this socket, such as
   * `({ state, retryIn }) => ({ state, retryIn })`. A selection that reads `retryIn` changes once a
   * second while the socket waits. A subscription keeps the socket alive until it is closed.
   *
   * @param select - must not change anything.
   * @throws TypeError - `select` is not a function; an option is unknown or of the wrong type.
   */
  watch<Value>(select: (socket: this) => Value, options: WatchOptions = {}): Watch<Value> {
    if (typeof select !== "function") fail("select of watch", "a function", select);
    return watch(shellOf(this), () => select(this), options);
  }

  /** Same as `EventTarget.addEventListener`, for the events of {@link SteadySocketEventMap}. */
  override addEventListener<Type extends keyof SteadySocketEventMap>(
    type: Type,
    listener: EventHandler<Type, this>,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
  override addEventListener(...given: Parameters<EventTarget["addEventListener"]>): void {
    super.addEventListener(...given);
    shellOf(this).listen(given[0]);
  }

  /** Same as `EventTarget.removeEventListener`. */
  override removeEventListener<Type extends keyof SteadySocketEventMap>(
    type: Type,
    listener: EventHandler<Type, this>,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | EventListenerOptions,
  ): void;
  override removeEventListener(...given: Parameters<EventTarget["removeEventListener"]>): void {
    super.removeEventListener(...given);
  }

  /** Same as `WebSocket.onopen`: the handler of `open` events, or null. */
  get onopen(): WebSocket["onopen"] {
    return shellOf(this).handlers.get("open") as WebSocket["onopen"];
  }
  set onopen(handler: EventHandler<"open", this>) {
    shellOf(this).setHandler("open", handler);
  }
  /** Same as `WebSocket.onmessage`: the handler of `message` events, or null. */
  get onmessage(): WebSocket["onmessage"] {
    return shellOf(this).handlers.get("message") as WebSocket["onmessage"];
  }
  set onmessage(handler: EventHandler<"message", this>) {
    shellOf(this).setHandler("message", handler);
  }
  /** Same as `WebSocket.onerror`: the handler of `error` events, or null. */
  get onerror(): WebSocket["onerror"] {
    return shellOf(this).handlers.get("error") as WebSocket["onerror"];
  }
  set onerror(handler: EventHandler<"error", this>) {
    shellOf(this).setHandler("error", handler);
  }
  /** Same as `WebSocket.onclose`: the handler of `close` events, or null. */
  get onclose(): WebSocket["onclose"] {
    return shellOf(this).handlers.get("close") as WebSocket["onclose"];
  }
  set onclose(handler: EventHandler<"close", this>) {
    shellOf(this).setHandler("close", handler);
  }

  /** Same as `close()`, for `using`. Absent if the runtime has no `Symbol.dispose`. */
  declare readonly [Symbol.dispose]: () => void;
}
