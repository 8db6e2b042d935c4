// A port on the socket of a C++ program in the same page, which others may use as well: see
// ../shared.js.
import {
  CloseBit,
  CommandKind,
  InputKind,
  MessageFlag,
  Reading,
  SharedEvent,
  StateCode,
} from "./codes.gen.js";
import { dropReasons, errorCodeOf, exceptionOf, invalidState } from "./codes.js";
import {
  accepted,
  answerOf,
  type DeliveryOptions,
  type Negotiated,
  overhead,
  type Port,
  type PortListener,
  receiving,
  type SendAnswer,
} from "./core-port.js";
import type { DropReason } from "./events.js";
import { type Forgettable, watchLifetime } from "./lifetime.js";
import { exactSize, sizeBound, snapshot, type WireData } from "./payload.js";
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
  const port = new AttachedPort(module, hub, listener);
  watchLifetime(listener, port);
  return port;
}

/** The readings that stay what they were. */
const measurements = [Reading.retries, Reading.last, Reading.smoothed, Reading.jitter];

class AttachedPort implements Port, Sink, Forgettable {
  isOver: boolean;
  /** The program reports from the event loop. */
  readonly isInCall = false;
  grant: Pick<Hub, "socket" | "batched" | "seeksReply">;
  readonly #shared: SharedSockets;
  readonly #web: SteadyWeb;
  readonly #hub: Hub;
  /** 0 when it is detached. */
  #socket: number;
  /** What is wrong with the call that was refused last. */
  #refusal = "";
  readonly #listener: WeakRef<PortListener>;
  /** The listener while it has to be kept alive. */
  #held: PortListener | undefined;
  /** Messages whose outcome is still to be reported. */
  readonly #tracked = new Set<number>();
  readonly #measured = new Map<number, number>();

  constructor({ steadysocket, SteadyWeb }: SharingModule, hub: Hub, listener: PortListener) {
    this.#shared = steadysocket;
    this.#web = SteadyWeb;
    this.#hub = this.grant = hub;
    this.#socket = hub.handle;
    this.#listener = new WeakRef(listener);
    hub.sinks = [...hub.sinks, this];
    this.isOver = this.state() === StateCode.closed;
  }

  /** The program does. */
  start(): void {}

  /** They are kept in any case: the program may ask for them. */
  keepCopies(): void {}

  // --- What the program's socket notifies. ---

  message(data: string | ArrayBuffer): void {
    // A socket that is not held has no listeners.
    this.#held?.message(data);
  }

  tell(kind: number, a: number, b: number, c: number, text: string): void {
    if (kind === CommandKind.outcome) this.#tracked.delete(a);
    if (kind === CommandKind.state) this.isOver = a === StateCode.closed;
    if (kind === SharedEvent.refusal) this.#refusal = text;
    const listener = this.#held ?? this.#listener.deref();
    if (listener === undefined) return;
    switch (kind) {
      case CommandKind.open:
        listener.opened();
        break;
      case CommandKind.close:
        listener.closed(a, text, (b & CloseBit.wasClean) !== 0, (b & CloseBit.willRetry) !== 0);
        break;
      case CommandKind.error:
        listener.failed(errorCodeOf(a), text, this.#hub.thrown);
        break;
      case CommandKind.state:
        listener.stateChanged(a, b, c, text);
        break;
      case CommandKind.drop:
        listener.dropped(a, dropReasons[b] as DropReason, this.#shared.payloads[c]);
        break;
      case CommandKind.outcome:
        listener.outcome(a, b === 0 ? "" : (dropReasons[b] as string));
        break;
      case CommandKind.drained:
        listener.drained(a === 0 ? undefined : exceptionOf(a, text));
        break;
      case SharedEvent.gone:
        this.#leave(listener);
        break;
    }
  }

  // --- Lifetime. ---

  hold(): void {
    if (this.#socket !== 0) this.#held = this.#listener.deref();
  }

  detach(): boolean {
    const listener = this.#held ?? this.#listener.deref();
    if (this.#socket !== 0 && listener !== undefined) {
      listener.silence();
      this.#leave(listener);
    }
    return true;
  }

  /** Reports what the shared socket, which may go on, does not report to this one any more. */
  #leave(listener: PortListener): void {
    const previous = this.state();
    const { drains } = this.#hub;
    this.forgotten();
    for (const id of this.#tracked) listener.outcome(id, "closed");
    for (const sink of drains) {
      if (sink === this) listener.drained(exceptionOf(invalidState, "the socket is closed"));
    }
    if (previous === StateCode.closed) return;
    listener.stateChanged(StateCode.closed, previous, 0, "");
    listener.closed(1006, "", false, false);
  }

  forgotten(): void {
    if (this.#socket === 0) return;
    for (const reading of measurements) this.#measured.set(reading, this.#read(reading));
    const hub = this.#hub;
    hub.sinks = hub.sinks.filter((sink) => sink !== this);
    // Nothing is received by this port any more, whatever the others do.
    this.grant = { socket: null, batched: 0, seeksReply: 0 };
    this.#socket = 0;
    this.#held = undefined;
    this.isOver = true;
  }

  /** A shared socket keeps its part when it is closed: the program may open it again. */
  dispatched(): void {}

  postTask(task: () => void): void {
    this.#web.postTask(task);
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
    this.#requireSocket();
    this.#check(this.#shared.calls.attempt(this.#socket, kind));
  }

  #requireSocket(): void {
    if (this.#socket === 0) throw exceptionOf(invalidState, "the socket is closed");
  }

  /** Throws if the program's socket has refused a call. */
  #check(code: number): void {
    if (code !== 0) throw exceptionOf(code, this.#refusal);
  }

  reconnect(code: number, reason: string): void {
    this.#requireSocket();
    this.#web.leaveText(reason);
    this.#check(this.#shared.calls.reconnect(this.#socket, code));
  }

  close(code: number, reason: string, deadline: number): void {
    if (this.#socket === 0) return;
    this.#web.leaveText(reason);
    this.#check(this.#shared.calls.close(this.#socket, code, deadline));
  }

  send(payload: WireData, isJson: boolean, options?: DeliveryOptions): SendAnswer {
    const hub = this.#hub;
    if (this.#socket === 0) {
      (this.#held ?? this.#listener.deref())?.dropped(0, "closed", payload);
      return { status: "rejected", id: 0, reason: "closed" };
    }
    const size = sizeBound(payload);
    if (options === undefined && size < hub.credit && transmit(hub.socket, payload) === 0) {
      hub.credit -= size + overhead;
      hub.sent.push(snapshot(payload) as WireData);
      return accepted;
    }
    const { ttl = -1, flags = 0, key = "" } = options ?? {};
    const handle = this.#shared.keep(snapshot(payload));
    const isText = Number(typeof payload === "string");
    const bits = flags | (isJson ? MessageFlag.isJson : 0);
    this.#web.leaveText(key);
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

  #read(reading: number): number {
    return this.#socket === 0 ? -1 : this.#shared.calls.read(this.#socket, reading);
  }

  state(): number {
    return this.#socket === 0 ? StateCode.closed : this.#read(Reading.state) % receiving;
  }

  isReceiving(): boolean {
    return this.#read(Reading.state) >= receiving;
  }

  bufferedAmount(): number {
    return Math.max(this.#read(Reading.queuedBytes), 0);
  }

  retryIn(): number {
    return this.#read(Reading.retryIn);
  }

  measured(reading: number): number | undefined {
    const value = this.#socket === 0 ? (this.#measured.get(reading) ?? -1) : this.#read(reading);
    return value < 0 ? undefined : value;
  }

  negotiated(): Negotiated {
    const { socket } = this.#hub;
    return {
      protocol: this.#web.peekText(socket, "protocol"),
      extensions: this.#web.peekText(socket, "extensions"),
      url: socket?.url ?? "",
    };
  }
}
