export type { DropReason, State, SteadySocketEventMap } from "./events.js";
export { DropEvent, StateChangeEvent, SteadyCloseEvent, SteadyErrorEvent } from "./events.js";
export type {
  BatchOptions,
  CloseAction,
  CloseInfo,
  CloseOptions,
  HeartbeatOptions,
  Provided,
  QueueOptions,
  ReconnectOptions,
  SendOptions,
  Session,
  SteadySocketOptions,
  WebSocketClass,
} from "./options.js";
export type { Sendable } from "./payload.js";
export type { RouteHandler } from "./routes.js";
export type {
  EventHandler,
  Outcome,
  QueuedMessage,
  SendResult,
  Stats,
  TrackedResult,
} from "./socket.js";
export { SteadySocket } from "./socket.js";
