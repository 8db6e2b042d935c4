/**
 * The default entry. Contains the WebAssembly, which is compiled when the first socket is created.
 *
 * @module steadysocket
 */

export type { CompatOptions } from "./compat-options.js";
export * from "./entry-common.js";
export type { Schemas, SteadySocketOptions } from "./options.js";
export type { RequestHandler, RequestNames, RequestOptions } from "./requests.js";
export type { Schema, SchemaIssue, SchemaResult } from "./schema.js";
export { SteadySocket, SteadySocket as default } from "./socket.js";
export type { MessageStream, MessagesOptions, NextOptions } from "./streams.js";
