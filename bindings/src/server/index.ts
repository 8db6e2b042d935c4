/**
 * Sessions on a server: messages are handled exactly once and in order over any number of
 * connections. Runs wherever there are WebSockets, timers and WebCrypto; has no WebAssembly.
 *
 * @module steadysocket/server
 */

export type { MessageData } from "./frames.js";
export type {
  EndReason,
  MessageHandler,
  Session,
  SessionSendOptions,
  Undelivered,
} from "./session.js";
export { SessionError } from "./session.js";
export type { AcceptedConnection, AcceptOptions, Sessions, SessionsOptions } from "./sessions.js";
export { createSessions } from "./sessions.js";
export type {
  SessionStore,
  StoredChanges,
  StoredClaim,
  StoredMessage,
  StoredSession,
  StoredState,
} from "./store.js";
export { memoryStore } from "./store.js";
export type { ServerWebSocket } from "./web-socket.js";
