export type { DropReason, State, SteadySocketEventMap } from "./events.js";
export { DropEvent, StateChangeEvent, SteadyCloseEvent, SteadyErrorEvent } from "./events.js";
export type {
  BatchOptions,
  HeartbeatOptions,
  QueueOptions,
  ReconnectOptions,
  SteadySocketOptions,
  WebSocketClass,
} from "./options.js";
export type { Sendable } from "./payload.js";
export type { RouteHandler } from "./routes.js";
export type { EventHandler, SendResult, Stats } from "./socket.js";
export { SteadySocket } from "./socket.js";
