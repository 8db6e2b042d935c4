export * from "./index.js";
export type { WasmSource } from "./wasm-file.js";
export { load } from "./wasm-file.js";
