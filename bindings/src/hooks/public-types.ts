// The types that the entry of every framework exports.
export type { KeyOf, KeyType, LatestOptions, MessageOf, RoutedSocket } from "./latest.js";
export type { HookOptions, HookUrl } from "./shared-sockets.js";
export type { SocketView, SteadyState, Watchable } from "./state.js";
