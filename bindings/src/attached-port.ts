// A port on the socket of a C++ program in the same page, which others may use as well: see
// ../shared.js.
import { BasePort } from "./base-port.js";
import {
  CommandKind,
  DropCode,
  ErrorCode,
  MessageFlag,
  Reading,
  SharedEvent,
  StateCode,
  TextId,
  TransportSend,
  texts,
} from "./codes.gen.js";
import { exceptionOf } from "./codes.js";
import {
  accepted,
  answerOf,
  type DeliveryOptions,
  type Negotiated,
  type Port,
  type PortListener,
  type SendAnswer,
} from "./core-port.js";
import { sendWithin } from "./grant.js";
import { exactSize, snapshot, type WireData } from "./payload.js";
import { type PlatformSocket, type SteadyWeb, transmit } from "./web.js";

/** What a shared socket notifies of each socket that is attached to it. */
interface Sink {
  message(data: string | ArrayBuffer): void;
  /** `kind`: a CommandKind below `provide`, or a SharedEvent. */
  tell(kind: number, a: number, b: number, c: number, text: string): void;
}

/** What sits beside the connections of a shared socket: makeHub in ../shared.js. */
export interface Hub {
  /** 0 once the program has destroyed it. */
  handle: number;
  readonly name: string;
  /** The version of the bindings in the module. */
  readonly version: string;
  /** Of the options; empty if a provider returns it, or if they are refused. */
  readonly url: string;
  readonly typeMember: string;
  /** One for each attached socket. Replaced, never changed. */
  sinks: readonly Sink[];
  /** Whose `drained` is to be answered, in the order of the calls. */
  readonly drains: Sink[];
  /** The grant, and what was sent within it. */
  readonly socket: PlatformSocket | null;
  credit: number;
  readonly batched: number;
  readonly seeksReply: number;
  readonly sent: WireData[];
  readonly thrown?: unknown;
}

/** `Module.steadysocket`. */
export interface SharedSockets {
  readonly sockets: ReadonlyMap<string, Hub>;
  readonly waiting: { readonly name: string; made(): void }[];
  readonly payloads: readonly unknown[];
  transmit: typeof transmit | null;
  keep(value: unknown): number;
  /** The exports of ../shared_socket.cpp. */
  readonly calls: {
    attempt(socket: number, kind: number): number;
    reconnect(socket: number, code: number): number;
    close(socket: number, code: number, deadline: number): number;
    send(
      socket: number,
      isText: number,
      handle: number,
      size: number,
      flags: number,
      ttl: number,
    ): number;
    cancel(socket: number, id: number): number;
    answered(socket: number, id: number): number;
    drained(socket: number): void;
    pong(socket: number): void;
    read(socket: number, reading: number): number;
  };
}

/** A module with shared sockets in it. */
export interface SharingModule {
  readonly steadysocket: SharedSockets;
  readonly SteadyWeb: SteadyWeb;
}

/** What the next port is attached to: see `attachTo`. */
let next: { module: SharingModule; hub: Hub } | undefined;

/** Calls `make`, which creates one socket, on a shared one. */
export function attachTo<Made>(module: SharingModule, hub: Hub, make: () => Made): Made {
  next = { module, hub };
  try {
    return make();
  } finally {
    next = undefined;
  }
}

/** Opens the port of a new socket on what `attachTo` was called with. The options are the program's. */
export function openPort(listener: PortListener): Port {
  if (next === undefined) {
    throw new TypeError(
      'SteadySocket: sockets of "steadysocket/attach" are made by attach(); ' +
        'import { SteadySocket } from "steadysocket" for others',
    );
  }
  const { module, hub } = next;
  module.steadysocket.transmit = transmit;
  return new AttachedPort(module, hub, listener);
}

class AttachedPort extends BasePort implements Port, Sink {
  grant: Pick<Hub, "socket" | "batched" | "seeksReply">;
  readonly #shared: SharedSockets;
  readonly web: SteadyWeb;
  readonly #hub: Hub;
  /** 0 when it is detached. */
  #socket: number;
  /** What is wrong with the call that was refused last. */
  #refusal = "";
  /** Messages whose outcome is still to be reported. */
  readonly #tracked = new Set<number>();

  constructor({ steadysocket, SteadyWeb }: SharingModule, hub: Hub, listener: PortListener) {
    super(listener);
    this.#shared = steadysocket;
    this.web = SteadyWeb;
    this.#hub = this.grant = hub;
    this.#socket = hub.handle;
    hub.sinks = [...hub.sinks, this];
    this.isOver = this.state() === StateCode.closed;
    this.watchLifetime();
  }

  /** The program does. */
  start(): void {}

  /** They are kept in any case: the program may ask for them. */
  keepCopies(): void {}

  // --- Events of the program's socket. ---

  tell(kind: number, a: number, b: number, c: number, text: string): void {
    if (kind === SharedEvent.refusal) {
      this.#refusal = text;
      return;
    }
    if (kind === SharedEvent.gone) {
      this.#leave();
      return;
    }
    if (kind === CommandKind.outcome) this.#tracked.delete(a);
    const value = kind === CommandKind.drop ? this.#shared.payloads[c] : this.#hub.thrown;
    this.report(kind, a, b, c, text, value);
  }

  // --- Lifetime. ---

  override hold(): void {
    if (this.#socket !== 0) super.hold();
  }

  override detach(): boolean {
    if (this.#socket !== 0) {
      this.listening()?.silence();
      this.#leave();
    }
    return true;
  }

  /** Reports what the shared socket, which may go on, does not report to this one any more. */
  #leave(): void {
    const previous = this.state();
    const { drains } = this.#hub;
    const listener = this.listening();
    this.forgotten();
    const report = (kind: number, a: number, b = 0, text = "") =>
      listener?.event(kind, a, b, 0, text, undefined);
    for (const id of this.#tracked) report(CommandKind.outcome, id, DropCode.closed);
    const closed = texts[TextId.socketClosed];
    for (const sink of drains) {
      if (sink === this) report(CommandKind.drained, ErrorCode.invalidState, 0, closed);
    }
    if (previous === StateCode.closed) return;
    report(CommandKind.state, StateCode.closed, previous);
    report(CommandKind.close, 1006);
  }

  forgotten(): void {
    if (this.#socket === 0) return;
    this.keepMeasured();
    const hub = this.#hub;
    hub.sinks = hub.sinks.filter((sink) => sink !== this);
    // Nothing is received by this port any more, whatever the others do.
    this.grant = { socket: null, batched: 0, seeksReply: 0 };
    this.#socket = 0;
    this.letGo();
    this.isOver = true;
  }

  /** A shared socket keeps its part when it is closed: the program may open it again. */
  dispatched(): void {}

  // --- Calls of the user. ---

  control(kind: number): void {
    this.#requireSocket();
    this.#check(this.#shared.calls.attempt(this.#socket, kind));
  }

  #requireSocket(): void {
    if (this.#socket === 0) {
      throw exceptionOf(ErrorCode.invalidState, texts[TextId.socketClosed]);
    }
  }

  /** Throws if the program's socket has refused a call. */
  #check(code: number): void {
    if (code !== 0) throw exceptionOf(code, this.#refusal);
  }

  reconnect(code: number, reason: string): void {
    this.#requireSocket();
    this.web.leaveText(reason);
    this.#check(this.#shared.calls.reconnect(this.#socket, code));
  }

  close(code: number, reason: string, deadline: number): void {
    if (this.#socket === 0) return;
    this.web.leaveText(reason);
    this.#check(this.#shared.calls.close(this.#socket, code, deadline));
  }

  send(payload: WireData, isJson: boolean, options?: DeliveryOptions): SendAnswer {
    if (this.#socket === 0) return this.reject(DropCode.closed, payload);
    if (options === undefined && sendWithin(this.#hub, payload, true) === TransportSend.taken) {
      return accepted;
    }
    const { ttl = -1, flags = 0, key = "" } = options ?? {};
    const handle = this.#shared.keep(snapshot(payload));
    const isText = Number(typeof payload === "string");
    const bits = flags | (isJson ? MessageFlag.isJson : 0);
    this.web.leaveText(key);
    const answer = answerOf(
      this.#shared.calls.send(this.#socket, isText, handle, exactSize(payload), bits, ttl),
    );
    const hasOutcome = (flags & (MessageFlag.track | MessageFlag.expectsReply)) !== 0;
    if (hasOutcome && answer.id > 0) this.#tracked.add(answer.id);
    return answer;
  }

  cancel(id: number): boolean {
    return this.#socket !== 0 && this.#shared.calls.cancel(this.#socket, id) !== 0;
  }

  answered(id: number): boolean {
    return this.#socket !== 0 && this.#shared.calls.answered(this.#socket, id) !== 0;
  }

  drained(): void {
    this.#hub.drains.push(this);
    this.#shared.calls.drained(this.#socket);
  }

  heartbeatAnswered(): void {
    if (this.#socket !== 0) this.#shared.calls.pong(this.#socket);
  }

  // --- What can be read. ---

  reading(which: number): number {
    return this.#socket === 0 ? -1 : this.#shared.calls.read(this.#socket, which);
  }

  bufferedAmount(): number {
    return Math.max(this.reading(Reading.queuedBytes), 0);
  }

  override negotiated(): Negotiated {
    return { ...super.negotiated(), url: this.#hub.socket?.url ?? "" };
  }
}
