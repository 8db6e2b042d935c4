/**
 * Composables for Vue 3.
 *
 * @module steadysocket/vue
 */

import {
  computed,
  getCurrentInstance,
  getCurrentScope,
  type MaybeRef,
  onMounted,
  type Ref,
  type ShallowRef,
  shallowRef,
  unref,
  watch,
} from "vue";
import type { SteadySocket } from "../index.js";
import type { AnyMessages } from "../options.js";
import type { Sendable } from "../payload.js";
import type { Watch } from "../watch.js";
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
import { type SocketView, type SteadyState, steadyState, type Watchable } from "./state.js";

export type * from "./public-types.js";

/**
 * Calls `begin` with a value when the component is mounted, and again when the value has changed;
 * before that, and when the scope ends, the function that it returned. Without a component it
 * begins at once.
 */
function whileMounted<Value>(source: () => Value, begin: (value: Value) => () => void): void {
  const scope = getCurrentScope();
  const start = () => {
    const watched = () =>
      watch(source, (value, _old, onCleanup) => onCleanup(begin(value)), { immediate: true });
    if (scope) scope.run(watched);
    else watched();
  };
  if (getCurrentInstance()) onMounted(start);
  else start();
}

/**
 * Returns the socket of a URL, which connects when the component is mounted; in a scope without a
 * component, at once. Components with the same URL and `key` share it. When the last of them is
 * unmounted, or its URL has changed, the queue is flushed for up to 5 seconds, and the socket is
 * closed with the code 1000. Until it is connected, also while the component is rendered on a
 * server, its state is `suspended`, and messages are queued.
 *
 * @param url - may be a ref: when it changes, the value is another socket.
 * @throws the errors of SteadySocket's constructor.
 *
 * @example
 * const socket = useSteadySocket("wss://example.org/chat");
 * useSteadyMessage(socket, "chat", ({ text }) => show(text));
 */
export function useSteadySocket<Incoming extends object = AnyMessages, Outgoing = Sendable>(
  url: HookUrl | Readonly<Ref<string | URL>>,
  options: HookOptions<Incoming> = {},
): Readonly<ShallowRef<SteadySocket<Incoming, Outgoing>>> {
  const own = {};
  const shared = computed(() => shareSocket(own, unref(url) as HookUrl, options as HookOptions));
  whileMounted(
    () => shared.value,
    (one) => one.retain(),
  );
  return computed(() => shared.value.socket);
}

/**
 * Returns what a component shows of a connection.
 *
 * @param socket - may be a ref.
 * @param select - computes it, by default `{ state, retryIn, queued }`: see `SteadySocket.watch`.
 *
 * @example
 * const isOpen = useSteadyState(socket, ({ state }) => state === "open");
 */
export function useSteadyState<Value = SteadyState>(
  socket: MaybeRef<Watchable>,
  select: (socket: SocketView) => Value = steadyState as (socket: SocketView) => Value,
): Readonly<ShallowRef<Value>> {
  return useWatch(() => unref(socket).watch(select));
}

/** Returns the value of a Watch, which is subscribed to while the component is mounted. */
function useWatch<Value>(source: () => Watch<Value>): Readonly<ShallowRef<Value>> {
  const watched = computed(source);
  const value = shallowRef(watched.value.get());
  whileMounted(
    () => watched.value,
    ({ subscribe }) =>
      subscribe((next) => {
        value.value = next;
      }),
  );
  return value;
}

/**
 * Calls `handler` with every message of a type, or of all types for `"*"`, while the component is
 * mounted.
 *
 * @param socket - may be a ref.
 */
export function useSteadyMessage<
  Incoming extends object,
  Type extends (keyof Incoming & string) | "*",
>(
  socket: MaybeRef<RoutedSocket<Incoming>>,
  type: Type,
  handler: (message: MessageOf<Incoming, Type>) => void,
): void {
  whileMounted(
    () => unref(socket),
    (one) => onMessage(one, type, handler),
  );
}

/**
 * Returns the latest message of a type since the component was mounted, or undefined. It changes at
 * most once a frame.
 *
 * @param socket - may be a ref.
 */
export function useLatest<Incoming extends object, Type extends keyof Incoming & string>(
  socket: MaybeRef<RoutedSocket<Incoming>>,
  type: Type,
): Readonly<ShallowRef<Incoming[Type] | undefined>>;
/**
 * Returns a map with the latest message for each key: a new map when it has changed, at most once a
 * frame.
 *
 * @param socket - may be a ref.
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
  socket: MaybeRef<RoutedSocket<Incoming>>,
  type: Type,
  options: LatestOptions<Key>,
): Readonly<ShallowRef<ReadonlyMap<KeyType<Incoming[Type], Key>, Incoming[Type]>>>;
export function useLatest(
  socket: MaybeRef<RoutedSocket<AnyMessages>>,
  type: string,
  { key }: Partial<LatestOptions<KeyOf<AnyMessages>>> = {},
): Readonly<ShallowRef<unknown>> {
  return useWatch(() => watchLatest(unref(socket), type, () => key));
}
