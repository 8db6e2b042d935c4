/// <reference lib="esnext.disposable" preserve="true" />
import { attachment, loadCore } from "steadysocket:core";
import { HandlerAttributes, likeWebSocket } from "./attributes.js";
import {
  closedState,
  dropReasons,
  errorCodeOf,
  exceptionOf,
  invalidOption,
  invalidState,
  readyStates,
  states,
  TransportSend,
} from "./codes.js";
import {
  type Core,
  EventKind,
  Format,
  type Handle,
  Measured,
  NumberOption,
  type Observer,
  Request,
  repeatFlag,
  replyFlag,
  TextOption,
  trackFlag,
} from "./core.js";
import { closedError, textOf } from "./errors.js";
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
import { forgetting, giveBack, type Link, type Part } from "./lifetime.js";
import type {
  AnyMessages,
  CloseOptions,
  HeartbeatOptions,
  Provided,
  ReconnectOptions,
  SendOptions,
  Session,
  SteadySocketOptions,
} from "./options.js";
import {
  type BinaryData,
  exactSize,
  isWrapper,
  type Sendable,
  sizeBound,
  snapshot,
  toWire,
} from "./payload.js";
import { adoptPeerOptions, logEvents } from "./peers.js";
import { refuseToBeBeneath, rememberPlatform, seePlatform, webSocketClass } from "./platform.js";
import {
  type CoreOptions,
  closeActionOf,
  messageText,
  readCloseOptions,
  readOptions,
  readSendOptions,
} from "./read-options.js";
import {
  type RequestHandler,
  type RequestHost,
  type RequestOptions,
  Requests,
} from "./requests.js";
import type { Outcome, QueuedMessage, SendResult, Stats, TrackedResult } from "./results.js";
import { type RouteHandler, Routes } from "./routes.js";
import { BatchReader, isBatch } from "./scan.js";
import {
  MessageQueue,
  type MessageSource,
  type MessageStream,
  type MessagesOptions,
  type NextOptions,
  nextMessage,
} from "./streams.js";
import { readProtocols, resolveUrl } from "./url.js";

const sent: SendResult = Object.freeze({ status: "sent" });

const noStatus = 1005;
const abnormal = 1006;
/** Keep in step with `steady_js_state` in data_plane.cpp. */
const receiving = 8;
/** Keep in step with `steady_js_send` in data_plane.cpp. */
const trackedAnswer = 0x1_0000_0000;
const droppedAnswer = 0x100;
const closedAnswer = -2;
/** What `onopen` and its like take. */
export type EventHandler<Type extends keyof SteadySocketEventMap> =
  | ((this: AnySocket, event: SteadySocketEventMap[Type]) => unknown)
  | null;

type TypeOf<Incoming> = keyof Incoming & string;

/** A message that waits in the queue of a socket. */
class Queued implements QueuedMessage {
  readonly status = "queued";
  readonly id: number;
  readonly #socket: { cancel(id: number): boolean };
  constructor(socket: { cancel(id: number): boolean }, id: number) {
    this.#socket = socket;
    this.id = id;
  }
  cancel(): boolean {
    return this.#socket.cancel(this.id);
  }
}

const noConnection = { protocol: "", extensions: "" };

/** A promise whose rejection may be left alone. */
function deferred<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((...settle) => {
    [resolve, reject] = settle;
  });
  promise.catch(() => {});
  return { promise, resolve, reject };
}

// biome-ignore lint/suspicious/noExplicitAny: whatever its messages are
type AnySocket = SteadySocket<any, any>;

const isFunction = (value: unknown) => typeof value === "function";
/** What is thrown is a rejection: of several, none may be left alone. */
const answerOf = async <Value>(provided: Provided<Value>) =>
  typeof provided === "function" ? (provided as () => Value | PromiseLike<Value>)() : provided;

function formatOf(data: unknown, payload: ReturnType<typeof toWire>): number {
  if (typeof payload !== "string") return Format.binary;
  return typeof data === "object" && !isWrapper(data) ? Format.json : Format.text;
}

/** As Web IDL makes an unsigned short of a value, with [Clamp]. */
function clampedCode(value: unknown): number {
  const number = Math.min(Math.max(+(value as number) || 0, 0), 0xffff);
  const rounded = Math.round(number);
  return rounded - number === 0.5 && rounded % 2 === 1 ? rounded - 1 : rounded;
}

/**
 * A WebSocket connection that stays up: one logical connection, over as many real ones as it takes.
 *
 * Handlers and listeners are never called from inside a method of the socket.
 *
 * @typeParam Incoming - what the payloads of received messages are, by their type.
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
          if (attachment) attachment.detach(this);
          else this.close();
        },
        configurable: true,
        writable: true,
      });
    }
    if (attachment) {
      const { silent } = attachment;
      const leave = (socket: AnySocket) => {
        socket.#giveBack();
        socket.#over = true;
        for (const told of socket.#outcomes.values()) told("closed");
        socket.#outcomes.clear();
        for (const { reject } of socket.#drained.splice(0)) {
          reject(exceptionOf(invalidState, "the socket is closed"));
        }
        socket.#push(socket.#ending());
      };
      attachment.detach = (socket) => {
        if (!socket.#handle) return;
        silent.add(socket);
        socket.#pending = socket.#pending.filter(isFunction);
        leave(socket);
      };
      attachment.gone = (socket) => {
        const before = socket.#stateNumber;
        if (before !== closedState) {
          socket.#push(new StateChangeEvent("closed", states[before] as State, 0, ""));
          socket.#push(new SteadyCloseEvent({ code: abnormal, wasClean: false, willRetry: false }));
        }
        leave(socket);
      };
    }
  }

  readonly #core: Core;
  readonly #web: Core["SteadyWeb"];
  readonly #observer: Observer;
  readonly #part: Part;
  readonly #link: Link<AnySocket>;
  /** It has had listeners: see lifetime.ts. */
  #isHeld = false;
  readonly #coreOptions: CoreOptions;
  readonly #options: SteadySocketOptions<Incoming>;
  readonly #given: {
    url: Provided<string | URL>;
    protocols: Provided<string | Iterable<string> | null>;
  };
  #url = "";
  #subprotocols: string[] = [];
  #origin = "";
  /** What was provided; the URL of the connection once it is made. */
  #providedUrl = "";
  #binaryType: BinaryType = "blob";
  /** `heartbeat.reply`. */
  readonly #heartbeatReply: unknown;
  /** Counts what the core has asked: an answer to an older question is not heard. */
  #asked = 0;
  /** Counts connections. */
  #session = 0;
  /** Of the last connection, as those of WebSocket stay when it has ended. */
  #negotiated: { readonly protocol: string; readonly extensions: string } = noConnection;
  /** The core counts messages from 1; after a `reconnect` of a closed socket, again. */
  #idsBefore = 0;
  /** The highest that anybody was told. */
  #lastId = 0;
  /** Who is told what has become of a message: "" for the best. */
  readonly #outcomes = new Map<number, (reason: string) => void>();
  #drained: { resolve: () => void; reject: (error: Error) => void }[] = [];
  #opening: ReturnType<typeof deferred<this>> | undefined;
  /** What has to end when the socket is closed. */
  #waiting = new Set<() => void>();
  readonly #routes: Routes;
  readonly #requests: Requests;
  /** What ends those who handle requests, by type. */
  readonly #handled = new Map<string, () => void>();
  readonly #handlers = new HandlerAttributes(this);
  /** Events that were told and not yet dispatched, and what is to be done between them. */
  #pending: (Event | (() => void))[] = [];
  #dispatching = false;
  /** The core has told that it is closed, and will tell nothing more. */
  #over = false;
  #hasMessageListener = false;
  /** What was wrong with the last call of the core that was refused. */
  #refusal = "";
  /** Bytes, as WebSocket counts them. */
  #sentTooLate = 0;
  /** What was last measured, by `Measured`: the core's part does not outlive the socket's end. */
  #measurements: (number | undefined)[] = [];

  /**
   * Connects at once, unless `startClosed`.
   *
   * @param url - ws:, wss:, http: or https:; on a page also relative to it. Or a function that gives
   * it, or a promise of it, before every attempt. One that fails is a failed attempt.
   * @param protocols - subprotocols to offer, in order; or a function in the same way.
   * @throws SyntaxError - the URL or a subprotocol is invalid.
   * @throws SecurityError - the browser refuses such a connection.
   * @throws NotSupportedError - there is no WebSocket here, and none was passed in.
   * @throws TypeError, RangeError - an option is unknown, of another type, or out of its range.
   */
  constructor(
    url: Provided<string | URL>,
    protocols: Provided<string | Iterable<string> | null> = [],
    options: SteadySocketOptions<Incoming> = {},
  ) {
    // biome-ignore lint/complexity/noArguments: a parameter that was given, whatever it is
    if (arguments.length === 0) throw new TypeError("SteadySocket: a URL is needed");
    refuseToBeBeneath();
    super();
    const adopted = adoptPeerOptions(options as SteadySocketOptions);
    const hasProvider = [url, protocols, adopted?.firstMessage].some(isFunction);
    this.#options = adopted as SteadySocketOptions<Incoming>;
    this.#given = { url, protocols };
    this.#coreOptions = readOptions(adopted, hasProvider);
    this.#heartbeatReply = (adopted.heartbeat as HeartbeatOptions | undefined)?.reply;
    this.#subprotocols = isFunction(protocols) ? [] : readProtocols(protocols);
    if (!isFunction(url)) this.#useUrl(url as string);
    this.#routes = new Routes(adopted.typeMember ?? "type", adopted.schemas, (type, what) =>
      this.#push(new SteadyErrorEvent("invalid_message", `"${type}": ${what}`)),
    );
    this.#requests = new Requests(this.#requestHost(), adopted.requests ?? {});
    const given = adopted.WebSocket;
    if (!attachment && typeof (given ?? globalThis.WebSocket) !== "function") {
      throw new DOMException(
        "SteadySocket: there is no WebSocket here; pass a class as options.WebSocket",
        "NotSupportedError",
      );
    }

    const core = loadCore();
    this.#core = core;
    this.#web = core.SteadyWeb;
    this.#part = { core, observer: 0, handle: 0 };
    this.#link = { held: undefined, weak: new WeakRef(this) };
    const observer = SteadySocket.#observe(this.#link, this.#part, given);
    this.#observer = attachment ? attachment.join(observer, this.#part) : observer;
    if (attachment) {
      this.#over = this.#stateNumber === closedState;
      // What it hears now comes on a connection.
      this.#session = 1;
      this.#negotiate();
      forgetting().register(this, this.#part);
      return;
    }
    const error = this.#start(adopted.startClosed ? Request.check : Request.connect);
    if (error !== 0 || adopted.startClosed) this.#release();
    if (error !== 0) {
      const given = [this.#url, ...this.#subprotocols].map((text) => `"${text}"`).join(", ");
      const about = error === invalidOption ? "" : ` (${given})`;
      const { thrown: cause } = this.#observer;
      throw Object.assign(exceptionOf(error, this.#refusal + about), cause && { cause });
    }
    forgetting().register(this, this.#part);
    logEvents(this, options);
  }

  /** What the core tells and asks. It must not keep the socket alive: see lifetime.ts. */
  static #observe(link: Link<AnySocket>, part: Part, given: unknown): Observer {
    const socket = () => link.held ?? link.weak.deref();
    return {
      prepare: () => {
        part.core.useWebSocket(webSocketClass(given));
        const preparing = socket();
        if (preparing !== undefined) preparing.#useProvidedUrl();
      },
      prepared: (made) => {
        if (given === undefined) rememberPlatform(made);
      },
      // Without listeners there is nobody to show it to.
      message: (data) => {
        if (link.held !== undefined) link.held.#receive(data);
      },
      tell: (kind, a, b, c, text) => {
        const told = socket();
        if (told !== undefined) {
          told.#told(kind, a, b, c, text);
        } else if (kind === EventKind.stateChange && a === closedState) {
          part.core.SteadyWeb.postTask(() => giveBack(part));
        }
      },
      decide: (code, wasClean, reason) => {
        const deciding = socket();
        return deciding === undefined ? -1 : deciding.#decideClose(code, wasClean, reason);
      },
      socket: null,
      credit: 0,
      receive: 0,
      batched: 0,
      seeksReply: 0,
      heard: 0,
      unasked: [],
    };
  }

  /** Makes the core's part, and asks something of it. Returns an ErrorCode. */
  #start(request: number): number {
    const core = this.#core;
    const part = this.#part;
    part.observer = this.#web.observe(this.#observer);
    part.handle = core.create(part.observer);
    this.#over = false;
    this.#sentTooLate = 0;
    if (this.#isHeld) this.#link.held = this;
    ++this.#asked;
    this.#setDetails(this.#url, this.#subprotocols);
    for (const [option, text] of this.#coreOptions.texts) this.#setText(option, text);
    for (const [option, value] of this.#coreOptions.numbers) {
      core.setNumber(this.#handle, option, value);
    }
    return core.connect(this.#handle, request);
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

  /** Remembers what was agreed for the connection, if there is one. */
  #negotiate(): void {
    const { socket } = this.#observer;
    this.#negotiated = {
      protocol: this.#web.peekText(socket, "protocol"),
      extensions: this.#web.peekText(socket, "extensions"),
    };
    if (attachment && socket) this.#useUrl(socket.url);
  }

  get #handle(): Handle {
    return this.#part.handle;
  }

  /** From now on it lives as long as it is not closed, even if nobody holds it. */
  #hold(): void {
    this.#isHeld = true;
    if (this.#handle) this.#link.held = this;
  }

  #useProvidedUrl(): void {
    if (this.#providedUrl) this.#useUrl(this.#providedUrl);
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
  get readyState(): 0 | 1 | 2 | 3 {
    return readyStates[this.#stateNumber] as 0 | 1 | 2 | 3;
  }

  /**
   * Bytes that wait in the queue or in the browser's buffer, and those that were sent after the
   * socket was closed.
   */
  get bufferedAmount(): number {
    return this.#sentTooLate + (this.#handle ? this.#core.bufferedAmount(this.#handle) : 0);
  }

  /** The subprotocol that the server picked, of this connection or the last one. */
  get protocol(): string {
    return (this.#observer.socket ?? this.#negotiated).protocol;
  }

  /** The extensions that the server picked, of this connection or the last one. */
  get extensions(): string {
    return (this.#observer.socket ?? this.#negotiated).extensions;
  }

  /** What binary messages arrive as in `message` events: `"blob"` or `"arraybuffer"`. */
  get binaryType(): BinaryType {
    return this.#binaryType;
  }
  set binaryType(type: BinaryType) {
    // Web IDL: what is no socket throws before the value is looked at, as a private method does.
    this.#setBinaryType(`${type}`);
  }

  #setBinaryType(type: string): void {
    // Another value is ignored (Web IDL, enumerations).
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  /**
   * Retries in a row; counted from 0 again after a connection was up for `stableAfter`. Stays what
   * it was when the socket is closed.
   */
  get retryCount(): number {
    return this.#measured(Measured.retries) ?? 0;
  }

  /** Whether it comes back by itself, as far as is known. */
  get shouldReconnect(): boolean {
    return this.readyState < 2;
  }

  /** Milliseconds until the next attempt, or `undefined` when none is scheduled. */
  get retryIn(): number | undefined {
    const delay = this.#handle ? this.#core.retryIn(this.#handle) : -1;
    return delay < 0 ? undefined : delay;
  }

  /** What was measured so far, also after the end. */
  stats(): Stats {
    const last = this.#measured(Measured.last);
    if (last === undefined) return {};
    const smoothed = this.#measured(Measured.smoothed) as number;
    const jitter = this.#measured(Measured.jitter) as number;
    return { roundTrip: { last, smoothed, jitter } };
  }

  #measured(which: number): number | undefined {
    const value = this.#handle ? this.#core.measured(this.#handle, which) : -1;
    return value < 0 ? this.#measurements[which] : value;
  }

  /**
   * Sends a message: now if the connection can take it, otherwise when it can. Order is kept.
   * An object that is not binary goes as JSON. Binary data is copied if it has to wait.
   *
   * @returns what became of it, with a promise of what becomes of it in the end.
   * @throws TypeError - the object has no JSON text, or a cyclic one; an option is unknown or of
   * another type.
   */
  send(data: Outgoing | BinaryData, options: SendOptions & { track: true }): TrackedResult;
  /**
   * Sends a message: now if the connection can take it, otherwise when it can. Order is kept.
   * An object that is not binary goes as JSON. Binary data is copied if it has to wait.
   *
   * @returns what became of it. If it is dropped later, a `drop` event says so.
   * @throws TypeError - the object has no JSON text, or a cyclic one; an option is unknown or of
   * another type.
   */
  send(data: Outgoing | BinaryData, options?: SendOptions): SendResult;
  send(data: Outgoing | BinaryData, options?: SendOptions): SendResult {
    if (options !== undefined) return this.#sendWith(data, options);
    // biome-ignore lint/complexity/noArguments: undefined is a message, "undefined"
    if (data === undefined && arguments.length === 0) {
      throw new TypeError("SteadySocket: send needs a message");
    }
    return this.#sendNow(data);
  }

  #sendNow(data: unknown): SendResult {
    const payload = typeof data === "string" ? data : toWire(data);
    // What is remembered of it while the browser may still have it.
    const kept = typeof payload === "string" ? payload : snapshot(payload);
    const size = sizeBound(payload);
    const granted = this.#web.sendGranted(this.#observer, payload, size, kept);
    if (granted === TransportSend.taken) return sent;
    if (granted === TransportSend.refused) return this.#reject("refused", payload);
    if (this.#over) return this.#reject("closed", payload);
    return this.#decide(payload, kept, formatOf(data, payload), size);
  }

  #sendWith(data: unknown, options: SendOptions): SendResult {
    const { ttl, flags, key } = readSendOptions(options);
    if ((flags & trackFlag) === 0) return this.#post(data, ttl, flags, key).result;
    this.#hold();
    const outcome = deferred<Outcome>();
    const { result } = this.#post(data, ttl, flags, key, (reason) =>
      outcome.resolve(
        reason === "" ? { status: "sent" } : { status: "dropped", reason: reason as DropReason },
      ),
    );
    if ("reason" in result) outcome.resolve({ ...result, status: "dropped" });
    // What waits can be cancelled: it keeps its class.
    return Object.assign(result === sent ? { ...sent } : result, { outcome: outcome.promise });
  }

  /**
   * Sends with wishes, as `readSendOptions` has them. `told` hears what becomes of a message that is
   * tracked or expects a reply, and was taken.
   */
  #post(
    data: unknown,
    ttl: number,
    flags: number,
    key: string,
    told?: (reason: string) => void,
  ): { result: SendResult; id: number } {
    const payload = toWire(data);
    if (this.#over) return { result: this.#reject("closed", payload), id: 0 };
    const format = formatOf(data, payload);
    const kept = snapshot(payload);
    // Nothing of the user's runs from here on: the options are for this message.
    this.#web.leaveText(key);
    this.#core.setSendOptions(this.#handle, ttl, flags);
    const answer = this.#enqueue(payload, kept, format);
    const id = answer % trackedAnswer;
    if (told !== undefined && id > 0) this.#outcomes.set(id, told);
    return { result: answer > trackedAnswer ? sent : this.#resultOf(answer), id };
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
    const size = exactSize(payload);
    const answer = this.#core._steady_js_send(this.#handle, format, handle, size);
    if (answer === closedAnswer) this.#sentTooLate += size;
    return answer;
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
    this.#hold();
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
   * @throws InvalidAccessError - the code is not one that is allowed.
   * @throws SyntaxError - the reason is too long.
   * @throws RangeError - the deadline is out of its range.
   * @throws TypeError - an option is unknown or of another type.
   */
  close(options: CloseOptions): void;
  /**
   * Closes. What waits is sent first if the connection is open, otherwise dropped and told.
   *
   * @param code - 1000 or 3000 to 4999.
   * @param reason - at most 123 bytes of UTF-8; not sent without a code.
   * @throws InvalidAccessError - the code is another one.
   * @throws SyntaxError - the reason is too long.
   */
  close(code?: number, reason?: string): void;
  close(first?: number | CloseOptions, second?: string): void {
    this.#close(first, second);
  }

  #close(first?: number | CloseOptions, second?: string): void {
    const isObject = typeof first === "object" && first !== null;
    const { code, reason, deadline } = isObject
      ? readCloseOptions(first)
      : { code: first, reason: second, deadline: -1 };
    const farewell = this.#leaveFarewell(code, reason);
    this.#check(this.#core.close(this.#handle, farewell, deadline));
  }

  /** Leaves the reason for the next call, and gives the code as the core takes it. */
  #leaveFarewell(code: unknown, reason: unknown): number {
    const clamped = code === undefined ? -1 : clampedCode(code);
    this.#web.leaveText(reason === undefined ? "" : `${reason}`);
    this.#refusal = "the code or the reason of close is not allowed";
    return clamped;
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
   *
   * @param code - what the server is told with the end of the old connection, as of `close`.
   * @throws InvalidAccessError, SyntaxError - as `close`.
   */
  reconnect(code?: number, reason?: string): void {
    const farewell = this.#leaveFarewell(code, reason);
    if (attachment && !this.#handle) throw exceptionOf(invalidState, "the socket is closed");
    if (attachment || !this.#over) {
      this.#check(this.#core.reconnect(this.#handle, farewell));
      return;
    }
    this.#check(this.#core.close(0, farewell, -1));
    // What is still to be told of the old part is told; nothing more comes of it.
    this.#release();
    this.#idsBefore = this.#lastId;
    this.#check(this.#start(Request.connect));
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
   * Fulfilled with the socket when there is a connection: at once if there is one, otherwise with
   * the next. Rejected with `closed` when the socket is closed.
   */
  get opened(): Promise<this> {
    this.#hold();
    const opening = this.#opening ?? deferred<this>();
    if (this.readyState === 1) opening.resolve(this);
    else if (this.#over) opening.reject(closedError());
    else this.#opening = opening;
    return opening.promise;
  }

  /**
   * Calls `handler` with every message that is a JSON object whose `type` is `type`. An error that it
   * throws is reported and harms nobody else.
   *
   * @returns a function that ends it.
   */
  on<Type extends TypeOf<Incoming>>(type: Type, handler: RouteHandler<Incoming[Type]>): () => void;
  /**
   * Calls `handler` with every message that is a JSON object with a type.
   *
   * @returns a function that ends it.
   */
  on(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): () => void;
  on(type: string, handler: RouteHandler): () => void {
    return this.#subscribe(type, handler, "messages");
  }

  /** As `on`, for one message only. */
  once<Type extends TypeOf<Incoming>>(
    type: Type,
    handler: RouteHandler<Incoming[Type]>,
  ): () => void;
  /** As `on`, for one message only. */
  once(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): () => void;
  once(type: string, handler: RouteHandler): () => void {
    return this.#subscribe(type, handler, "one message");
  }

  /** Ends `handler` for messages of this type. */
  off<Type extends TypeOf<Incoming>>(type: Type, handler: RouteHandler<Incoming[Type]>): void;
  /** Ends `handler` for messages of every type. */
  off(type: "*", handler: RouteHandler<Incoming[TypeOf<Incoming>]>): void;
  off(type: string, handler: RouteHandler): void {
    this.#routes.remove(type, handler);
  }

  #subscribe(...given: Parameters<Routes["add"]>): () => void {
    this.#hold();
    return this.#routes.add(...given);
  }

  /**
   * The next message of a type, over as many connections as it takes.
   *
   * @returns a promise, rejected with a `SteadySocketError` of the code `timeout` or `closed`, with
   * the reason of the signal, or with a TypeError for an option that is wrong.
   */
  next<Type extends TypeOf<Incoming>>(
    type: Type,
    options: NextOptions = {},
  ): Promise<Incoming[Type]> {
    return nextMessage(this.#source(type), options);
  }

  /**
   * The messages of a type, from now on and over all connections, for a loop that takes them at its
   * own pace. It ends when the socket is closed, and when the loop is left.
   *
   * @throws TypeError, RangeError - an option is unknown, of another type or out of its range.
   *
   * @example
   * for await (const { x, y } of socket.messages("move", { overflow: "drop_oldest" })) draw(x, y);
   */
  messages<Type extends TypeOf<Incoming>>(
    type: Type,
    options: MessagesOptions = {},
  ): MessageStream<Incoming[Type]> {
    return new MessageQueue(this.#source(type), options);
  }

  #source(type: string): MessageSource {
    return {
      subscribe: (handler) => this.#subscribe(type, handler, "messages"),
      whenClosed: (ended) => {
        const waiting = this.#waiting;
        if (this.#over) ended();
        else waiting.add(ended);
        return () => waiting.delete(ended);
      },
    };
  }

  /**
   * Sends an object, with an id if it has none, and waits for the message that has the same id: see
   * {@link SteadySocketOptions.requests}. The promise is settled in every case.
   *
   * @returns the reply; or it is rejected, with the reason of the signal, a TypeError for wrong
   * arguments, or a `SteadySocketError`: `timeout`, `unanswered` (the connection has ended, and
   * `retry` is not set), `failed` (the reply says so), `closed`, `invalid_message`, or why it was
   * not sent (`queue_full`, …).
   *
   * @example
   * const { room } = await socket.request({ type: "join", name: "lobby" }, { timeout: 3_000 });
   */
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends is for its user to say
  request<Reply = any>(
    message: Extract<Outgoing, object>,
    options: RequestOptions<Reply> = {},
  ): Promise<Reply> {
    this.#hold();
    return this.#requests.ask(message, options);
  }

  /**
   * Answers the requests of a type: messages with an id. What `handler` returns, or a promise of it,
   * is sent with the same id, an object as it is, everything else as `result`, and what it throws as
   * `error`, as well as why a result cannot be serialized. A reply whose connection has ended is
   * dropped, and told. Messages without an id are handed over, and not answered; what is thrown then
   * is reported.
   *
   * @returns a function that ends it.
   * @throws TypeError - it is no function, or there is a handler for the type.
   */
  handle<Type extends TypeOf<Incoming>>(
    type: Type,
    handler: RequestHandler<Incoming[Type]>,
  ): () => void {
    if (this.#handled.has(type)) {
      throw new TypeError(`SteadySocket: requests of the type "${type}" are handled already`);
    }
    const answering = isFunction(handler)
      ? this.#requests.answering(handler as RequestHandler<unknown>)
      : (handler as RouteHandler);
    const end = this.#subscribe(type, answering, "requests");
    this.#handled.set(type, end);
    return () => {
      // It may be another one's by now.
      if (this.#handled.get(type) === end) this.#handled.delete(type);
      end();
    };
  }

  #requestHost(): RequestHost {
    return {
      ask: (message, isRepeated, failed) =>
        this.#post(message, -1, isRepeated ? repeatFlag : replyFlag, "", failed),
      forget: (id) => {
        this.#outcomes.delete(id);
        if (id > 0 && this.#core.answered(this.#handle, id) === 0) {
          this.#core.cancel(this.#handle, id);
        }
      },
      reply: (message, session) => {
        if (session === this.#session) this.#sendWith(message, { sessionOnly: true });
        else this.#push(new DropEvent("session_ended", toWire(message), 0));
      },
    };
  }

  /** As of every EventTarget; the types of events are those of {@link SteadySocketEventMap}. */
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
    this.#listen(given[0]);
  }

  /** Somebody listens. */
  #listen(type: string): void {
    // An event costs more than a message: none is made for nobody.
    if (type === "message") this.#hasMessageListener = true;
    this.#hold();
  }

  #setHandler(type: string, handler: unknown): void {
    this.#handlers.set(type, handler);
    if (this.#handlers.get(type) !== null) this.#listen(type);
  }

  /** As of every EventTarget. */
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

  /** As of WebSocket: called with every `open` event; null is none. */
  get onopen(): WebSocket["onopen"] {
    return this.#handlers.get("open") as WebSocket["onopen"];
  }
  set onopen(handler: EventHandler<"open">) {
    this.#setHandler("open", handler);
  }
  /** As of WebSocket: called with every `message` event; null is none. */
  get onmessage(): WebSocket["onmessage"] {
    return this.#handlers.get("message") as WebSocket["onmessage"];
  }
  set onmessage(handler: EventHandler<"message">) {
    this.#setHandler("message", handler);
  }
  /** As of WebSocket: called with every `error` event; null is none. */
  get onerror(): WebSocket["onerror"] {
    return this.#handlers.get("error") as WebSocket["onerror"];
  }
  set onerror(handler: EventHandler<"error">) {
    this.#setHandler("error", handler);
  }
  /** As of WebSocket: called with every `close` event; null is none. */
  get onclose(): WebSocket["onclose"] {
    return this.#handlers.get("close") as WebSocket["onclose"];
  }
  set onclose(handler: EventHandler<"close">) {
    this.#setHandler("close", handler);
  }

  get #stateNumber(): number {
    return this.#handle ? this.#core._steady_js_state(this.#handle) % receiving : closedState;
  }

  #reject(reason: DropReason, data: ReturnType<typeof toWire>): SendResult {
    if (reason === "closed") this.#sentTooLate += exactSize(data);
    this.#push(new DropEvent(reason, data, 0));
    return { status: "rejected", reason };
  }

  /** From inside wasm: writes down. */
  #told(kind: number, a: number, b: number, c: number, text: string): void {
    switch (kind) {
      case EventKind.open: {
        ++this.#session;
        const opening = this.#opening;
        this.#opening = undefined;
        this.#push(() => this.#negotiate());
        this.#push(new Event("open"));
        this.#push(() => opening?.resolve(this));
        break;
      }
      case EventKind.close:
        this.#push(
          new SteadyCloseEvent({
            code: a,
            // It is the peer's word; these codes say that there was none (RFC 6455 7.4.1).
            reason: a === noStatus || a === abnormal ? "" : text,
            wasClean: (b & 1) !== 0,
            willRetry: (b & 2) !== 0,
          }),
        );
        break;
      case EventKind.error:
        this.#push(new SteadyErrorEvent(errorCodeOf(a), text, this.#observer.thrown));
        break;
      case EventKind.stateChange:
        this.#over = a === closedState;
        this.#push(new StateChangeEvent(states[a] as State, states[b] as State, c, text));
        if (this.#over) this.#push(this.#ending());
        break;
      case EventKind.drop: {
        const id = a > 0 ? a + this.#idsBefore : 0;
        this.#lastId = Math.max(this.#lastId, id);
        this.#push(new DropEvent(dropReasons[b] as DropReason, this.#web.payloads[c], id));
        break;
      }
      case EventKind.refusal:
        this.#refusal = text;
        break;
      case EventKind.outcome:
        this.#outcomes.get(a)?.(b === 0 ? "" : (dropReasons[b] as string));
        this.#outcomes.delete(a);
        break;
      case EventKind.drained: {
        const waiter = this.#drained.shift();
        if (a === 0) waiter?.resolve();
        else waiter?.reject(exceptionOf(a, text));
        break;
      }
      case EventKind.gone:
        if (attachment) attachment.gone(this);
        break;
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

  /**
   * Ends everything that waits for something of this socket now: when it is called, `reconnect` may
   * have opened the socket again.
   */
  #ending(): () => void {
    const opening = this.#opening;
    const waiting = this.#waiting;
    this.#opening = undefined;
    this.#waiting = new Set();
    return () => {
      opening?.reject(closedError());
      for (const ended of waiting) ended();
    };
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
      this.#leaveError(error);
      failed = 1;
    }
    this.#core.provide(this.#handle, failed);
  }

  /** Leaves what a user's function has thrown for the `error` event that follows. */
  #leaveError(error: unknown): void {
    this.#observer.thrown = error;
    this.#web.leaveText(textOf(error));
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
      this.#leaveError(error);
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
      else if (!attachment?.silent.has(this)) super.dispatchEvent(event);
    }
    this.#dispatching = false;
    // A program may open its socket again.
    if (attachment ? !this.#handle : this.#over) this.#release();
  }

  #receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") this.#show(data);
    else if (this.#observer.batched && isBatch(data)) this.#receiveBatch(data);
    else this.#receiveText(data);
  }

  #receiveText(text: string): void {
    if (this.#observer.seeksReply && this.#routes.nameOf(text) === this.#heartbeatReply) {
      this.#core.heartbeatAnswered(this.#handle);
    }
    if (!this.#show(text)) return;
    const parsed = this.#requests.parse(text);
    const session = this.#requests.settle(parsed) ? 0 : this.#session;
    if (this.#routes.isEmpty) return;
    if (!this.#routes.dispatch(text, session, parsed)) this.#malformed("not JSON");
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
  #show(received: string | ArrayBuffer): boolean {
    // A handler may have detached it.
    if (attachment && !this.#handle) return false;
    if (this.#pending.length > 0) {
      // What happened before the message is told before it, and may end the connection.
      this.#dispatchPending();
      if (!this.#handle || this.#core._steady_js_state(this.#handle) < receiving) return false;
    }
    if (this.#hasMessageListener) {
      // Making a Blob takes longer than everything else: none is made for nobody.
      const isBlob = typeof received !== "string" && this.#binaryType === "blob";
      const data = isBlob ? new Blob([received]) : received;
      super.dispatchEvent(new MessageEvent("message", { data, origin: this.#origin }));
    }
    return true;
  }

  /** Gives back the core's part, and keeps what it has measured. */
  #giveBack(): void {
    this.#measurements = Object.values(Measured).map((which) => this.#measured(which));
    giveBack(this.#part);
  }

  /** The socket has no part in the core any more. */
  #release(): void {
    this.#giveBack();
    this.#link.held = undefined;
    this.#over = true;
  }

  /** `close()`. There where the runtime has `Symbol.dispose`. */
  declare readonly [Symbol.dispose]: () => void;
}
