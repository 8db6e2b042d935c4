import { type Core, EventKind, type Handle, loadCore, type Observer } from "./core.js";
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
import { exactSize, type Sendable, sizeBound, snapshot, toWire, wellFormed } from "./payload.js";
import { type RouteHandler, Routes } from "./routes.js";

/** What became of a message given to `send`. */
export type SendResult =
  /** Handed to the browser. */
  | { readonly status: "sent" }
  /** Waits for the connection, or for the browser's buffer to drain. */
  | { readonly status: "queued"; readonly id: number }
  /** Not taken; a `drop` event follows. */
  | { readonly status: "rejected"; readonly reason: DropReason };

const sent: SendResult = Object.freeze({ status: "sent" });

// The core tells these as numbers: keep in step with state.hpp, send_result.hpp and error.hpp.
const states: readonly State[] = ["idle", "connecting", "open", "waiting", "closing", "closed"];
const readyStates = [0, 0, 1, 0, 2, 3];
const closedState = 5;
/** TransportSend::refused. */
const refused = 2;
const dropReasons: readonly DropReason[] = ["closed", "queue_full", "closed", "refused"];
const errorCodes: readonly [code: string, exception: string][] = [
  ["none", ""],
  ["invalid_option", "RangeError"],
  ["invalid_url", "SyntaxError"],
  ["invalid_subprotocol", "SyntaxError"],
  ["invalid_close_code", "InvalidAccessError"],
  ["invalid_close_reason", "SyntaxError"],
  ["invalid_state", "InvalidStateError"],
  ["not_supported", "NotSupportedError"],
  ["blocked", "SecurityError"],
  ["connection_failed", "NetworkError"],
  ["connect_timeout", "TimeoutError"],
  ["message_too_large", "DataError"],
  ["out_of_memory", "DataError"],
  ["malformed_message", "DataError"],
];

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
  readonly #observer: number;
  /** 0 once the core's part is given back. */
  #handle: Handle = 0;
  readonly #routes = new Routes();
  readonly #handlers = new Map<string, AnyHandler | null>();
  readonly #typeMember: string;
  readonly #origin: string;
  /** Events that were told and not yet dispatched. */
  #pending: Event[] = [];
  #dispatching = false;
  /** The core has told that it is closed, and will tell nothing more. */
  #over = false;
  #hasMessageListener = false;

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
    const numbers = readOptions(options);
    const subprotocols = typeof protocols === "string" ? [protocols] : [...protocols].map(String);
    const { firstMessage: first = "" } = options;
    const firstMessage = typeof first === "object" && first !== null ? toWire(first) : first;
    if (typeof firstMessage !== "string") {
      throw new TypeError(
        "SteadySocket: options.firstMessage must be a text or an object for JSON",
      );
    }
    this.url = resolveUrl(url);
    this.#origin = new URL(this.url).origin;
    this.#typeMember = options.typeMember ?? "type";
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
    };
    this.#core = core;
    this.#observer = core.SteadyWeb.observe(observer);
    this.#handle = core.create(this.#observer);
    core.setUrl(this.#handle, this.url);
    for (const subprotocol of subprotocols) core.addSubprotocol(this.#handle, subprotocol);
    for (const [option, value] of numbers) core.setNumber(this.#handle, option, value);
    if (options.firstMessage !== undefined) {
      core.setFirstMessage(this.#handle, wellFormed(firstMessage));
    }
    const error = core.connect(this.#handle);
    if (error !== 0) {
      const given = [this.url, ...subprotocols].map((text) => `"${text}"`).join(", ");
      const message = `${core.errorMessage(this.#handle)} (${given})`;
      this.#release();
      throw exceptionOf(error, message);
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
    return this.#handle ? this.#core.subprotocol(this.#handle) : "";
  }

  /** Milliseconds until the next attempt, or `undefined` when none is scheduled. */
  get retryIn(): number | undefined {
    const delay = this.#handle ? this.#core.retryIn(this.#handle) : -1;
    return delay < 0 ? undefined : delay;
  }

  /**
   * Sends a message: now if the connection can take it, otherwise when it can. Order is kept.
   * An object that is not binary goes as JSON. Binary data is copied if it has to wait.
   *
   * @throws TypeError - the object has no JSON text, or a cyclic one.
   */
  send(data: Sendable): SendResult {
    const payload = toWire(data);
    if (this.#over) return this.#reject("closed", payload);
    const core = this.#core;
    const web = core.SteadyWeb;
    const isText = typeof payload === "string" ? 1 : 0;
    web.now = payload;
    const now = core._steady_js_send_now(this.#handle, isText, sizeBound(payload));
    web.now = null;
    if (now === 0) return sent;
    if (now === refused) return this.#reject("refused", payload);

    const kept = web.keepPayload(snapshot(payload));
    const answer = core._steady_js_send(this.#handle, isText, kept, exactSize(payload));
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
    const error = this.#core.close(this.#handle, clamped, wellFormed(String(reason ?? "")));
    if (error !== 0) throw exceptionOf(error, this.#core.errorMessage(this.#handle));
  }

  /**
   * While waiting: makes the next attempt now. No effect while connecting or open.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  connect(): void {
    const closed = !this.#handle;
    const error = closed ? 6 : this.#core.connect(this.#handle);
    if (error === 0) return;
    throw exceptionOf(
      error,
      closed ? "the socket is closed" : this.#core.errorMessage(this.#handle),
    );
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
        this.#push(
          new DropEvent(dropReasons[b] as DropReason, this.#core.SteadyWeb.payloads[c], a),
        );
        break;
    }
  }

  #push(event: Event): void {
    if (this.#pending.push(event) > 1) return;
    const dispatch = () => this.#dispatchPending();
    // What a listener makes happen is told in the next task: one that sends again whatever was
    // dropped must not stop the event loop.
    if (this.#dispatching) this.#core.SteadyWeb.postTask(dispatch);
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
    // What happened before the message is told before it.
    if (this.#pending.length > 0) this.#dispatchPending();
    if (this.#hasMessageListener) {
      const shown =
        typeof data !== "string" && this.binaryType === "blob" ? new Blob([data]) : data;
      this.dispatchEvent(new MessageEvent("message", { data: shown, origin: this.#origin }));
    }
    if (typeof data === "string" && !this.#routes.isEmpty) {
      this.#routes.dispatch(data, this.#typeMember);
    }
  }

  /** Gives back the core's part. */
  #release(): void {
    if (!this.#handle) return;
    this.#core.destroy(this.#handle);
    this.#core.SteadyWeb.unobserve(this.#observer);
    this.#handle = 0;
    this.#over = true;
  }
}
