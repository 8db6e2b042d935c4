// The port of a socket with its own kernel (sdk/kernel).
import {
  CloseActionCode,
  CloseBit,
  CommandKind,
  DropCode,
  ErrorCode,
  firstMessageHandle,
  GrantBit,
  InputKind,
  MessageFlag,
  OpenBit,
  pingHandle,
  Reading,
  Setting,
  StateCode,
  TextId,
  TransportSend,
  texts,
} from "./codes.gen.js";
import { closedException, exceptionOf, fatalCloseText } from "./codes.js";
import {
  accepted,
  answerOf,
  type ConnectionDetails,
  type ConnectionSetup,
  type DeliveryOptions,
  noCode,
  type Port,
  type PortListener,
  type PortOptions,
  type SendAnswer,
} from "./core-port.js";
import { classHint, DialingPort } from "./dialing-port.js";
import { textOf } from "./errors.js";
import { checkClose, checkOptions, detailsFault, retryAfter } from "./faults.js";
import { sendWithin } from "./grant.js";
import { unwatchLifetime } from "./lifetime.js";
import { exactSize, isJson, snapshot, type WireData } from "./payload.js";
import { sessionless, withSessions } from "./session.js";
import { waiting } from "./warnings.js";
import type { Connection, Observer, PlatformSocket } from "./web.js";

/** Milliseconds to flush the queue of a socket that was garbage collected. */
const forgottenDeadline = 30_000;

/** Opens the port of a new socket. Throws the errors of SteadySocket's constructor. */
export function openPort(listener: PortListener, options: PortOptions): Port {
  const connects = !options.startsClosed && !options.startsSuspended;
  if (connects && typeof (options.webSocketClass ?? globalThis.WebSocket) !== "function") {
    throw exceptionOf(ErrorCode.notSupported, `WebSocket is not available${classHint}`);
  }
  if (
    options.core.values[Setting.sessions] !== 0 &&
    typeof globalThis.crypto?.getRandomValues !== "function"
  ) {
    throw new DOMException(
      "SteadySocket: options.session needs crypto.getRandomValues, which is not available",
      "NotSupportedError",
    );
  }
  return new KernelPort(listener, options);
}

class KernelPort extends DialingPort implements Port, ConnectionSetup, Observer {
  // Accessed by steady_web.js: see Observer.
  receive = 0;
  readonly lingering: unknown[] = [];

  // The grant.
  socket: PlatformSocket | null = null;
  batched = 0;
  seeksReply = 0;
  credit = 0;
  readonly grant = this;
  readonly #renewGrant = () => {
    const { session } = this;
    if (session) this.inputUnreported(InputKind.spent, session.next, session.unreported);
    else this.input(InputKind.spent);
    this.execute(true);
  };

  #observer = 0;
  /** Binary data is copied, since dropped messages are returned to the user unchanged. */
  #keepsCopies: boolean;

  /** The result of the `send` in progress. */
  #answer = 0;

  /** The reason of the last close. */
  #lastReason = "";
  #lastCode = 0;
  #watch = 0;

  constructor(listener: PortListener, options: PortOptions) {
    super(listener, options);
    const { values, texts } = options.core;
    this.details = this.#offering(options.details);
    this.#keepsCopies = values[Setting.queueUnconfirmed] !== 0;
    this.outgoing.set(firstMessageHandle, texts.firstMessage);
    this.outgoing.set(pingHandle, texts["heartbeat.message"]);
    checkOptions(options);
  }

  get #wantsSession(): boolean {
    return this.options.core.values[Setting.sessions] !== 0;
  }

  #offering(details: ConnectionDetails): ConnectionDetails {
    if (!this.#wantsSession) return details;
    return { ...details, subprotocols: withSessions(details.subprotocols) };
  }

  start(): void {
    const { startsClosed, startsSuspended } = this.options;
    this.isOver = startsClosed;
    if (startsSuspended) this.restingState = StateCode.suspended;
    if (startsClosed || startsSuspended) return;
    this.connectSoon();
    if (this.dialError === undefined) return;
    this.#destroy();
    throw this.dialError;
  }

  /** Creates a kernel, and connects unless the socket rests in the state `suspended`. */
  open(): void {
    const resting = this.restingState;
    this.#observer = this.web.observe(this);
    this.create(this.#observer, this.options.core);
    this.watchLifetime();
    this.isOver = false;
    this.restingState = StateCode.closed;
    const isSuspended = resting !== StateCode.closed && this.options.startsSuspended;
    this.#give(InputKind.start, 0, Number(isSuspended));
    if (resting !== StateCode.suspended) this.#give(InputKind.connect);
  }

  /** Frees the kernel. */
  #destroy(): void {
    this.keepMeasured();
    // The next kernel must not reuse message ids.
    this.options.core.values[Setting.lastId] = this.reading(Reading.lastId);
    unwatchLifetime(this);
    this.#setWatch(false);
    this.destroy();
    this.web.unobserve(this.#observer);
    this.isOver = true;
  }

  // --- Calls by the user. ---

  control(kind: number): void {
    this.dialError = undefined;
    if (!this.resumeResting(kind) && (!this.wake() || this.#give(kind) !== 0)) {
      throw closedException();
    }
    if (this.dialError) throw this.dialError;
  }

  reconnect(code: number, reason: string): void {
    checkClose(code, reason, -1);
    this.given[TextId.givenFarewell] = reason;
    this.dialError = undefined;
    if (!this.resumeResting(InputKind.reconnect)) {
      if (this.wake()) this.#give(InputKind.reconnect, Math.max(code, 0));
      else this.open();
    }
    this.resumeHold();
    if (this.dialError) throw this.dialError;
  }

  close(code: number, reason: string, deadline: number): void {
    checkClose(code, reason, deadline);
    this.wake();
    const isAccepted = this.input(InputKind.close, Math.max(code, 0), deadline);
    if (isAccepted) this.given[TextId.givenFarewell] = code < 0 ? "" : reason;
    this.execute(true);
  }

  send(payload: WireData, data: unknown, options?: DeliveryOptions): SendAnswer {
    if (options === undefined) {
      const result = sendWithin(this, payload, this.#mayRepeat(), this.#renewGrant);
      if (result === TransportSend.taken) return accepted;
      if (result === TransportSend.refused) return this.reject(DropCode.refused, payload);
    }
    return this.#ask(payload, data, options);
  }

  /** A message may be needed after it was sent. */
  #mayRepeat(): boolean {
    return this.#keepsCopies || this.session !== undefined;
  }

  /** Sends a message beyond the grant: the kernel decides. */
  #ask(payload: WireData, data: unknown, options: DeliveryOptions | undefined): SendAnswer {
    if (!this.wake(true)) return this.reject(DropCode.closed, payload);
    const { ttl = -1, flags = 0, key = "" } = options ?? {};
    const outgoing = this.outgoing;
    const handle = outgoing.add(payload);
    const bits = flags | (isJson(data, payload) ? MessageFlag.isJson : 0);
    const size = exactSize(payload);
    const keyNumber = outgoing.addKey(handle, key);
    // Unless a connection is open, only a time to live depends on the clock.
    if (this.socket === null && ttl < 0) {
      this.#answer = this.inputAnytime(InputKind.send, handle, size, bits, ttl, keyNumber);
    } else {
      this.#answer = this.input(InputKind.send, handle, size, bits, ttl, keyNumber);
    }
    this.execute(true);
    const answer = answerOf(this.#answer);
    const mayOutliveCall =
      answer.status === "queued" ||
      this.#mayRepeat() ||
      (flags & MessageFlag.repeatUnanswered) !== 0;
    if (mayOutliveCall && typeof payload !== "string" && outgoing.get(handle) === payload) {
      outgoing.set(handle, snapshot(payload));
    }
    return answer;
  }

  cancel(id: number): boolean {
    return this.#give(InputKind.cancel, id) !== 0;
  }

  answered(id: number): boolean {
    return this.#give(InputKind.answered, id) !== 0;
  }

  drained(): void {
    this.#give(InputKind.drained);
  }

  delivered(): void {
    this.#give(InputKind.delivered);
  }

  heartbeatAnswered(): void {
    this.#give(InputKind.pong);
  }

  keepCopies(): void {
    this.#keepsCopies = true;
  }

  bufferedAmount(): number {
    return Math.max(this.reading(Reading.queuedBytes), 0) + this.amount();
  }

  dispatched(): void {
    if (!this.isOver) return;
    this.letGo();
    if (this.host !== 0) this.#destroy();
  }

  forgotten(): void {
    if (this.host === 0) return;
    this.close(noCode, "", forgottenDeadline);
    if (this.isOver) this.#destroy();
  }

  // --- Inputs. ---

  /** Same as `input`, and executes the commands. */
  #give(kind: number, a = 0, b = 0, c = 0): number {
    this.wake();
    const answer = this.input(kind, a, b, c);
    this.execute(kind <= InputKind.message);
    return answer;
  }

  /** Executes commands. `isCall`: inside a call by the user. May be re-entered by `decide`. */
  execute(isCall: boolean): void {
    const before = this.isInCall;
    this.isInCall = isCall;
    this.drain();
    this.isInCall = before;
  }

  // --- The platform: see Observer. ---

  amount(): number {
    return this.connection === undefined ? 0 : this.web.amount(this.connection);
  }

  timerDue(): void {
    this.#give(InputKind.timer);
  }

  enter({ socket, failure = "", reason }: Connection): void {
    this.given[TextId.givenError] = failure;
    this.given[TextId.givenReason] = reason ?? "";
    this.enterWith(reason === undefined ? this.#agreement(socket) : retryAfter(reason));
  }

  /** Returns OpenBit bits. */
  #agreement(socket: PlatformSocket): number {
    const selected = this.web.peekText(socket, "protocol");
    const base = this.#wantsSession ? sessionless(selected) : undefined;
    if (base !== undefined) this.useSession();
    const wanted = this.options.core.texts["batch.subprotocol"];
    // "" is agreed on without a handshake.
    const isBatched = wanted ? (base ?? selected) === wanted : wanted === "";
    return (
      (isBatched ? OpenBit.openedBatching : 0) | (base === undefined ? 0 : OpenBit.openedSession)
    );
  }

  abandoned(): void {
    this.connection = undefined;
    this.socket = null;
    this.receive = this.batched = this.seeksReply = this.credit = 0;
    this.sent = [];
    this.leaveSession();
  }

  // --- Commands. ---

  carryOut(kind: number, a: number, b: number, c: number): void {
    switch (kind) {
      case CommandKind.close:
      case CommandKind.error:
        this.report(kind, a, b, 0, this.#textOf(kind === CommandKind.close ? c : b), this.thrown);
        this.thrown = undefined;
        break;
      case CommandKind.state: {
        waiting[a === StateCode.waiting ? "add" : "delete"](this);
        const isOpening = a < StateCode.waiting || a === StateCode.closing;
        this.report(kind, a, b, c, isOpening ? "" : this.#lastReason);
        // A collected socket cannot be reopened.
        if (this.isOver && !this.listening()) this.postTask(() => this.forgotten());
        break;
      }
      case CommandKind.drop:
        this.report(kind, a, b, 0, "", this.outgoing.get(c));
        break;
      case CommandKind.outcome:
        // Inside `send`: its caller has not received the id yet.
        if (this.isInCall) queueMicrotask(() => this.report(kind, a, b, c));
        else this.report(kind, a, b, c);
        break;
      case CommandKind.provide:
        this.listening()?.provide(this, a);
        break;
      case CommandKind.greet:
        this.listening()?.greet(this, a);
        break;
      case CommandKind.decide: {
        const wasClean = (b & CloseBit.wasClean) !== 0;
        const action = this.listening()?.decide(a, this.#textOf(c), wasClean) ?? -1;
        this.input(InputKind.decided, action);
        break;
      }
      case CommandKind.lastClose:
        this.#lastReason = this.#textOf(c);
        this.#lastCode = a;
        break;
      case CommandKind.verdict:
        if (b === CloseActionCode.fatal) {
          this.given[TextId.givenVerdict] = fatalCloseText(this.#lastCode, this.#lastReason, a, c);
        }
        this.report(kind, a, b, c);
        break;
      case CommandKind.dial:
        this.dial(a);
        break;
      case CommandKind.transmit:
        this.#transmit(a, b, c);
        break;
      case CommandKind.hello:
        this.sayHello(a, c !== 0);
        break;
      case CommandKind.control:
        this.sendControl(String.fromCharCode(a), b, c, this.#textOf(TextId.givenFarewell));
        break;
      case CommandKind.shut:
        this.shut(a, this.#textOf(b));
        break;
      case CommandKind.abandon:
        this.abandon();
        break;
      case CommandKind.watch:
        this.#setWatch(a !== 0);
        break;
      case CommandKind.grant:
        this.socket = this.connection?.socket ?? null;
        this.receive = a & GrantBit.grantReceive;
        this.batched = a & GrantBit.grantBatched;
        this.seeksReply = a & GrantBit.grantSeeksReply;
        this.credit = b;
        break;
      case CommandKind.release:
        this.outgoing.release(a);
        break;
      case CommandKind.defer:
        this.postTask(() => this.#give(InputKind.taskOver));
        break;
      case CommandKind.again:
        this.#answer = this.input(InputKind.again) || this.#answer;
        break;
      default:
        // CommandKind.open, drained, delivered and session.
        this.report(kind, a);
    }
  }

  #textOf(id: number): string {
    return texts[id] || (this.given[id] ?? "");
  }

  #setWatch(isOn: boolean): void {
    this.web.watches.delete(this.#watch);
    if (isOn) this.#watch = this.web.watch((hint) => this.#give(InputKind.hint, hint));
  }

  /** Sends a message, or collects it for a batch that is still incomplete. */
  #transmit(handle: number, bits: number, number: number): void {
    const frame = this.outgoing.joinFrame(handle, bits);
    if (frame === undefined) return;
    const result = this.sendFrame(frame.data, number);
    if (result === TransportSend.taken) return;
    const isRejected = Number(result === TransportSend.refused);
    for (const one of frame.handles) {
      this.#answer = this.input(InputKind.notTransmitted, one, isRejected) || this.#answer;
    }
  }

  // --- Answers: see ConnectionSetup. ---

  isPending(question: number, attempt: number): boolean {
    return this.reading(question) === attempt;
  }

  provided(attempt: number, details: ConnectionDetails): void {
    const fault = detailsFault(details);
    if (fault !== undefined) {
      this.failed(InputKind.providerFailed, attempt, fault.code, undefined, fault.text);
      return;
    }
    this.details = this.#offering(details);
    const { firstMessage } = details;
    this.outgoing.set(firstMessageHandle, firstMessage);
    const size = firstMessage === undefined ? -1 : exactSize(firstMessage);
    this.#give(InputKind.provided, attempt, size);
  }

  sendGreeting(attempt: number, payload: WireData, isJson: boolean): boolean {
    const handle = this.outgoing.add(snapshot(payload));
    const flags = isJson ? MessageFlag.isJson : 0;
    this.#answer = this.input(InputKind.greeting, attempt, handle, exactSize(payload), flags);
    this.execute(true);
    return this.#answer > 0;
  }

  greeted(attempt: number): void {
    this.#give(InputKind.greeted, attempt);
  }

  failed(kind: number, attempt: number, code: number, error: unknown, text = textOf(error)): void {
    this.thrown = error;
    this.given[TextId.givenFailure] = text;
    this.#give(kind, attempt, code, retryAfter(text));
  }
}
