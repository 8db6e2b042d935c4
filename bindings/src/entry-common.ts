// Exports of every entry with a socket, beside the class.
export { SteadySocketError } from "./errors.js";
export type { SessionState, State, SteadySocketEventMap } from "./events.js";
export {
  DropEvent,
  SessionEvent,
  StateChangeEvent,
  SteadyCloseEvent,
  SteadyErrorEvent,
} from "./events.js";
export type { DropReason, SteadyErrorEventCode, SteadySocketErrorCode } from "./names.gen.js";
export type {
  AnyMessages,
  BatchOptions,
  CloseAction,
  CloseInfo,
  CloseOptions,
  CoreSocketOptions,
  Greeting,
  HeartbeatOptions,
  Provided,
  QueueOptions,
  ReconnectOptions,
  SendOptions,
  SessionOptions,
  WebSocketClass,
} from "./options.js";
export type { BinaryData, Sendable } from "./payload.js";
export type { Outcome, QueuedMessage, SendResult, Stats, TrackedResult } from "./results.js";
export type { RouteHandler } from "./routes.js";
export type { EventHandler } from "./socket-core.js";
export type { Watch, WatchOptions } from "./watch.js";
