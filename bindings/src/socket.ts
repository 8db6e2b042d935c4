import {
  type Core,
  EventKind,
  Format,
  type Handle,
  loadCore,
  type Observer,
  TextOption,
} from "./core.js";
import {
  DropEvent,
  type DropReason,
  nameClass,
  type State,
  StateChangeEvent,
  SteadyCloseEvent,
  SteadyErrorEvent,
  type SteadySocketEventMap,
} from "./events.js";
import { readOptions, type SteadySocketOptions } from "./options.js";
import { exactSize, type Sendable, sizeBound, snapshot, toWire } from "./payload.js";
import { type RouteHandler, Routes } from "./routes.js";
import { BatchReader, isBatch } from "./scan.js";

/** What became of a message given to `send`. */
export type SendResult =
  /** Handed to the browser. */
  | { readonly status: "sent" }
  /** Waits for the connection, or for the browser's buffer to drain. */
  | { readonly status: "queued"; readonly id: number }
  /** Not taken; a `drop` event follows. */
  | { readonly status: "rejected"; readonly reason: DropReason };

/** What a socket has measured, until it is closed. Times are in milliseconds. */
export interface Stats {
  /**
   * How long the server takes to answer a ping: the last time, on average, and the average distance
   * from that (RFC 6298). Missing before a ping was answered.
   */
  readonly roundTrip?: {
    readonly last: number;
    readonly smoothed: number;
    readonly jitter: number;
  };
}

const sent: SendResult = Object.freeze({ status: "sent" });

// The core tells these as numbers: keep in step with state.hpp, send_result.hpp and error.hpp.
const states: readonly State[] = ["idle", "connecting", "open", "waiting", "closing", "closed"];
const readyStates = [0, 0, 1, 0, 2, 3];
const closedState = 5;
/** The same as in transport.hpp. */
const TransportSend = { taken: 0, notOpen: 1, refused: 2 } as const;
const dropReasons: readonly DropReason[] = ["closed", "queue_full", "closed", "refused"];
/** With the exceptions for those that a call can be answered with. */
const errorCodes: readonly [code: string, exception?: string][] = [
  ["none"],
  ["invalid_option", "RangeError"],
  ["invalid_url", "SyntaxError"],
  ["invalid_subprotocol", "SyntaxError"],
  ["invalid_close_code", "InvalidAccessError"],
  ["invalid_close_reason", "SyntaxError"],
  ["invalid_state", "InvalidStateError"],
  ["not_supported", "NotSupportedError"],
  ["blocked", "SecurityError"],
  ["connection_failed"],
  ["connect_timeout"],
  ["message_too_large"],
  ["out_of_memory"],
  ["malformed_message"],
  ["heartbeat_timeout"],
];

const invalidOption = 1;
const invalidState = 6;

function exceptionOf(code: number, message: string): Error {
  const name = errorCodes[code]?.[1];
  const text = `SteadySocket: ${message}`;
  return name === "RangeError" ? new RangeError(text) : new DOMException(text, name);
}

/** What `onopen` and its like take. */
export type EventHandler<Type extends keyof SteadySocketEventMap> =
  | ((this: SteadySocket, event: SteadySocketEventMap[Type]) => unknown)
  | null;
type AnyHandler = (this: SteadySocket, event: Event) => unknown;

function readProtocols(protocols: string | Iterable<string>): string[] {
  if (typeof protocols === "string") return [protocols];
  if (typeof protocols !== "object" || protocols === null || !(Symbol.iterator in protocols)) {
    throw new TypeError("SteadySocket: protocols must be a text or a list; options come third");
  }
  return Array.from(protocols, String);
}

/** As the WebSocket constructor resolves it: relative to the page, http: as ws:. */
function resolveUrl(url: string | URL): string {
  const base = globalThis.document?.baseURI ?? globalThis.location?.href;
  let resolved: URL;
  try {
    resolved = new URL(String(url), base);
  } catch {
    const hint = base === undefined ? ", or relative, which needs a page" : "";
    throw new DOMException(`SteadySocket: the URL "${url}" is invalid${hint}`, "SyntaxError");
  }
  if (resolved.protocol === "http:") resolved.protocol = "ws:";
  if (resolved.protocol === "https:") resolved.protocol = "wss:";
  return resolved.href;
}

/**
 * A WebSocket connection that stays up: one logical connection, over as many real ones as it takes.
 *
 * Handlers and listeners are never called from inside a method of the socket.
 *
 * @example
 * const socket = new SteadySocket("wss://example.org/chat");
 * socket.on("chat-message", ({ userName, message }) => show(userName, message));
 * socket.send({ type: "chat", message: "hello" }); // queued if it must be
 */
export class SteadySocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;

  static {
    nameClass(SteadySocket, "SteadySocket");
  }

  /** The URL of the connection, resolved and serialised. */
  readonly url: string;
  /** What binary messages arrive as in `message` events. */
  binaryType: "blob" | "arraybuffer" = "blob";

  readonly #core: Core;
  readonly #web: Core["SteadyWeb"];
  readonly #observer: Observer;
  readonly #observerId: number;
  /** 0 once the core's part is given back. */
  #handle: Handle = 0;
  readonly #routes: Routes;
  readonly #handlers = new Map<string, AnyHandler | null>();
  readonly #origin: string;
  /** Events that were told and not yet dispatched. */
  #pending: Event[] = [];
  #dispatching = false;
  /** The core has told that it is closed, and will tell nothing more. */
  #over = false;
  #hasMessageListener = false;
  /** What was wrong with the last call of the core that was refused. */
  #refusal = "";

  /**
   * Connects at once.
   *
   * @param url - ws:, wss:, http: or https:; on a page also relative to it.
   * @param protocols - subprotocols to offer, in order.
   * @throws SyntaxError - the URL or a subprotocol is invalid.
   * @throws SecurityError - the browser refuses such a connection.
   * @throws NotSupportedError - there is no WebSocket here, and none was passed in.
   * @throws TypeError, RangeError - an option is not a number, or out of its range.
   */
  constructor(
    url: string | URL,
    protocols: string | Iterable<string> = [],
    options: SteadySocketOptions = {},
  ) {
    super();
    const { numbers, texts } = readOptions(options);
    const subprotocols = readProtocols(protocols);
    this.url = resolveUrl(url);
    this.#origin = new URL(this.url).origin;
    this.#routes = new Routes(options.typeMember ?? "type");
    const webSocketClass = options.WebSocket ?? globalThis.WebSocket;
    if (typeof webSocketClass !== "function") {
      throw new DOMException(
        "SteadySocket: there is no WebSocket here; pass a class as options.WebSocket",
        "NotSupportedError",
      );
    }

    const core = loadCore();
    const observer: Observer = {
      prepare: () => core.useWebSocket(webSocketClass),
      message: (data) => this.#receive(data),
      tell: (kind, a, b, c, text) => this.#told(kind, a, b, c, text),
      socket: null,
      credit: 0,
      receive: 0,
      batched: 0,
      heard: 0,
    };
    this.#core = core;
    this.#web = core.SteadyWeb;
    this.#observer = observer;
    this.#observerId = this.#web.observe(observer);
    this.#handle = core.create(this.#observerId);
    texts.push([TextOption.url, this.url]);
    for (const subprotocol of subprotocols) texts.push([TextOption.subprotocol, subprotocol]);
    for (const [option, text] of texts) {
      this.#web.leaveText(text);
      core.setText(this.#handle, option);
    }
    for (const [option, value] of numbers) core.setNumber(this.#handle, option, value);
    const error = core.connect(this.#handle);
    if (error !== 0) {
      const given = [this.url, ...subprotocols].map((text) => `"${text}"`).join(", ");
      this.#release();
      const about = error === invalidOption ? "" : ` (${given})`;
      throw exceptionOf(error, this.#refusal + about);
    }
  }

  /** Where the socket is in its life. */
  get state(): State {
    return states[this.#stateNumber] as State;
  }

  /** As of WebSocket: 0 also while waiting for the next attempt. */
  get readyState(): number {
    return readyStates[this.#stateNumber] as number;
  }

  /** Bytes that wait in the queue or in the browser's buffer. */
  get bufferedAmount(): number {
    return this.#handle ? this.#core.bufferedAmount(this.#handle) : 0;
  }

  /** The subprotocol that the server picked; empty without a connection. */
  get protocol(): string {
    return (this.state === "open" && this.#observer.socket?.protocol) || "";
  }

  /** Milliseconds until the next attempt, or `undefined` when none is scheduled. */
  get retryIn(): number | undefined {
    const delay = this.#handle ? this.#core.retryIn(this.#handle) : -1;
    return delay < 0 ? undefined : delay;
  }

  /** What was measured so far. */
  stats(): Stats {
    const measured = (which: number) =>
      this.#handle ? this.#core.roundTrip(this.#handle, which) : -1;
    const last = measured(0);
    return last < 0 ? {} : { roundTrip: { last, smoothed: measured(1), jitter: measured(2) } };
  }

  /**
   * Sends a message: now if the connection can take it, otherwise when it can. Order is kept.
   * An object that is not binary goes as JSON. Binary data is copied if it has to wait.
   *
   * @throws TypeError - the object has no JSON text, or a cyclic one.
   */
  send(data: Sendable): SendResult {
    const payload = typeof data === "string" ? data : toWire(data);
    const size = typeof payload === "string" ? payload.length * 3 : sizeBound(payload);
    const granted = this.#web.sendGranted(this.#observer, payload, size);
    if (granted === TransportSend.taken) return sent;
    if (granted === TransportSend.refused) return this.#reject("refused", payload);
    if (this.#over) return this.#reject("closed", payload);
    if (typeof payload !== "string") return this.#decide(payload, Format.binary, size);
    return this.#decide(payload, typeof data === "object" ? Format.json : Format.text, size);
  }

  /** Lets the core decide what becomes of a message. */
  #decide(payload: ReturnType<typeof toWire>, format: number, size: number): SendResult {
    const core = this.#core;
    const web = this.#web;
    web.now = payload;
    const now = core._steady_js_send_now(this.#handle, format, size);
    web.now = null;
    if (now === TransportSend.taken) return sent;
    if (now === TransportSend.refused) return this.#reject("refused", payload);

    const kept = web.keepPayload(snapshot(payload));
    const answer = core._steady_js_send(this.#handle, format, kept, exactSize(payload));
    if (answer > 0) return { status: "queued", id: answer };
    if (answer === 0) return sent;
    return { status: "rejected", reason: dropReasons[-answer] as DropReason };
  }

  /**
   * Closes for good. What waits is sent first if the connection is open, otherwise dropped and told.
   *
   * @param code - 1000 or 3000 to 4999.
   * @param reason - at most 123 bytes of UTF-8; not sent without a code.
   * @throws InvalidAccessError - the code is another one.
   * @throws SyntaxError - the reason is too long.
   */
  close(code?: number, reason?: string): void {
    if (!this.#handle) return;
    const clamped = code === undefined ? -1 : Math.min(Math.max(Math.round(code) || 0, 0), 0xffff);
    this.#web.leaveText(String(reason ?? ""));
    const error = this.#core.close(this.#handle, clamped);
    if (error !== 0) throw exceptionOf(error, this.#refusal);
  }

  /**
   * While waiting: makes the next attempt now. No effect while connecting or open.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  connect(): void {
    if (!this.#handle) throw exceptionOf(invalidState, "the socket is closed");
    const error = this.#core.connect(this.#handle);
    if (error !== 0) throw exceptionOf(error, this.#refusal);
  }

  /**
   * Calls `handler` with every message that is a JSON object whose `type` is `type`; with `"*"` for
   * every type. An error that it throws is reported and harms nobody else.
   *
   * @returns a function that ends it.
   */
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
  on<Payload = any>(type: string, handler: RouteHandler<Payload>): () => void {
    return this.#routes.add(type, handler, false);
  }

  /** As `on`, for one message only. */
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
  once<Payload = any>(type: string, handler: RouteHandler<Payload>): () => void {
    return this.#routes.add(type, handler, true);
  }

  /** Ends `handler` for messages of this type. */
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
  off(type: string, handler: RouteHandler<any>): void {
    this.#routes.remove(type, handler);
  }

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
  override addEventListener(
    type: string,
    listener: unknown,
    options?: boolean | AddEventListenerOptions,
  ): void {
    // An event costs more than a message: none is made for nobody.
    if (type === "message") this.#hasMessageListener = true;
    super.addEventListener(type, listener as EventListener | null, options);
  }

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
  override removeEventListener(
    type: string,
    listener: unknown,
    options?: boolean | EventListenerOptions,
  ): void {
    super.removeEventListener(type, listener as EventListener | null, options);
  }

  /** As those of WebSocket: one listener each, or null. */
  get onopen(): EventHandler<"open"> {
    return this.#getHandler("open");
  }
  set onopen(handler: EventHandler<"open">) {
    this.#setHandler("open", handler);
  }
  get onmessage(): EventHandler<"message"> {
    return this.#getHandler("message");
  }
  set onmessage(handler: EventHandler<"message">) {
    this.#setHandler("message", handler);
  }
  get onerror(): EventHandler<"error"> {
    return this.#getHandler("error");
  }
  set onerror(handler: EventHandler<"error">) {
    this.#setHandler("error", handler);
  }
  get onclose(): EventHandler<"close"> {
    return this.#getHandler("close");
  }
  set onclose(handler: EventHandler<"close">) {
    this.#setHandler("close", handler);
  }

  #getHandler<Type extends keyof SteadySocketEventMap>(type: Type): EventHandler<Type> {
    return (this.#handlers.get(type) ?? null) as EventHandler<Type>;
  }

  /** A handler keeps the place of the one that it replaces (HTML standard, event handlers). */
  #setHandler(type: string, handler: unknown): void {
    if (!this.#handlers.has(type)) {
      this.addEventListener(type, (event: Event) => this.#handlers.get(type)?.call(this, event));
    }
    this.#handlers.set(type, typeof handler === "function" ? (handler as AnyHandler) : null);
  }

  get #stateNumber(): number {
    return this.#handle ? this.#core._steady_js_state(this.#handle) : closedState;
  }

  #reject(reason: DropReason, data: unknown): SendResult {
    this.#push(new DropEvent(reason, data, 0));
    return { status: "rejected", reason };
  }

  /** From inside wasm: writes down. */
  #told(kind: number, a: number, b: number, c: number, text: string): void {
    switch (kind) {
      case EventKind.open:
        this.#push(new Event("open"));
        break;
      case EventKind.close:
        this.#push(
          new SteadyCloseEvent({
            code: a,
            reason: text,
            wasClean: (b & 1) !== 0,
            willRetry: (b & 2) !== 0,
          }),
        );
        break;
      case EventKind.error:
        this.#push(new SteadyErrorEvent(errorCodes[a]?.[0] ?? "", text));
        break;
      case EventKind.stateChange:
        this.#over = a === closedState;
        this.#push(new StateChangeEvent(states[a] as State, states[b] as State, c, text));
        break;
      case EventKind.drop:
        this.#push(new DropEvent(dropReasons[b] as DropReason, this.#web.payloads[c], a));
        break;
      case EventKind.refusal:
        this.#refusal = text;
        break;
    }
  }

  #push(event: Event): void {
    if (this.#pending.push(event) > 1) return;
    const dispatch = () => this.#dispatchPending();
    // What a listener makes happen is told in the next task: one that sends again whatever was
    // dropped must not stop the event loop.
    if (this.#dispatching) this.#web.postTask(dispatch);
    else queueMicrotask(dispatch);
  }

  #dispatchPending(): void {
    if (this.#dispatching) return;
    this.#dispatching = true;
    const events = this.#pending;
    this.#pending = [];
    for (const event of events) this.dispatchEvent(event);
    this.#dispatching = false;
    if (this.#over) this.#release();
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") this.#show(this.binaryType === "blob" ? new Blob([data]) : data);
    else if (this.#observer.batched && isBatch(data)) this.#receiveBatch(data);
    else this.#receiveText(data);
  }

  #receiveText(text: string): void {
    if (!this.#show(text)) return;
    if (!this.#routes.isEmpty && !this.#routes.dispatch(text)) this.#malformed("not JSON");
  }

  /** Stops if a handler closes the socket: nothing is granted then. */
  #receiveBatch(text: string): void {
    const batch = new BatchReader(text);
    while (this.#observer.batched) {
      const element = batch.next();
      if (element === undefined) {
        if (batch.isMalformed) this.#malformed("a batch, but not a JSON array");
        return;
      }
      this.#receiveText(element);
    }
  }

  #malformed(what: string): void {
    this.#push(new SteadyErrorEvent("malformed_message", `a received message is ${what}`));
  }

  /** Tells of a message, if anybody listens. False if it came too late for that. */
  #show(data: unknown): boolean {
    if (this.#pending.length > 0) {
      // What happened before the message is told before it, and may end the connection.
      this.#dispatchPending();
      if (this.state !== "open") return false;
    }
    if (this.#hasMessageListener) {
      this.dispatchEvent(new MessageEvent("message", { data, origin: this.#origin }));
    }
    return true;
  }

  /** Gives back the core's part. */
  #release(): void {
    if (!this.#handle) return;
    this.#core.destroy(this.#handle);
    this.#web.unobserve(this.#observerId);
    this.#handle = 0;
    this.#over = true;
  }
}
