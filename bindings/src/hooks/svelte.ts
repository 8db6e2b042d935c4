/**
 * Stores for Svelte 5.
 *
 * @module steadysocket/svelte
 */

import { onMount } from "svelte";
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
import {
  type SocketView,
  type SteadyState,
  steadyState as summary,
  type Watchable,
} from "./state.js";

export type * from "./public-types.js";
export type { Watch };

/**
 * Returns the socket of a URL, which connects when the component is mounted. Called while a
 * component is initialized. Components with the same URL and `key` share it. When the last of them
 * is destroyed, the queue is flushed for up to 5 seconds, and the socket is closed with the code
 * 1000. Until it is connected, also while the component is rendered on a server, its state is
 * `suspended`, and messages are queued.
 *
 * @throws the errors of SteadySocket's constructor.
 *
 * @example
 * const socket = steadySocket("wss://example.org/chat");
 * onSteadyMessage(socket, "chat", ({ text }) => show(text));
 */
export function steadySocket<Incoming extends object = AnyMessages, Outgoing = Sendable>(
  url: HookUrl,
  options: HookOptions<Incoming> = {},
): SteadySocket<Incoming, Outgoing> {
  const shared = shareSocket({}, url, options as HookOptions);
  onMount(() => shared.retain());
  return shared.socket;
}

/**
 * Returns a store with what a component shows of a connection.
 *
 * @param select - computes it, by default `{ state, retryIn, queued }`: see `SteadySocket.watch`.
 *
 * @example
 * const connection = steadyState(socket); // in the markup: {$connection.state}
 */
export function steadyState<Value = SteadyState>(
  socket: Watchable,
  select: (socket: SocketView) => Value = summary as (socket: SocketView) => Value,
): Watch<Value> {
  return socket.watch(select);
}

/**
 * Calls `handler` with every message of a type, or of all types for `"*"`, while the component is
 * mounted.
 */
export function onSteadyMessage<
  Incoming extends object,
  Type extends (keyof Incoming & string) | "*",
>(
  socket: RoutedSocket<Incoming>,
  type: Type,
  handler: (message: MessageOf<Incoming, Type>) => void,
): void {
  onMount(() => onMessage(socket, type, handler));
}

/**
 * Returns a store with the latest message of a type since its first subscription, or undefined. It
 * changes at most once a frame.
 */
export function latest<Incoming extends object, Type extends keyof Incoming & string>(
  socket: RoutedSocket<Incoming>,
  type: Type,
): Watch<Incoming[Type] | undefined>;
/**
 * Returns a store with the latest message for each key: a new map when it has changed, at most once
 * a frame.
 *
 * @typeParam Key - the type of `options.key`.
 *
 * @example
 * const cursors = latest(socket, "cursor", { key: "userId" });
 */
export function latest<
  Incoming extends object,
  Type extends keyof Incoming & string,
  const Key extends KeyOf<Incoming[Type]>,
>(
  socket: RoutedSocket<Incoming>,
  type: Type,
  options: LatestOptions<Key>,
): Watch<ReadonlyMap<KeyType<Incoming[Type], Key>, Incoming[Type]>>;
export function latest(
  socket: RoutedSocket<AnyMessages>,
  type: string,
  { key }: Partial<LatestOptions<KeyOf<AnyMessages>>> = {},
): Watch<unknown> {
  return watchLatest(socket, type, () => key);
}
