// What stands for the core where a C++ program has it: see ../shared.js.
import type { Core, Handle, Observer } from "./core.js";
import type { Part } from "./lifetime.js";
import type { SteadySocket } from "./socket.js";

/** What sits beside the connections of a shared socket. Keep in step with makeHub in ../shared.js. */
export interface Hub extends Observer {
  /** 0 once the program has destroyed it. */
  handle: Handle;
  readonly name: string;
  /** Of the bindings in the module. */
  readonly version: string;
  /** Of the options; empty if a provider gives it, or if they are refused. */
  readonly url: string;
  readonly typeMember: string;
  /** Who is attached. Replaced, never changed. */
  sinks: readonly Observer[];
  /** Who is to be told next that nothing waits any more. */
  readonly drains: Observer[];
}

/** What a socket calls of the core that is not its own. */
type Calls = Omit<
  Core,
  | "SteadyWeb"
  | "beginSession"
  | "create"
  | "destroy"
  | "provide"
  | "heartbeatAnswered"
  | "sendFirst"
  | "setNumber"
  | "setText"
  | "useWebSocket"
>;

/** `Module.steadysocket`. */
export interface SharedSockets {
  readonly sockets: ReadonlyMap<string, Hub>;
  readonly waiting: { readonly name: string; made(): void }[];
  readonly calls: Calls;
}

/** A module with shared sockets in it. */
export interface SharingModule {
  readonly steadysocket: SharedSockets;
  readonly SteadyWeb: Core["SteadyWeb"];
}

// biome-ignore lint/suspicious/noExplicitAny: whatever its messages are
type AnySocket = SteadySocket<any, any>;

/** How a socket is attached and detached. */
export interface Attachment {
  /** Makes an observer hear the shared socket, and gives what sits beside its connections. */
  join(observer: Observer, part: Part): Observer;
  /** Those are told nothing any more. */
  readonly silent: WeakSet<object>;
  /** Set by the class: ends the part that `socket` has in the shared one. */
  detach: (socket: AnySocket) => void;
  /** The same: the shared socket is about to be destroyed. Called from inside wasm. */
  gone: (socket: AnySocket) => void;
}

/** What the next socket is attached to: see `attachTo`. */
let next: { module: SharingModule; hub: Hub } | undefined;

/** Calls `make`, which makes one socket, on a shared one. */
export function attachTo<Made>(module: SharingModule, hub: Hub, make: () => Made): Made {
  next = { module, hub };
  try {
    return make();
  } finally {
    next = undefined;
  }
}

function takeNext() {
  if (next === undefined) {
    throw new TypeError(
      'SteadySocket: sockets of "steadysocket/attach" are made by attach(); ' +
        'import { SteadySocket } from "steadysocket" for others',
    );
  }
  return next;
}

/** The core's part is the program's. */
export function loadCore(): Core {
  const { calls } = takeNext().module.steadysocket;
  // The others are never called: nothing is made, and no option set.
  return { ...calls, SteadyWeb: takeNext().module.SteadyWeb } as Core;
}

const notSet = (): never => {
  throw new TypeError("SteadySocket: the class is not there");
};

export const attachment: Attachment = {
  join(observer, part) {
    const { module, hub } = takeNext();
    hub.sinks = [...hub.sinks, observer];
    part.handle = hub.handle;
    part.core.drained = (handle) => {
      hub.drains.push(observer);
      module.steadysocket.calls.drained(handle);
    };
    part.core.destroy = () => {
      hub.sinks = hub.sinks.filter((sink) => sink !== observer);
    };
    return hub;
  },
  silent: new WeakSet(),
  detach: notSet,
  gone: notSet,
};
