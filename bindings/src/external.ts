/**
 * Same as `steadysocket`, with the WebAssembly in a separate file: call `await load()` first.
 *
 * @module steadysocket/external
 */

export * from "./index.js";
export { default } from "./index.js";
export type { WasmSource } from "./wasm-file.js";
export { load } from "./wasm-file.js";
