/**
 * Hooks for React 18 and newer.
 *
 * @module steadysocket/react
 */

import {
  useEffect,
  useInsertionEffect,
  useMemo,
  useRef,
  useState,
  useSyncExternalStore,
} from "react";
import type { SteadySocket } from "../index.js";
import type { AnyMessages } from "../options.js";
import type { Sendable } from "../payload.js";
import {
  type KeyOf,
  type KeyType,
  type LatestOptions,
  type MessageOf,
  onMessage,
  type RoutedSocket,
  watchLatest,
} from "./latest.js";
import { type HookOptions, type HookUrl, shareSocket } from "./shared-sockets.js";
import {
  type SocketView,
  type SteadyState,
  steadyState,
  unmounted,
  type Watchable,
} from "./state.js";

export type * from "./public-types.js";

/**
 * Returns the socket of a URL, which connects when the component is mounted. Components with the
 * same URL and `key` share it. When the last of them is unmounted, or its URL has changed, the
 * queue is flushed for up to 5 seconds, and the socket is closed with the code 1000. Until it is
 * connected, also while the component is rendered on a server, its state is `suspended`, and
 * messages are queued.
 *
 * The options of the component that is rendered first apply. Of `url`, `protocols`, `firstMessage`
 * and `greet`, if they are functions, the newest is called.
 *
 * @throws the errors of SteadySocket's constructor.
 *
 * @example
 * const socket = useSteadySocket("wss://example.org/chat");
 * useSteadyMessage(socket, "chat", ({ text }) => show(text));
 */
export function useSteadySocket<Incoming extends object = AnyMessages, Outgoing = Sendable>(
  url: HookUrl,
  options: HookOptions<Incoming> = {},
): SteadySocket<Incoming, Outgoing> {
  const [own, renew] = useState({});
  const shared = shareSocket(own, url, options as HookOptions);
  useInsertionEffect(() => {
    shared.given = { ...(options as HookOptions), url };
  });
  // A hidden component (Activity) has released its socket, and acquires another.
  useEffect(() => (shared.isOver ? renew({}) : shared.retain()), [shared]);
  return shared.socket;
}

/**
 * Returns what a component shows of a connection, and renders the component when that has changed.
 *
 * @param select - computes it, by default `{ state, retryIn, queued }`: see `SteadySocket.watch`.
 *
 * @example
 * const isOpen = useSteadyState(socket, ({ state }) => state === "open");
 */
export function useSteadyState<Value = SteadyState>(
  socket: Watchable,
  select: (socket: SocketView) => Value = steadyState as (socket: SocketView) => Value,
): Value {
  const { get, subscribe, getFirst } = useMemo(() => {
    let first: Value;
    return { ...socket.watch(select), getFirst: () => (first ??= select(unmounted)) };
  }, [socket, select]);
  return useSyncExternalStore(subscribe, get, getFirst);
}

/**
 * Calls the newest `handler` with every message of a type, or of all types for `"*"`. Does not
 * render the component.
 */
export function useSteadyMessage<
  Incoming extends object,
  Type extends (keyof Incoming & string) | "*",
>(
  socket: RoutedSocket<Incoming>,
  type: Type,
  handler: (message: MessageOf<Incoming, Type>) => void,
): void {
  const newest = useNewest(handler);
  useEffect(
    () => onMessage(socket, type, (message) => newest.current(message)),
    [socket, type, newest],
  );
}

/** Returns a reference to the value that was rendered last. */
function useNewest<Value>(value: Value): { readonly current: Value } {
  const newest = useRef(value);
  useInsertionEffect(() => {
    newest.current = value;
  });
  return newest;
}

/**
 * Returns the latest message of a type since the component was mounted, or undefined. Renders the
 * component at most once a frame.
 */
export function useLatest<Incoming extends object, Type extends keyof Incoming & string>(
  socket: RoutedSocket<Incoming>,
  type: Type,
): Incoming[Type] | undefined;
/**
 * Returns a map with the latest message for each key: a new map when it has changed. Renders the
 * component at most once a frame.
 *
 * @typeParam Key - the type of `options.key`.
 *
 * @example
 * const cursors = useLatest(socket, "cursor", { key: "userId" });
 */
export function useLatest<
  Incoming extends object,
  Type extends keyof Incoming & string,
  const Key extends KeyOf<Incoming[Type]>,
>(
  socket: RoutedSocket<Incoming>,
  type: Type,
  options: LatestOptions<Key>,
): ReadonlyMap<KeyType<Incoming[Type], Key>, Incoming[Type]>;
export function useLatest(
  socket: RoutedSocket<AnyMessages>,
  type: string,
  { key }: Partial<LatestOptions<KeyOf<AnyMessages>>> = {},
): unknown {
  const newest = useNewest(key);
  const name = typeof key === "function" || key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another map
  const { get, subscribe } = useMemo(
    () => watchLatest(socket, type, () => newest.current),
    [socket, type, name, newest],
  );
  return useSyncExternalStore(subscribe, get, get);
}
