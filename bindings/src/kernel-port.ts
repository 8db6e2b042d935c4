// The port of a socket with a kernel of its own: JavaScript's shell of sdk/kernel.
import {
  Border,
  CloseBit,
  CommandKind,
  ErrorCode,
  Fact,
  firstMessageHandle,
  GrantBit,
  InputKind,
  MessageFlag,
  pingHandle,
  Reading,
  StateCode,
  settings,
  TextId,
  TransmitBit,
  TransportSend,
  texts,
} from "./codes.gen.js";
import { dropReasons, errorCodeOf, exceptionOf } from "./codes.js";
import {
  accepted,
  answerOf,
  type ConnectionDetails,
  type DeliveryOptions,
  type DetailsQuestion,
  type GreetingQuestion,
  type Negotiated,
  overhead,
  type Port,
  type PortListener,
  type PortOptions,
  receiving,
  type SendAnswer,
} from "./core-port.js";
import { textOf } from "./errors.js";
import type { DropReason } from "./events.js";
import { closeFault, type Fault, requestFault, retryAfter } from "./faults.js";
import { loadKernel } from "./kernel-module.js";
import { type Forgettable, unwatchLifetime, watchLifetime } from "./lifetime.js";
import { exactSize, sizeBound, snapshot, type WireData } from "./payload.js";
import { PayloadTable } from "./payload-table.js";
import { rememberPlatform, webSocketClass } from "./platform.js";
import {
  type Connection,
  type KernelModule,
  type Observer,
  type PlatformSocket,
  type SteadyWeb,
  transmit,
} from "./web.js";

/** Milliseconds in which the queue of a socket that was collected is still sent. */
const forgottenDeadline = 30_000;
const unconfirmed = settings.findIndex(([name]) => name === "queue.unconfirmed");
/** The longest timeout (HTML standard, timer initialisation). */
const longestDelay = 0x7fff_ffff;
/** What was connected with, for people. */
const givenOf = ({ url, subprotocols }: ConnectionDetails) =>
  [url, ...subprotocols].map((text) => `"${text}"`).join(", ");

/**
 * Opens the port of a new socket, which connects unless it `startsClosed`.
 *
 * @throws what the constructor of SteadySocket throws.
 */
export function openPort(listener: PortListener, options: PortOptions): Port {
  if (typeof (options.webSocketClass ?? globalThis.WebSocket) !== "function") {
    throw new DOMException(
      "SteadySocket: there is no WebSocket here; pass a class as options.WebSocket",
      "NotSupportedError",
    );
  }
  return new KernelPort(loadKernel(), listener, options);
}

class KernelPort implements Port, Observer, Forgettable {
  // What steady_web.js reads and writes: see Observer.
  connection: Connection | undefined;
  receive = 0;
  heard = 0;
  thrown: unknown;
  readonly lingering: unknown[] = [];

  // The grant.
  socket: PlatformSocket | null = null;
  batched = 0;
  seeksReply = 0;
  #credit = 0;
  /** What was sent within it and is not reported to the kernel yet. */
  #sent: WireData[] = [];

  readonly grant = this;
  isOver = false;
  isInCall = false;

  readonly #module: KernelModule;
  readonly #web: SteadyWeb;
  readonly #options: PortOptions;
  #observer = 0;
  /** The address of a Host in ../embind.cpp; 0 while the socket is closed. */
  #host = 0;
  readonly #border: number;
  /** A new kernel counts messages from 1 again: the highest id before, and so far. */
  #idsBefore = 0;
  #lastId = 0;
  /** What was read when the socket was closed. */
  readonly #measured = new Map<number, number>();
  /** What was sent is given back, and has to be what it was. */
  #keepsCopies: boolean;

  readonly #payloads = new PayloadTable();
  /** Handles of the messages of the frame that is being sent. */
  #frame: number[] = [];
  /** The answer of the `send` that is under way. */
  #answer = 0;

  /** Where the next command is in the memory, how many there are, and how many were carried out. */
  #commands = 0;
  #commandCount = 0;
  #carriedOut = 0;

  #details: ConnectionDetails;
  /** By the first members of TextId. */
  readonly #texts: string[] = [];
  #lastReason = "";
  /** Why the connection could not be made that the present call has tried to make. */
  #dialError: Error | undefined;

  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer is due; negative if it does not run. */
  #due = -1;
  #watch = 0;

  readonly #listener: WeakRef<PortListener>;
  /** The listener while it has to be kept alive. */
  #held: PortListener | undefined;
  #wantsHold = false;

  constructor(module: KernelModule, listener: PortListener, options: PortOptions) {
    this.#module = module;
    this.#web = module.SteadyWeb;
    this.#options = options;
    this.#details = options.details;
    this.#listener = new WeakRef(listener);
    const { values, texts } = options.core;
    this.#keepsCopies = values[unconfirmed] !== 0;
    this.#payloads.set(firstMessageHandle, texts.firstMessage);
    this.#payloads.set(pingHandle, texts.heartbeatMessage);
    this.#check(this.#requestFault(options.details));

    this.#border = module.border() / 8;
    this.#open();
  }

  /** Makes a kernel. */
  #open(): void {
    const { observers } = this.#web;
    const { values, rules } = this.#options.core;
    const module = this.#module;
    const free = observers.indexOf(undefined);
    this.#observer = free < 0 ? observers.length : free;
    observers[this.#observer] = this;
    module.numbers().set(values, module.settings() / 8);
    this.#host = module.create(this.#observer);
    for (const rule of rules) module.addCloseRule(this.#host, ...rule);
    const listener = this.#listener.deref();
    if (listener !== undefined) watchLifetime(listener, this);
    this.#idsBefore = this.#lastId;
    this.isOver = false;
    this.#input(InputKind.start);
  }

  start(): void {
    if (this.#options.startsClosed) this.#destroy();
    else this.#connect();
  }

  #connect(): void {
    this.#input(InputKind.connect);
    if (this.#dialError === undefined) return;
    this.#destroy();
    throw this.#dialError;
  }

  // --- Calls of the user. ---

  connect(): void {
    this.#attempt(InputKind.connect);
  }

  suspend(): void {
    this.#attempt(InputKind.suspend);
  }

  resume(): void {
    this.#attempt(InputKind.resume);
  }

  #attempt(kind: number): void {
    this.#dialError = undefined;
    const code = this.#host === 0 ? ErrorCode.invalidState : this.#input(kind);
    if (code !== 0) throw exceptionOf(code, texts[TextId.socketClosed]);
    if (this.#dialError) throw this.#dialError;
  }

  reconnect(code: number, reason: string): void {
    this.#check(closeFault(code, reason, -1));
    this.#texts[TextId.givenFarewell] = reason;
    this.#dialError = undefined;
    if (this.#host === 0) {
      this.#open();
      this.#input(InputKind.connect);
    } else {
      this.#input(InputKind.reconnect, Math.max(code, 0));
    }
    this.#resumeHold();
    if (this.#dialError) throw this.#dialError;
  }

  close(code: number, reason: string, deadline: number): void {
    this.#check(closeFault(code, reason, deadline));
    const state = this.state();
    const isLate = state === StateCode.closing && deadline >= 0;
    if (state === StateCode.closed || isLate) return;
    this.#texts[TextId.givenFarewell] = code < 0 ? "" : reason;
    this.#input(InputKind.close, Math.max(code, 0), deadline);
  }

  #check(fault: Fault): void {
    if (fault !== undefined) throw exceptionOf(fault.code, fault.text);
  }

  detach(): boolean {
    return false;
  }

  send(payload: WireData, isJson: boolean, options?: DeliveryOptions): SendAnswer {
    if (options !== undefined) return this.#ask(payload, isJson, options);
    const size = sizeBound(payload);
    if (size >= this.#credit) return this.#ask(payload, isJson, options);
    const result = transmit(this.socket, payload);
    if (result === 0) {
      this.#credit -= size + overhead;
      this.#sent.push(this.#keepsCopies ? (snapshot(payload) as WireData) : payload);
      return accepted;
    }
    if (result === TransportSend.notOpen) return this.#ask(payload, isJson, options);
    return this.#reject("refused", payload);
  }

  #reject(reason: DropReason, payload: WireData): SendAnswer {
    this.#listening()?.dropped(0, reason, payload);
    return { status: "rejected", id: 0, reason };
  }

  #idOf(id: number): number {
    this.#lastId = Math.max(this.#lastId, id + this.#idsBefore);
    return id + this.#idsBefore;
  }

  /** What is not covered by the grant is the kernel's decision. */
  #ask(payload: WireData, isJson: boolean, options: DeliveryOptions | undefined): SendAnswer {
    if (this.#host === 0) return this.#reject("closed", payload);
    const { ttl = -1, flags = 0, key = "" } = options ?? {};
    const payloads = this.#payloads;
    const handle = payloads.add(payload);
    const bits = flags | (isJson ? MessageFlag.isJson : 0);
    // Where there is no connection, only a time to live needs the clock.
    const isLight = this.connection === undefined && ttl < 0;
    this.#answer = this.#feedAt(
      isLight,
      InputKind.send,
      handle,
      exactSize(payload),
      bits,
      ttl,
      payloads.addKey(handle, key),
    );
    this.#drainCall(true);
    const answer = answerOf(this.#answer);
    const isWanted =
      answer.status === "queued" ||
      this.#keepsCopies ||
      (flags & MessageFlag.repeatUnanswered) !== 0;
    if (isWanted && typeof payload !== "string" && payloads.get(handle) === payload) {
      payloads.set(handle, snapshot(payload));
    }
    return answer.id === 0 ? answer : { ...answer, id: this.#idOf(answer.id) };
  }

  cancel(id: number): boolean {
    return id > this.#idsBefore && this.#input(InputKind.cancel, id - this.#idsBefore) !== 0;
  }

  answered(id: number): boolean {
    return id > this.#idsBefore && this.#input(InputKind.answered, id - this.#idsBefore) !== 0;
  }

  drained(): void {
    this.#input(InputKind.drained);
  }

  heartbeatAnswered(): void {
    this.#input(InputKind.pong);
  }

  // --- What can be read. ---

  #read(reading: number): number {
    return this.#host === 0 ? -1 : this.#module.read(this.#host, reading);
  }

  state(): number {
    return this.#host === 0 ? StateCode.closed : this.#read(Reading.state) % receiving;
  }

  isReceiving(): boolean {
    return this.#read(Reading.state) >= receiving;
  }

  bufferedAmount(): number {
    return Math.max(this.#read(Reading.queuedBytes), 0) + this.#amount();
  }

  retryIn(): number {
    this.#fill();
    return this.#read(Reading.retryIn);
  }

  measured(which: number): number | undefined {
    if (this.#host === 0) return this.#measured.get(which);
    this.#fill();
    const value = this.#read(which);
    return value < 0 ? this.#measured.get(which) : value;
  }

  negotiated(): Negotiated {
    return {
      protocol: this.#web.peekText(this.socket, "protocol"),
      extensions: this.#web.peekText(this.socket, "extensions"),
    };
  }

  #amount(): number {
    return this.connection === undefined ? 0 : this.#web.amount(this.connection);
  }

  // --- Lifetime. ---

  keepCopies(): void {
    this.#keepsCopies = true;
  }

  hold(): void {
    this.#wantsHold = true;
    this.#resumeHold();
  }

  #resumeHold(): void {
    if (this.#wantsHold && !this.isOver) this.#held = this.#listener.deref();
  }

  #listening(): PortListener | undefined {
    return this.#held ?? this.#listener.deref();
  }

  dispatched(): void {
    if (!this.isOver) return;
    this.#held = undefined;
    // What is still on its way was given its time.
    for (const socket of this.lingering.splice(0)) this.#web.end(socket);
    if (this.#host !== 0) this.#destroy();
  }

  forgotten(): void {
    if (this.#host === 0) return;
    this.#texts[TextId.givenFarewell] = "";
    this.#input(InputKind.close, 0, forgottenDeadline);
    if (this.isOver) this.#destroy();
  }

  /** Gives back the kernel, and keeps what it has measured. */
  #destroy(): void {
    for (const reading of [Reading.retries, Reading.last, Reading.smoothed, Reading.jitter]) {
      const value = this.measured(reading);
      if (value !== undefined) this.#measured.set(reading, value);
    }
    unwatchLifetime(this);
    this.#web.observers[this.#observer] = undefined;
    clearTimeout(this.#timer);
    this.#due = -1;
    this.#setWatch(false);
    this.#carriedOut = this.#commandCount = 0;
    this.#module.destroy(this.#host);
    this.#host = 0;
    this.isOver = true;
  }

  postTask(task: () => void): void {
    this.#web.postTask(task);
  }

  // --- Inputs. ---

  #input(kind: number, a = 0, b = 0, c = 0, d = 0): number {
    if (this.#host === 0) return 0;
    const answer = this.#feed(kind, a, b, c, d);
    this.#drainCall(kind <= InputKind.message);
    return answer;
  }

  #feed(kind: number, a = 0, b = 0, c = 0, d = 0): number {
    return this.#feedAt(false, kind, a, b, c, d, 0);
  }

  /** `isLight`: the kernel needs to know nothing of the platform. */
  #feedAt(
    isLight: boolean,
    kind: number,
    a: number,
    b: number,
    c: number,
    d: number,
    e: number,
  ): number {
    if (isLight) {
      const numbers = this.#module.numbers();
      numbers[this.#border + Border.now] = -1;
      numbers[this.#border + Border.buffered] = -1;
    } else {
      this.#reportSent();
      this.#fill();
    }
    const answer = this.#module.input(this.#host, kind, a, b, c, d, e);
    this.#takeOutput();
    return answer;
  }

  /** Writes what the kernel may know of the platform. */
  #fill(): void {
    const numbers = this.#module.numbers();
    const border = this.#border;
    numbers[border + Border.now] = this.#web.now();
    numbers[border + Border.random] = Math.random();
    numbers[border + Border.buffered] = this.#amount();
    numbers[border + Border.hasHeard] = this.heard;
    this.heard = 0;
  }

  #takeOutput(): void {
    const numbers = this.#module.numbers();
    const border = this.#border;
    this.#commands = (numbers[border + Border.commands] as number) / 8;
    this.#commandCount = numbers[border + Border.commandCount] as number;
    this.#arm(numbers[border + Border.deadline] as number);
  }

  /** What was sent within the grant comes before everything that happens now. */
  #reportSent(): void {
    if (this.#sent.length === 0) return;
    const messages = this.#sent;
    this.#sent = [];
    // With nothing in the buffer they have left.
    if (this.#amount() === 0) return;
    for (const message of messages) {
      const handle = this.#payloads.add(message);
      this.#module.input(this.#host, InputKind.sent, handle, exactSize(message), 0, 0, 0);
    }
  }

  #arm(deadline: number): void {
    // A timer that is due earlier finds nothing to do, and is started again.
    if (deadline === this.#due || (this.#due >= 0 && deadline > this.#due)) return;
    clearTimeout(this.#timer);
    this.#due = deadline;
    if (deadline < 0) return;
    const delay = Math.ceil(deadline - this.#web.now());
    this.#timer = setTimeout(
      () => {
        this.#due = -1;
        this.#input(InputKind.timer);
      },
      Math.min(Math.max(delay, 0), longestDelay),
    );
  }

  // --- The platform: see Observer. ---

  prepare(): void {
    this.thrown = undefined;
    this.#module.useWebSocket(webSocketClass(this.#options.webSocketClass));
    this.#listening()?.connecting();
  }

  prepared(made: unknown): void {
    if (this.#options.webSocketClass === undefined) rememberPlatform(made);
  }

  enter(connection: Connection): void {
    this.#reportSent();
    this.#fill();
    const { socket, failure = "", reason } = connection;
    this.#texts[TextId.givenError] = failure;
    this.#texts[TextId.givenReason] = reason ?? "";
    const { batchSubprotocol } = this.#options.core.texts;
    const isBatched =
      batchSubprotocol === "" ||
      (batchSubprotocol !== undefined &&
        this.#web.peekText(socket, "protocol") === batchSubprotocol);
    const argument = reason === undefined ? Number(isBatched) : retryAfter(reason);
    const numbers = this.#module.numbers();
    numbers[this.#border + Border.argument] = argument;
    numbers[this.#border + Border.commandCount] = -1;
  }

  leave(): void {
    const count = this.#module.numbers()[this.#border + Border.commandCount] as number;
    if (count < 0) return;
    this.#takeOutput();
    this.#drain();
  }

  message(data: string | ArrayBuffer): void {
    // A socket that is not held has no listeners.
    this.#held?.message(data);
  }

  abandoned(): void {
    this.connection = undefined;
    this.socket = null;
    this.receive = this.batched = this.seeksReply = this.#credit = 0;
    this.#sent = [];
  }

  // --- Commands. ---

  /** Carries out what is commanded. A call that `decide` makes meanwhile goes on with it. */
  #drain(): void {
    while (this.#host !== 0 && this.#carriedOut < this.#commandCount) {
      const numbers = this.#module.numbers();
      const at = this.#commands + 4 * this.#carriedOut++;
      this.#carryOut(
        numbers[at] as number,
        numbers[at + 1] as number,
        numbers[at + 2] as number,
        numbers[at + 3] as number,
      );
    }
    if (this.#host !== 0 && this.#commandCount > 0) this.#clear();
  }

  /** The same for an input that is a call of the user, or not. */
  #drainCall(isCall: boolean): void {
    const before = this.isInCall;
    this.isInCall = isCall;
    this.#drain();
    this.isInCall = before;
  }

  #clear(): void {
    this.#module.clear(this.#host);
    this.#carriedOut = this.#commandCount = 0;
  }

  #carryOut(kind: number, a: number, b: number, c: number): void {
    if (kind < CommandKind.provide) {
      this.#report(kind, a, b, c);
      return;
    }
    switch (kind) {
      case CommandKind.provide:
        this.#listening()?.provide(this.#askForDetails(a));
        break;
      case CommandKind.greet:
        this.#listening()?.greet(this.#askForGreeting(a));
        break;
      case CommandKind.decide: {
        const wasClean = (b & CloseBit.wasClean) !== 0;
        const action = this.#listening()?.decide(a, this.#textOf(c), wasClean) ?? -1;
        if (this.#host !== 0) this.#feed(InputKind.decided, action);
        break;
      }
      case CommandKind.lastClose:
        this.#lastReason = this.#textOf(c);
        break;
      case CommandKind.dial:
        this.#dial(a);
        break;
      case CommandKind.transmit:
        this.#transmit(a, b);
        break;
      case CommandKind.shut:
        this.#web.leaveText(this.#texts[TextId.givenFarewell] ?? "");
        this.#module.shut(this.#host, a);
        break;
      case CommandKind.abandon:
        this.#module.abandon(this.#host);
        break;
      case CommandKind.watch:
        this.#setWatch(a !== 0);
        break;
      case CommandKind.grant:
        this.socket = this.connection?.socket ?? null;
        this.receive = a & GrantBit.grantReceive;
        this.batched = a & GrantBit.grantBatched;
        this.seeksReply = a & GrantBit.grantSeeksReply;
        this.#credit = b;
        break;
      case CommandKind.release:
        this.#payloads.release(a);
        break;
      case CommandKind.defer:
        this.#web.postTask(() => this.#input(InputKind.taskOver));
        break;
      case CommandKind.again:
        // Mostly the last one: the list stays short.
        if (this.#carriedOut === this.#commandCount) this.#clear();
        this.#changeAnswer(this.#feed(InputKind.again));
        break;
    }
  }

  /** Reports an event. */
  #report(kind: number, a: number, b: number, c: number): void {
    if (kind === CommandKind.state) this.isOver = a === StateCode.closed;
    const listener = this.#listening();
    switch (kind) {
      case CommandKind.open:
        listener?.opened();
        break;
      case CommandKind.close:
        listener?.closed(
          a,
          this.#textOf(c),
          (b & CloseBit.wasClean) !== 0,
          (b & CloseBit.willRetry) !== 0,
        );
        this.thrown = undefined;
        break;
      case CommandKind.error:
        listener?.failed(errorCodeOf(a), this.#textOf(b), this.thrown);
        this.thrown = undefined;
        break;
      case CommandKind.state: {
        const isOpening = a < StateCode.waiting || a === StateCode.closing;
        listener?.stateChanged(a, b, c, isOpening ? "" : this.#lastReason);
        // Nobody is left who could open it again.
        if (this.isOver && listener === undefined) this.postTask(() => this.forgotten());
        break;
      }
      case CommandKind.drop:
        listener?.dropped(
          a === 0 ? 0 : this.#idOf(a),
          dropReasons[b] as DropReason,
          this.#payloads.get(c),
        );
        break;
      case CommandKind.outcome: {
        const id = this.#idOf(a);
        const report = () => listener?.outcome(id, b === 0 ? "" : (dropReasons[b] as string));
        // The caller of `send` does not know the id yet.
        if (this.isInCall) queueMicrotask(report);
        else report();
        break;
      }
      case CommandKind.drained:
        listener?.drained(a === 0 ? undefined : exceptionOf(a, texts[TextId.socketClosed]));
        break;
    }
  }

  #textOf(id: number): string {
    return texts[id] || (this.#texts[id] ?? "");
  }

  #setWatch(does: boolean): void {
    this.#web.watches.delete(this.#watch);
    if (does) this.#watch = this.#web.watch((hint) => this.#input(InputKind.hint, hint));
  }

  #dial(attempt: number): void {
    const { url, subprotocols } = this.#details;
    this.#web.leaveText(`${url}\0${subprotocols.join()}`);
    const code = this.#module.dial(this.#host, attempt, exactSize(url));
    if (code === 0) return;
    const { left } = this.#web;
    const { thrown: cause } = this;
    const error = exceptionOf(code, `${left} (${givenOf(this.#details)})`);
    this.#dialError = Object.assign(error, cause !== undefined && { cause });
    this.#texts[TextId.givenFailure] = left;
    this.#feed(InputKind.openFailed, attempt, code);
  }

  /** Sends a message, with those that were commanded to join it. */
  #transmit(handle: number, bits: number): void {
    const frame = this.#frame;
    frame.push(handle);
    if ((bits & TransmitBit.frameContinues) !== 0) return;
    let data = this.#payloads.get(handle);
    if ((bits & TransmitBit.inBatch) !== 0) {
      // A single message stays as it is, unless it is an array itself.
      const isAlone = frame.length === 1 && (data as string)[0] !== "[";
      if (!isAlone) data = `[${frame.map((one) => this.#payloads.get(one)).join()}]`;
    }
    const result = transmit(this.connection?.socket ?? null, data);
    this.#frame = [];
    if (result === 0) return;
    for (const one of frame) {
      this.#changeAnswer(this.#feed(InputKind.notTransmitted, one, result - 1));
    }
  }

  /** What has become of the message that is being sent, unless it is 0. */
  #changeAnswer(answer: number): void {
    if (answer !== 0) this.#answer = answer;
  }

  // --- Questions. ---

  #requestFault({ url, subprotocols }: ConnectionDetails): Fault {
    const { values, texts } = this.#options.core;
    if (values[Fact.asksProvider] !== 0) return undefined;
    const fault = requestFault(url, subprotocols);
    if (fault !== undefined) {
      return { code: fault.code, text: `${fault.text} (${givenOf({ url, subprotocols })})` };
    }
    const { batchSubprotocol = "" } = texts;
    if (batchSubprotocol === "" || subprotocols.includes(batchSubprotocol)) return undefined;
    return {
      code: ErrorCode.invalidOption,
      text: `batch.subprotocol must be one of the subprotocols that are offered, got "${batchSubprotocol}"`,
    };
  }

  #askForDetails(attempt: number): DetailsQuestion {
    const fail = (code: number, text: string) => {
      this.#texts[TextId.givenFailure] = text;
      this.#input(InputKind.providerFailed, attempt, code, retryAfter(text));
    };
    return {
      isCurrent: () => this.#read(Reading.asking) === attempt,
      answer: (details) => {
        const fault = requestFault(details.url, details.subprotocols);
        if (fault !== undefined) {
          fail(fault.code, fault.text);
          return;
        }
        this.#details = details;
        const { firstMessage } = details;
        this.#payloads.set(firstMessageHandle, firstMessage);
        const size = firstMessage === undefined ? -1 : exactSize(firstMessage);
        this.#input(InputKind.provided, attempt, size);
      },
      fail: (error) => {
        this.thrown = error;
        fail(ErrorCode.providerFailed, textOf(error));
      },
    };
  }

  #askForGreeting(attempt: number): GreetingQuestion {
    return {
      isCurrent: () => this.#read(Reading.greeting) === attempt,
      send: (payload, isJson) => {
        const handle = this.#payloads.add(snapshot(payload));
        const flags = isJson ? MessageFlag.isJson : 0;
        this.#answer = this.#feed(InputKind.greeting, attempt, handle, exactSize(payload), flags);
        this.#drainCall(true);
        return this.#answer > 0;
      },
      done: () => this.#input(InputKind.greeted, attempt),
      fail: (error) => {
        this.thrown = error;
        const text = textOf(error);
        this.#texts[TextId.givenFailure] = text;
        this.#input(InputKind.greetingFailed, attempt, retryAfter(text));
      },
    };
  }
}
