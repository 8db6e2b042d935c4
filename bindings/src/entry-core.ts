/**
 * Same as `steadysocket`, without requests, message loops, schemas and the option names of other
 * libraries. Contains its own WebAssembly, and shares no code with the other entries.
 *
 * @module steadysocket/core
 */

export * from "./entry-common.js";
export { SteadySocket, SteadySocket as default } from "./socket-core.js";
