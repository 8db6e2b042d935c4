import {
  type Core,
  EventKind,
  Format,
  type Handle,
  loadCore,
  NumberOption,
  type Observer,
  Request,
  TextOption,
  trackFlag,
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
import {
  type CloseOptions,
  type CoreOptions,
  closeActionOf,
  messageText,
  type Provided,
  type ReconnectOptions,
  readCloseOptions,
  readOptions,
  readSendOptions,
  type SendOptions,
  type Session,
  type SteadySocketOptions,
} from "./options.js";
import { exactSize, type Sendable, sizeBound, snapshot, toWire } from "./payload.js";
import { type RouteHandler, Routes } from "./routes.js";
import { BatchReader, isBatch } from "./scan.js";

/** What became of a message given to `send`. */
export type SendResult =
  /** Handed to the browser. */
  | { readonly status: "sent" }
  /** Waits for the connection, or for the browser's buffer to drain. */
  | QueuedMessage
  /** Not sent, as asked for; a `drop` event follows. */
  | { readonly status: "dropped"; readonly reason: DropReason }
  /** Not taken; a `drop` event follows. */
  | { readonly status: "rejected"; readonly reason: DropReason };

/** A message that waits. */
export interface QueuedMessage {
  readonly status: "queued";
  /** The same number is in the `drop` event that may follow. */
  readonly id: number;
  /** Takes it back: a `drop` event follows. False if it does not wait any more. */
  cancel(): boolean;
}

/** What became of a message in the end. */
export type Outcome =
  /** It has left this machine, as far as the browser tells. */
  { readonly status: "sent" } | { readonly status: "dropped"; readonly reason: DropReason };

/** What became of a message with `track`. */
export type TrackedResult = SendResult & {
  /** Always fulfilled, at the latest when the socket is closed. */
  readonly outcome: Promise<Outcome>;
};

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
const states: readonly State[] = [
  "idle",
  "connecting",
  "open",
  "waiting",
  "suspended",
  "closing",
  "closed",
];
const readyStates = [0, 0, 1, 0, 0, 2, 3];
const closedState = 6;
/** Keep in step with `steady_js_state` in data_plane.cpp. */
const receiving = 8;
/** The same as in transport.hpp. */
const TransportSend = { taken: 0, notOpen: 1, refused: 2 } as const;
const dropReasons: readonly DropReason[] = [
  "closed",
  "queue_full",
  "closed",
  "refused",
  "expired",
  "replaced",
  "cancelled",
  "not_now",
  "session_ended",
  "unconfirmed",
];
/** Keep in step with `steady_js_send` in data_plane.cpp. */
const trackedAnswer = 0x1_0000_0000;
const droppedAnswer = 0x100;
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
  ["provider_failed"],
  ["session_failed"],
  ["gave_up"],
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

/** A message that waits in the queue of a socket. */
class Queued implements QueuedMessage {
  readonly status = "queued";
  readonly id: number;
  readonly #socket: SteadySocket;
  constructor(socket: SteadySocket, id: number) {
    this.#socket = socket;
    this.id = id;
  }
  cancel(): boolean {
    return this.#socket.cancel(this.id);
  }
}

const isFunction = (value: unknown) => typeof value === "function";
/** What is thrown is a rejection: of several, none may be left alone. */
const answerOf = async <Value>(provided: Provided<Value>) =>
  typeof provided === "function" ? (provided as () => Value | PromiseLike<Value>)() : provided;

function readProtocols(protocols: string | Iterable<string>): string[] {
  if (typeof protocols === "string") return [protocols];
  if (typeof protocols !== "object" || protocols === null || !(Symbol.iterator in protocols)) {
    throw new TypeError("SteadySocket: protocols must be a text or a list; options come third");
  }
  return Array.from(protocols, String);
}

/** What the core is told of an error that a function of the user's has thrown. */
function textOf(error: unknown): string {
  try {
    return (error instanceof Error && error.message) || String(error);
  } catch {
    // Something without a text, such as Object.create(null).
    return "an error without a text";
  }
}

function formatOf(data: Sendable, payload: ReturnType<typeof toWire>): number {
  if (typeof payload !== "string") return Format.binary;
  return typeof data === "object" ? Format.json : Format.text;
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

  /** What binary messages arrive as in `message` events. */
  binaryType: "blob" | "arraybuffer" = "blob";

  readonly #core: Core;
  readonly #web: Core["SteadyWeb"];
  readonly #observer: Observer;
  #observerId = 0;
  /** 0 once the core's part is given back. */
  #handle: Handle = 0;
  readonly #coreOptions: CoreOptions;
  readonly #options: SteadySocketOptions;
  readonly #given: { url: Provided<string | URL>; protocols: Provided<string | Iterable<string>> };
  #url = "";
  #subprotocols: string[] = [];
  #origin = "";
  /** What was provided; the URL of the connection once it is made. */
  #providedUrl = "";
  /** Counts what the core has asked: an answer to an older question is not heard. */
  #asked = 0;
  /** The core counts messages from 1; after a `reconnect` of a closed socket, again. */
  #idsBefore = 0;
  #lastId = 0;
  readonly #tracked = new Map<number, (outcome: Outcome) => void>();
  #drained: { resolve: () => void; reject: (error: Error) => void }[] = [];
  readonly #routes: Routes;
  readonly #handlers = new Map<string, AnyHandler | null>();
  /** Events that were told and not yet dispatched, and what is to be done between them. */
  #pending: (Event | (() => void))[] = [];
  #dispatching = false;
  /** The core has told that it is closed, and will tell nothing more. */
  #over = false;
  #hasMessageListener = false;
  /** What was wrong with the last call of the core that was refused. */
  #refusal = "";

  /**
   * Connects at once.
   *
   * @param url - ws:, wss:, http: or https:; on a page also relative to it. Or a function that gives
   * it, or a promise of it, before every attempt. One that fails is a failed attempt.
   * @param protocols - subprotocols to offer, in order; or a function in the same way.
   * @throws SyntaxError - the URL or a subprotocol is invalid.
   * @throws SecurityError - the browser refuses such a connection.
   * @throws NotSupportedError - there is no WebSocket here, and none was passed in.
   * @throws TypeError, RangeError - an option is not a number, or out of its range.
   */
  constructor(
    url: Provided<string | URL>,
    protocols: Provided<string | Iterable<string>> = [],
    options: SteadySocketOptions = {},
  ) {
    super();
    const hasProvider = [url, protocols, options?.firstMessage].some(isFunction);
    this.#options = options;
    this.#given = { url, protocols };
    this.#coreOptions = readOptions(options, hasProvider);
    this.#subprotocols = isFunction(protocols) ? [] : readProtocols(protocols as string);
    if (!isFunction(url)) this.#useUrl(url as string);
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
      prepare: () => {
        core.useWebSocket(webSocketClass);
        if (this.#providedUrl) this.#useUrl(this.#providedUrl);
      },
      message: (data) => this.#receive(data),
      tell: (kind, a, b, c, text) => this.#told(kind, a, b, c, text),
      socket: null,
      credit: 0,
      receive: 0,
      batched: 0,
      heard: 0,
      unasked: [],
      decide: (code, wasClean, reason) => this.#decideClose(code, wasClean, reason),
    };
    this.#core = core;
    this.#web = core.SteadyWeb;
    this.#observer = observer;
    const error = this.#start();
    if (error !== 0) {
      const given = [this.url, ...this.#subprotocols].map((text) => `"${text}"`).join(", ");
      this.#release();
      const about = error === invalidOption ? "" : ` (${given})`;
      throw exceptionOf(error, this.#refusal + about);
    }
  }

  /** Makes the core's part, and begins to connect. Returns an ErrorCode. */
  #start(): number {
    const core = this.#core;
    this.#observerId = this.#web.observe(this.#observer);
    this.#handle = core.create(this.#observerId);
    this.#over = false;
    ++this.#asked;
    this.#setDetails(this.#url, this.#subprotocols);
    for (const [option, text] of this.#coreOptions.texts) this.#setText(option, text);
    for (const [option, value] of this.#coreOptions.numbers) {
      core.setNumber(this.#handle, option, value);
    }
    return core.connect(this.#handle, Request.connect);
  }

  #setText(option: number, text: string): void {
    this.#web.leaveText(text);
    this.#core.setText(this.#handle, option);
  }

  /** What to connect with, except for the first message. */
  #setDetails(url: string, subprotocols: string[]): void {
    this.#setText(TextOption.url, url);
    this.#core.setNumber(this.#handle, NumberOption.subprotocols, subprotocols.length);
    subprotocols.forEach((subprotocol, index) => {
      this.#setText(TextOption.subprotocol + index, subprotocol);
    });
  }

  #useUrl(url: string | URL): void {
    this.#url = resolveUrl(url);
    this.#origin = new URL(this.#url).origin;
  }

  /** The URL of the connection, resolved and serialised; empty before a function has given one. */
  get url(): string {
    return this.#url;
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
   * @throws TypeError - the object has no JSON text, or a cyclic one; an option is unknown or of
   * another type.
   */
  send(data: Sendable, options: SendOptions & { track: true }): TrackedResult;
  send(data: Sendable, options?: SendOptions): SendResult;
  send(data: Sendable, options?: SendOptions): SendResult {
    if (options !== undefined) return this.#sendWith(data, options);
    const payload = typeof data === "string" ? data : toWire(data);
    if (typeof payload !== "string") return this.#sendNow(data, payload, snapshot(payload));
    return this.#sendNow(data, payload, payload);
  }

  /** `kept` is what is remembered of it while the browser may still have it. */
  #sendNow(data: Sendable, payload: ReturnType<typeof toWire>, kept: unknown): SendResult {
    const size = sizeBound(payload);
    const granted = this.#web.sendGranted(this.#observer, payload, size, kept);
    if (granted === TransportSend.taken) return sent;
    if (granted === TransportSend.refused) return this.#reject("refused", payload);
    if (this.#over) return this.#reject("closed", payload);
    return this.#decide(payload, kept, formatOf(data, payload), size);
  }

  #sendWith(data: Sendable, options: SendOptions): SendResult {
    const { ttl, flags, key } = readSendOptions(options);
    const payload = toWire(data);
    if (this.#over) return this.#withOutcome(flags, this.#reject("closed", payload));
    // Nothing throws from here on: the options are for this message.
    const kept = snapshot(payload);
    this.#web.leaveText(key);
    this.#core.setSendOptions(this.#handle, ttl, flags);
    const answer = this.#enqueue(payload, kept, formatOf(data, payload));
    if (answer > trackedAnswer) return this.#withOutcome(flags, sent, answer - trackedAnswer);
    return this.#withOutcome(flags, this.#resultOf(answer), answer);
  }

  #withOutcome(flags: number, result: SendResult, id = 0): SendResult {
    if ((flags & trackFlag) === 0) return result;
    const outcome =
      id > 0
        ? new Promise<Outcome>((resolve) => this.#tracked.set(id, resolve))
        : Promise.resolve({ ...result, status: "dropped" } as Outcome);
    // What waits can be cancelled: it keeps its class.
    return Object.assign(result === sent ? { ...sent } : result, { outcome });
  }

  /** Takes back a message that waits. */
  cancel(id: number): boolean {
    // Those of before a reconnect of a closed socket wait no longer.
    if (this.#handle === 0 || !(id > this.#idsBefore)) return false;
    return this.#core.cancel(this.#handle, id - this.#idsBefore) !== 0;
  }

  /** Lets the core decide what becomes of a message. */
  #decide(
    payload: ReturnType<typeof toWire>,
    kept: unknown,
    format: number,
    size: number,
  ): SendResult {
    const core = this.#core;
    const web = this.#web;
    web.now = payload;
    web.nowKept = kept;
    const now = core._steady_js_send_now(this.#handle, format, size);
    web.now = web.nowKept = null;
    if (now === TransportSend.taken) return sent;
    if (now === TransportSend.refused) return this.#reject("refused", payload);
    return this.#resultOf(this.#enqueue(payload, kept, format));
  }

  /** Gives a message to the core for good. Answers as data_plane.cpp says. */
  #enqueue(payload: ReturnType<typeof toWire>, kept: unknown, format: number): number {
    const handle = this.#web.keepPayload(kept);
    return this.#core._steady_js_send(this.#handle, format, handle, exactSize(payload));
  }

  #resultOf(answer: number): SendResult {
    if (answer > 0) {
      this.#lastId = this.#idsBefore + answer;
      return new Queued(this, this.#lastId);
    }
    if (answer === 0) return sent;
    const isDropped = answer <= -droppedAnswer;
    const reason = dropReasons[-answer % droppedAnswer] as DropReason;
    return { status: isDropped ? "dropped" : "rejected", reason };
  }

  /**
   * Fulfilled when nothing waits any more, neither in the queue nor in the browser's buffer.
   * Rejected with an InvalidStateError when the socket is closed before that.
   */
  drained(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#over) {
        reject(exceptionOf(invalidState, "the socket is closed"));
        return;
      }
      this.#drained.push({ resolve, reject });
      this.#core.drained(this.#handle);
    });
  }

  /**
   * Closes. What waits is sent first if the connection is open, otherwise dropped and told; or see
   * `flush`.
   *
   * @param code - 1000 or 3000 to 4999; or an object with all that there is to say.
   * @param reason - at most 123 bytes of UTF-8; not sent without a code.
   * @throws InvalidAccessError - the code is another one.
   * @throws SyntaxError - the reason is too long.
   * @throws RangeError - the deadline is out of its range.
   * @throws TypeError - an option is unknown or of another type.
   */
  close(options: CloseOptions): void;
  close(code?: number, reason?: string): void;
  close(first?: number | CloseOptions, second?: string): void {
    if (!this.#handle) return;
    const isObject = typeof first === "object" && first !== null;
    const { code, reason, deadline } = isObject
      ? readCloseOptions(first)
      : { code: first as number | undefined, reason: second, deadline: -1 };
    const clamped = code === undefined ? -1 : Math.min(Math.max(Math.round(code) || 0, 0), 0xffff);
    this.#web.leaveText(String(reason ?? ""));
    this.#check(this.#core.close(this.#handle, clamped, deadline));
  }

  /**
   * While waiting or suspended: makes the next attempt now. No effect while connecting or open.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  connect(): void {
    this.#request(Request.connect);
  }

  /**
   * Begins anew, whatever the state: a connection is given up for a new one, a wait ends, a closed
   * socket opens again, and attempts are counted from zero. An attempt under way goes on.
   */
  reconnect(): void {
    if (!this.#over) {
      this.#request(Request.reconnect);
      return;
    }
    // What is still to be told of the old part is told; nothing more comes of it.
    this.#release();
    this.#idsBefore = this.#lastId;
    this.#check(this.#start());
  }

  /**
   * Gives up the connection or the attempt, and makes none until `resume`, `connect` or `reconnect`.
   * What is sent waits.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  suspend(): void {
    this.#request(Request.suspend);
  }

  /**
   * While suspended: makes an attempt now. No effect otherwise.
   *
   * @throws InvalidStateError - the socket is closing or closed.
   */
  resume(): void {
    this.#request(Request.resume);
  }

  #request(request: number): void {
    if (!this.#handle) throw exceptionOf(invalidState, "the socket is closed");
    this.#check(this.#core.connect(this.#handle, request));
  }

  /** The core's answer to a call: an ErrorCode, about which it has told more. */
  #check(error: number): void {
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
    return this.#handle ? this.#core._steady_js_state(this.#handle) % receiving : closedState;
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
          new DropEvent(
            dropReasons[b] as DropReason,
            this.#web.payloads[c],
            a > 0 ? a + this.#idsBefore : 0,
          ),
        );
        break;
      case EventKind.refusal:
        this.#refusal = text;
        break;
      case EventKind.outcome:
        this.#tracked.get(a)?.(
          b === 0
            ? { status: "sent" }
            : { status: "dropped", reason: dropReasons[b] as DropReason },
        );
        this.#tracked.delete(a);
        break;
      case EventKind.drained: {
        const waiter = this.#drained.shift();
        if (a === 0) waiter?.resolve();
        else waiter?.reject(exceptionOf(a, text));
        break;
      }
      case EventKind.provide:
      case EventKind.session: {
        const isOld = this.#ask();
        this.#push(() => {
          if (isOld()) return;
          if (kind === EventKind.provide) this.#provide(isOld);
          else this.#beginSession(isOld);
        });
        break;
      }
    }
  }

  /** Begins a question. Tells later whether it is too late for the answer. */
  #ask(): () => boolean {
    const question = ++this.#asked;
    return () => question !== this.#asked || !this.#handle;
  }

  /** Finds out what the next attempt connects with. */
  async #provide(isOld: () => boolean): Promise<void> {
    let failed = 0;
    try {
      const { url, protocols } = this.#given;
      const { firstMessage } = this.#options;
      const answers = [answerOf(url), answerOf(protocols), answerOf(firstMessage)] as const;
      const [givenUrl, givenProtocols, message] = await Promise.all(answers);
      if (isOld()) return;
      const subprotocols = readProtocols(givenProtocols);
      const text = message === undefined ? undefined : messageText("firstMessage", message);
      this.#providedUrl = resolveUrl(givenUrl);
      this.#setDetails(this.#providedUrl, subprotocols);
      if (text !== undefined) this.#setText(TextOption.firstMessage, text);
    } catch (error) {
      if (isOld()) return;
      this.#web.leaveText(textOf(error));
      failed = 1;
    }
    this.#core.provide(this.#handle, failed);
  }

  /** What is to be done on a connection before the queue goes. */
  async #beginSession(isOld: () => boolean): Promise<void> {
    let isBegun = false;
    const session: Session = {
      send: (data) => {
        const payload = toWire(data);
        if (isBegun || isOld()) return false;
        const kept = this.#web.keepPayload(snapshot(payload));
        const format = formatOf(data, payload);
        return this.#core.sendFirst(this.#handle, format, kept, exactSize(payload)) !== 0;
      },
    };
    let failed = 0;
    try {
      await this.#options.beginSession?.(session);
    } catch (error) {
      this.#web.leaveText(textOf(error));
      failed = 1;
    }
    isBegun = true;
    if (!isOld()) this.#core.beginSession(this.#handle, failed);
  }

  /** Called from inside wasm: nothing may be thrown. */
  #decideClose(code: number, wasClean: number, reason: string): number {
    try {
      const close = { code, reason, wasClean: wasClean !== 0 };
      return closeActionOf((this.#options.reconnect as ReconnectOptions).decide?.(close));
    } catch (error) {
      this.#web.postTask(() => {
        throw error;
      });
      return -1;
    }
  }

  #push(event: Event | (() => void)): void {
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
    for (const event of events) {
      if (typeof event === "function") event();
      else this.dispatchEvent(event);
    }
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
      if (!this.#handle || this.#core._steady_js_state(this.#handle) < receiving) return false;
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
