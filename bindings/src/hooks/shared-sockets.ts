// The sockets of hooks, shared by the components that use the same key.
import { SteadySocket as Socket } from "steadysocket:package";
import type { SteadySocket } from "../index.js";
import type { AnyMessages, Provided, SteadySocketOptions } from "../options.js";

/** Options of a socket that belongs to components. */
export interface HookOptions<Incoming = AnyMessages>
  extends Omit<SteadySocketOptions<Incoming>, "startClosed"> {
  /**
   * Components share a connection if their `key` and their URL are the same. A URL that is a
   * function counts as an empty one with a key; without a key every component has a connection of
   * its own.
   * @default ""
   */
  key?: string;
  /** Subprotocols to offer, in order of preference, or a function that returns them. */
  protocols?: Provided<string | Iterable<string> | null>;
}

/** The URL of a hook's socket: see the constructor of SteadySocket. */
export type HookUrl = Provided<string | URL>;

// biome-ignore lint/suspicious/noExplicitAny: its message types do not matter
type AnySocket = SteadySocket<any, any>;
type Given = { url: HookUrl } & HookOptions;

/** Options that, if they are functions, may be replaced by newer ones while the socket exists. */
const renewed = ["url", "protocols", "firstMessage", "greet"] as const;

/** A socket of one or more components, which connects when the first of them is mounted. */
export interface SharedSocket {
  readonly socket: AnySocket;
  /** The arguments of the component that was rendered last. */
  given: Given;
  /** True after it was closed because no component used it. */
  isOver: boolean;
  /**
   * Adds a component that is mounted, and connects for the first. When none is left at the end of
   * a task, the queue is flushed and the socket closed.
   *
   * @returns a function that removes the component.
   */
  retain(): () => void;
}

function makeShared(id: unknown, given: Given): SharedSocket {
  const all: Record<string, unknown> = { ...given, startSuspended: true };
  for (const name of renewed) {
    if (typeof given[name] !== "function") continue;
    all[name] = (...args: unknown[]) => {
      const newest: unknown = shared.given[name];
      return typeof newest === "function" ? newest(...args) : newest;
    };
  }
  const { url, protocols, key: _key, ...options } = all as unknown as Given;
  const socket: AnySocket = new Socket(url, protocols, options);
  let users = 0;
  let mayStart = !given.startSuspended;
  const end = () => {
    if (users > 0 || shared.isOver) return;
    shared.isOver = true;
    socket.close({ code: 1000, flush: true });
  };
  const shared: SharedSocket = {
    socket,
    given,
    isOver: false,
    retain: () => {
      // Connecting may throw, and then the component is not mounted.
      setTimeout(end);
      if (shared.isOver) {
        socket.reconnect();
        if (given.startSuspended) socket.suspend();
        shared.isOver = false;
        sockets.set(id, new WeakRef(shared));
      } else if (mayStart && socket.state === "suspended") {
        socket.resume();
      }
      ++users;
      mayStart = false;
      return () => {
        // Components that are mounted again at once, in development, keep the connection.
        --users;
        setTimeout(end);
      };
    },
  };
  return shared;
}

/** Weak: a component that is rendered, and never mounted, leaves nothing behind. */
const sockets = new Map<unknown, WeakRef<SharedSocket>>();
const fewEntries = 32;
let longest = fewEntries;

/**
 * Returns the socket of a component, which is shared if another has the same key.
 *
 * @param own - Identifies the component.
 */
export function shareSocket(own: object, url: HookUrl, options: HookOptions): SharedSocket {
  const { key } = options;
  const isFunction = typeof url === "function";
  const id = isFunction && key === undefined ? own : `${key ?? ""}\n${isFunction ? "" : url}`;
  const present = sockets.get(id)?.deref();
  if (present?.isOver === false) return present;
  const made = makeShared(id, { ...options, url });
  sockets.set(id, new WeakRef(made));
  if (sockets.size > longest) {
    for (const [one, shared] of sockets) if (shared.deref() === undefined) sockets.delete(one);
    longest = 2 * sockets.size + fewEntries;
  }
  return made;
}
