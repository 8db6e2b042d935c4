/**
 * The default entry. Contains the WebAssembly, which is compiled when the first socket is created.
 *
 * @module steadysocket
 */

export type { CompatOptions } from "./compat-options.js";
export { SteadySocketError, type SteadySocketErrorCode } from "./errors.js";
export type { DropReason, SessionState, State, SteadySocketEventMap } from "./events.js";
export {
  DropEvent,
  SessionEvent,
  StateChangeEvent,
  SteadyCloseEvent,
  SteadyErrorEvent,
} from "./events.js";
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
  Schemas,
  SendOptions,
  SessionOptions,
  SteadySocketOptions,
  WebSocketClass,
} from "./options.js";
export type { BinaryData, Sendable } from "./payload.js";
export type { RequestHandler, RequestNames, RequestOptions } from "./requests.js";
export type { Outcome, QueuedMessage, SendResult, Stats, TrackedResult } from "./results.js";
export type { RouteHandler } from "./routes.js";
export type { Schema, SchemaIssue, SchemaResult } from "./schema.js";
export { SteadySocket, SteadySocket as default } from "./socket.js";
export type { EventHandler } from "./socket-core.js";
export type { MessageStream, MessagesOptions, NextOptions } from "./streams.js";
