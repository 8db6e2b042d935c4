// A port on the socket of a C++ program in the same page, which other ports can use as well. The
// other side is ../shared.js.
import { BasePort } from "./base-port.js";
import {
  CommandKind,
  DropCode,
  ErrorCode,
  MessageFlag,
  Reading,
  SharedEvent,
  StateCode,
  TransportSend,
} from "./codes.gen.js";
import { closedException, exceptionOf } from "./codes.js";
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
import { exactSize, isJson, snapshot, type WireData } from "./payload.js";
import { type PlatformSocket, type SteadyWeb, transmit } from "./web.js";

/** Listener for the messages and events of a shared socket: one for each attached socket. */
interface SharedListener {
  message(data: string | ArrayBuffer): void;
  /** `kind`: a CommandKind below `provide`, or a SharedEvent. */
  notify(kind: number, a: number, b: number, c: number, text: string): void;
}

/** The observer of a shared socket's connections: makeHub in ../shared.js. */
export interface Hub {
  /** 0 after the program has destroyed the shared socket. */
  handle: number;
  readonly name: string;
  /** The version of the bindings in the module. */
  readonly version: string;
  /** The URL in the options. Empty if a provider returns it, or if the options are invalid. */
  readonly url: string;
  readonly typeMember: string;
  /** One for each attached socket. Copied on write: it may be iterated meanwhile. */
  listeners: readonly SharedListener[];
  /** The listeners with a pending `drained` call, in the order of the calls. */
  readonly drains: SharedListener[];
  /** The grant, and the messages sent within it. */
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

/** A module of a C++ program with shared sockets. */
export interface SharingModule {
  readonly steadysocket: SharedSockets;
  readonly SteadyWeb: SteadyWeb;
}

/** The argument of the `attachTo` call in progress. */
let next: { module: SharingModule; hub: Hub } | undefined;

/** Calls `make`, which creates one socket, and attaches its port to a shared socket. */
export function attachTo<Made>(module: SharingModule, hub: Hub, make: () => Made): Made {
  next = { module, hub };
  try {
    return make();
  } finally {
    next = undefined;
  }
}

/** Opens the port of a new socket inside `attachTo`. The program has set the options. */
export function openPort(listener: PortListener): Port {
  if (next === undefined) {
    throw new TypeError(
      'SteadySocket: sockets of "steadysocket/attach" are created by attach(); ' +
        'import { SteadySocket } from "steadysocket" for others',
    );
  }
  const { module, hub } = next;
  module.steadysocket.transmit = transmit;
  return new AttachedPort(module, hub, listener);
}

class AttachedPort extends BasePort implements Port, SharedListener {
  grant: Pick<Hub, "socket" | "batched" | "seeksReply">;
  readonly #shared: SharedSockets;
  readonly web: SteadyWeb;
  readonly #hub: Hub;
  /** 0 after detaching. */
  #socket: number;
  /** The error message of the last failed call. */
  #refusal = "";
  /** The ids of messages whose outcome has not been reported yet. */
  readonly #tracked = new Set<number>();

  constructor({ steadysocket, SteadyWeb }: SharingModule, hub: Hub, listener: PortListener) {
    super(listener);
    this.#shared = steadysocket;
    this.web = SteadyWeb;
    this.#hub = this.grant = hub;
    this.#socket = hub.handle;
    hub.listeners = [...hub.listeners, this];
    this.isOver = this.state() === StateCode.closed;
    this.watchLifetime();
  }

  /** The program connects. */
  start(): void {}

  /** Copies are always kept, since the program may read them. */
  keepCopies(): void {}

  // --- Events of the program's socket. ---

  notify(kind: number, a: number, b: number, c: number, text: string): void {
    this.changed();
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

  /** Leaves the shared socket. Reports this socket as closed and pending outcomes as `closed`. */
  #leave(): void {
    const previous = this.state();
    const { drains } = this.#hub;
    const listener = this.listening();
    this.forgotten();
    const report = (kind: number, a: number, b = 0) =>
      listener?.event(kind, a, b, 0, "", undefined);
    for (const id of this.#tracked) report(CommandKind.outcome, id, DropCode.closed);
    for (const listener of drains) {
      if (listener === this) report(CommandKind.drained, ErrorCode.invalidState);
    }
    if (previous === StateCode.closed) return;
    report(CommandKind.state, StateCode.closed, previous);
    report(CommandKind.close, 1006);
  }

  forgotten(): void {
    if (this.#socket === 0) return;
    this.keepMeasured();
    const hub = this.#hub;
    hub.listeners = hub.listeners.filter((listener) => listener !== this);
    // The other ports still use the hub's grant.
    this.grant = { socket: null, batched: 0, seeksReply: 0 };
    this.#socket = 0;
    this.letGo();
    this.isOver = true;
    this.changed();
  }

  /** Nothing is released when a shared socket is closed: the program may reopen it. */
  dispatched(): void {}

  // --- Calls by the user. ---

  control(kind: number): void {
    this.#requireSocket();
    this.#check(this.#shared.calls.attempt(this.#socket, kind));
  }

  #requireSocket(): void {
    if (this.#socket === 0) throw closedException();
  }

  /** Throws if a call of the program's socket has failed. */
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

  send(payload: WireData, data: unknown, options?: DeliveryOptions): SendAnswer {
    if (this.#socket === 0) return this.reject(DropCode.closed, payload);
    if (options === undefined && sendWithin(this.#hub, payload, true) === TransportSend.taken) {
      return accepted;
    }
    const { ttl = -1, flags = 0, key = "" } = options ?? {};
    const handle = this.#shared.keep(snapshot(payload));
    const isText = Number(typeof payload === "string");
    const bits = flags | (isJson(data, payload) ? MessageFlag.isJson : 0);
    this.web.leaveText(key);
    const answer = answerOf(
      this.#shared.calls.send(this.#socket, isText, handle, exactSize(payload), bits, ttl),
    );
    this.changed();
    const hasOutcome = (flags & (MessageFlag.track | MessageFlag.expectsReply)) !== 0;
    if (hasOutcome && answer.id > 0) this.#tracked.add(answer.id);
    return answer;
  }

  cancel(id: number): boolean {
    this.changed();
    return this.#socket !== 0 && this.#shared.calls.cancel(this.#socket, id) !== 0;
  }

  answered(id: number): boolean {
    return this.#socket !== 0 && this.#shared.calls.answered(this.#socket, id) !== 0;
  }

  drained(): void {
    this.#hub.drains.push(this);
    this.#shared.calls.drained(this.#socket);
  }

  /** A shared socket's session is its program's. */
  delivered(): void {
    this.report(CommandKind.delivered, ErrorCode.sessionUnsupported);
  }

  heartbeatAnswered(): void {
    if (this.#socket !== 0) this.#shared.calls.pong(this.#socket);
  }

  // --- Readings. ---

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
