/// <reference lib="esnext.disposable" preserve="true" />
import { likeWebSocket } from "./attributes.js";
import { Reading } from "./codes.gen.js";
import { states } from "./codes.js";
import { noCode, noFlush } from "./core-port.js";
import { nameClass, type State, type SteadySocketEventMap } from "./events.js";
import type {
  AnyMessages,
  CloseOptions,
  CoreSocketOptions,
  Provided,
  SendOptions,
} from "./options.js";
import type { BinaryData, Sendable } from "./payload.js";
import { refuseToBeBeneath, seePlatform } from "./platform.js";
import { readCloseOptions } from "./read-options.js";
import type { SendResult, Stats, TrackedResult } from "./results.js";
import type { RouteHandler } from "./routes.js";
import { Shell } from "./shell.js";

/** What `onopen` and its like take. */
export type EventHandler<Type extends keyof SteadySocketEventMap> =
  | ((this: AnySocket, event: SteadySocketEventMap[Type]) => unknown)
  | null;

type TypeOf<Incoming> = keyof Incoming & string;

// biome-ignore lint/suspicious/noExplicitAny: whatever its messages are
type AnySocket = SteadySocket<any, any>;

/** Where a socket has its shell. A private field takes longer to read, and belongs to one class. */
const shellKey = Symbol("shell");

/** Returns the shell of a socket. Throws TypeError if it is none. */
export function shellOf(socket: object): Shell<AnySocket> {
  const shell = (socket as { [shellKey]?: Shell<AnySocket> })[shellKey];
  // An object may inherit from a socket.
  if (shell?.socket !== socket) throw new TypeError("SteadySocket: this is not a socket");
  return shell;
}

/** Gives a socket its shell, which connects. */
export function equip(socket: AnySocket, ...given: ConstructorArguments): Shell<AnySocket> {
  const shell = new Shell<AnySocket>(socket, ...given);
  Object.defineProperty(socket, shellKey, { value: shell });
  return shell;
}

/** Throws if a socket cannot be constructed here, or without arguments. */
export function checkConstruction(argumentCount: number): void {
  if (argumentCount === 0) throw new TypeError("SteadySocket: a URL is needed");
  refuseToBeBeneath();
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

/** The code and the reason of a close as the port takes them. */
const closeFrame = (code: unknown, reason: unknown): [code: number, reason: string] => [
  code === undefined ? noCode : clampedCode(code),
  reason === undefined ? "" : `${reason}`,
];

/**
 * A WebSocket connection that stays up: one logical connection, over as many real ones as it takes.
 *
 * Handlers and listeners are never called from inside a method of the socket.
 *
 * @typeParam Incoming - the payloads of received messages, by their type.
 * @typeParam Outgoing - what may be sent, besides binary data.
 *
 * @example
 * const socket = new SteadySocket("wss://example.org/chat");
 * socket.on("chat-message", ({ userName, message }) => show(userName, message));
 * socket.send({ type: "chat", message: "hello" }); // queued if it must be
 */
export class SteadySocket<Incoming extends object = AnyMessages, Outgoing = Sendable>
  extends EventTarget
  implements Disposable
{
  /** A value of `readyState`. */
  declare static readonly CONNECTING: 0;
  /** A value of `readyState`. */
  declare static readonly OPEN: 1;
  /** A value of `readyState`. */
  declare static readonly CLOSING: 2;
  /** A value of `readyState`. */
  declare static readonly CLOSED: 3;
  /** A value of `readyState`. */
  declare readonly CONNECTING: 0;
  /** A value of `readyState`. */
  declare readonly OPEN: 1;
  /** A value of `readyState`. */
  declare readonly CLOSING: 2;
  /** A value of `readyState`. */
  declare readonly CLOSED: 3;

  static {
    nameClass(SteadySocket, "SteadySocket");
    likeWebSocket(SteadySocket, "SteadySocket");
    seePlatform();
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
   * Connects at once, unless `startClosed`.
   *
   * @param url - ws:, wss:, http: or https:; on a page also relative to it. Or a function that
   * returns it, or a promise of it, before every attempt. One that fails is a failed attempt.
   * @param protocols - subprotocols to offer, in order; or a function in the same way.
   * @throws SyntaxError - the URL or a subprotocol is invalid.
   * @throws SecurityError - the browser refuses such a connection.
   * @throws NotSupportedError - there is no WebSocket here, and none was passed in.
   * @throws TypeError, RangeError - an option is unknown, of another type, or out of its range.
   */
  constructor(
    url: Provided<string | URL>,
    protocols: Provided<string | Iterable<string> | null> = [],
    options: CoreSocketOptions = {},
  ) {
    // biome-ignore lint/complexity/noArguments: a parameter that was given, whatever it is
    checkConstruction(arguments.length);
    super();
    equip(this, url, protocols, options);
  }

  /** The URL of the connection, resolved and serialized; empty before a function has returned one. */
  get url(): string {
    return shellOf(this).endpoint.url;
  }

  /** Where the socket is in its life. */
  get state(): State {
    return states[shellOf(this).port.state()] as State;
  }

  /** Same as `WebSocket.readyState`: 0 also while waiting for the next attempt. */
  get readyState(): 0 | 1 | 2 | 3 {
    return shellOf(this).readyState as 0 | 1 | 2 | 3;
  }

  /**
   * Bytes in the queue or in the browser's buffer, and those that were sent after the socket was
   * closed.
   */
  get bufferedAmount(): number {
    const { port, sender } = shellOf(this);
    return sender.sentTooLate + port.bufferedAmount();
  }

  /** The subprotocol that the server selected, of this connection or the last one. */
  get protocol(): string {
    const { port, endpoint } = shellOf(this);
    return (port.grant.socket ?? endpoint.negotiated).protocol;
  }

  /** The extensions that the server selected, of this connection or the last one. */
  get extensions(): string {
    const { port, endpoint } = shellOf(this);
    return (port.grant.socket ?? endpoint.negotiated).extensions;
  }

  /** The type of binary messages in `message` events: `"blob"` or `"arraybuffer"`. */
  get binaryType(): BinaryType {
    return shellOf(this).receiver.binaryType;
  }
  set binaryType(type: BinaryType) {
    // `this` is checked before the value is converted, and other values are ignored (Web IDL).
    const { receiver } = shellOf(this);
    const text = `${type}`;
    if (text === "blob" || text === "arraybuffer") receiver.binaryType = text;
  }

  /**
   * Retries in a row; counted from 0 again after a connection was up for `stableAfter`. Keeps its
   * value when the socket is closed.
   */
  get retryCount(): number {
    return shellOf(this).port.measured(Reading.retries) ?? 0;
  }

  /** Whether it reconnects by itself, as far as is known. */
  get shouldReconnect(): boolean {
    return this.readyState < 2;
  }

  /** Milliseconds until the next attempt, or `undefined` if none is scheduled. */
  get retryIn(): number | undefined {
    const delay = shellOf(this).port.retryIn();
    return delay < 0 ? undefined : delay;
  }

  /** What was measured so far, also after the socket is closed. */
  stats(): Stats {
    const { port } = shellOf(this);
    const last = port.measured(Reading.last);
    if (last === undefined) return {};
    const smoothed = port.measured(Reading.smoothed) as number;
    const jitter = port.measured(Reading.jitter) as number;
    return { roundTrip: { last, smoothed, jitter } };
  }

  /**
   * Sends a message: now if the connection can take it, otherwise when it can. Order is kept.
   * An object that is not binary is sent as JSON. Binary data is copied if it has to wait.
   *
   * @returns the immediate result, with a promise of the outcome.
   * @throws TypeError - the object cannot be serialized as JSON; an option is unknown or of another
   * type.
   */
  send(data: Outgoing | BinaryData, options: SendOptions & { track: true }): TrackedResult;
  /**
   * Sends a message: now if the connection can take it, otherwise when it can. Order is kept.
   * An object that is not binary is sent as JSON. Binary data is copied if it has to wait.
   *
   * @returns the immediate result. If the message is dropped later, a `drop` event reports it.
   * @throws TypeError - the object cannot be serialized as JSON; an option is unknown or of another
   * type.
   */
  send(data: Outgoing | BinaryData, options?: SendOptions): SendResult;
  send(data: Outgoing | BinaryData, options?: SendOptions): SendResult {
    const { sender } = shellOf(this);
    if (options !== undefined) return sender.sendWith(data, options);
    // biome-ignore lint/complexity/noArguments: undefined is a message, "undefined"
    if (data === undefined && arguments.length === 0) {
      throw new TypeError("SteadySocket: send needs a message");
    }
    return sender.send(data);
  }

  /** Takes a message out of the queue. False if it is not queued any more. */
  cancel(id: number): boolean {
    return shellOf(this).port.cancel(id);
  }

  /**
   * Fulfilled when nothing waits any more, neither in the queue nor in the browser's buffer.
   * Rejected with an InvalidStateError if the socket is closed before that.
   */
  drained(): Promise<void> {
    const { port, waiters } = shellOf(this);
    port.hold();
    return waiters.drained();
  }

  /**
   * Closes the socket. The queue is sent first if the connection is open, otherwise dropped, with
   * `drop` events; or see `flush`.
   *
   * @throws InvalidAccessError - the code is not one that is allowed.
   * @throws SyntaxError - the reason is too long.
   * @throws RangeError - the deadline is out of its range.
   * @throws TypeError - an option is unknown or of another type.
   */
  close(options: CloseOptions): void;
  /**
   * Closes the socket. The queue is sent first if the connection is open, otherwise dropped, with
   * `drop` events.
   *
   * @param code - 1000 or 3000 to 4999.
   * @param reason - at most 123 bytes of UTF-8; not sent without a code.
   * @throws InvalidAccessError - the code is another one.
   * @throws SyntaxError - the reason is too long.
   */
  close(code?: number, reason?: string): void;
  close(first?: number | CloseOptions, second?: string): void {
    const { port } = shellOf(this);
    const isObject = typeof first === "object" && first !== null;
    const { code, reason, deadline } = isObject
      ? readCloseOptions(first)
      : { code: first, reason: second, deadline: noFlush };
    port.close(...closeFrame(code, reason), deadline);
  }

  /**
   * While waiting or suspended: makes the next attempt now. No effect while connecting or open.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  connect(): void {
    shellOf(this).port.connect();
  }

  /**
   * Starts over, whatever the state: a connection is replaced, a wait ends, a closed socket is
   * opened again, and attempts are counted from zero. An attempt under way continues.
   *
   * @param code - the close code that the server receives on the old connection, as in `close`.
   * @throws InvalidAccessError, SyntaxError - as `close`.
   */
  reconnect(code?: number, reason?: string): void {
    const { port, sender } = shellOf(this);
    port.reconnect(...closeFrame(code, reason));
    sender.sentTooLate = 0;
  }

  /**
   * Gives up the connection or the attempt, and makes none until `resume`, `connect` or `reconnect`.
   * Messages that are sent meanwhile are queued.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  suspend(): void {
    shellOf(this).port.suspend();
  }

  /**
   * While suspended: makes an attempt now. No effect otherwise.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  resume(): void {
    shellOf(this).port.resume();
  }

  /**
   * Fulfilled with the socket when there is a connection: at once if there is one, otherwise with
   * the next. Rejected with `closed` when the socket is closed.
   */
  get opened(): Promise<this> {
    const { port, waiters, readyState } = shellOf(this);
    port.hold();
    return waiters.opened(this, readyState === 1) as Promise<this>;
  }

  /**
   * Calls `handler` with every message that is a JSON object whose `type` is `type`. An error that
   * it throws is reported, and does not affect other handlers.
   *
   * @returns a function that removes it.
   */
  on<Type extends TypeOf<Incoming>>(type: Type, handler: RouteHandler<Incoming[Type]>): () => void;
  /**
   * Calls `handler` with every message that is a JSON object with a type.
   *
   * @returns a function that removes it.
   */
  on(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): () => void;
  on(type: string, handler: RouteHandler): () => void {
    return shellOf(this).subscribe(type, handler, "messages");
  }

  /** Same as `on`, for one message only. */
  once<Type extends TypeOf<Incoming>>(
    type: Type,
    handler: RouteHandler<Incoming[Type]>,
  ): () => void;
  /** Same as `on`, for one message only. */
  once(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): () => void;
  once(type: string, handler: RouteHandler): () => void {
    return shellOf(this).subscribe(type, handler, "one message");
  }

  /** Removes `handler` from messages of this type. */
  off<Type extends TypeOf<Incoming>>(type: Type, handler: RouteHandler<Incoming[Type]>): void;
  /** Removes `handler` from messages of every type. */
  off(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): void;
  off(type: string, handler: RouteHandler): void {
    shellOf(this).unsubscribe(type, handler);
  }

  /** Same as that of every EventTarget, with the events of {@link SteadySocketEventMap}. */
  override addEventListener<Type extends keyof SteadySocketEventMap>(
    type: Type,
    listener: ((event: SteadySocketEventMap[Type]) => void) | null,
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

  /** Same as that of every EventTarget. */
  override removeEventListener<Type extends keyof SteadySocketEventMap>(
    type: Type,
    listener: ((event: SteadySocketEventMap[Type]) => void) | null,
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

  /** Same as `WebSocket.onopen`: called with every `open` event; null for none. */
  get onopen(): WebSocket["onopen"] {
    return shellOf(this).handlers.get("open") as WebSocket["onopen"];
  }
  set onopen(handler: EventHandler<"open">) {
    shellOf(this).setHandler("open", handler);
  }
  /** Same as `WebSocket.onmessage`: called with every `message` event; null for none. */
  get onmessage(): WebSocket["onmessage"] {
    return shellOf(this).handlers.get("message") as WebSocket["onmessage"];
  }
  set onmessage(handler: EventHandler<"message">) {
    shellOf(this).setHandler("message", handler);
  }
  /** Same as `WebSocket.onerror`: called with every `error` event; null for none. */
  get onerror(): WebSocket["onerror"] {
    return shellOf(this).handlers.get("error") as WebSocket["onerror"];
  }
  set onerror(handler: EventHandler<"error">) {
    shellOf(this).setHandler("error", handler);
  }
  /** Same as `WebSocket.onclose`: called with every `close` event; null for none. */
  get onclose(): WebSocket["onclose"] {
    return shellOf(this).handlers.get("close") as WebSocket["onclose"];
  }
  set onclose(handler: EventHandler<"close">) {
    shellOf(this).setHandler("close", handler);
  }

  /** Same as `close()`. Only where the runtime has `Symbol.dispose`. */
  declare readonly [Symbol.dispose]: () => void;
}
