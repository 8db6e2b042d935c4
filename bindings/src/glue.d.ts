// Modules that bindings/bundle.mjs resolves: Emscripten's output of ../CMakeLists.txt, and parts
// that differ between the entries.

/**
 * kernel-port.ts for `steadysocket`, `steadysocket/core` and `steadysocket/external`,
 * attached-port.ts for `steadysocket/attach`.
 */
declare module "steadysocket:port" {
  /** Opens the port of a new socket. Throws the errors of the socket's constructor. */
  export const openPort: (
    listener: import("./core-port.js").PortListener,
    options: import("./core-port.js").PortOptions,
  ) => import("./core-port.js").Port;
}

declare module "steadysocket:version" {
  /** The version of the bindings: ../version.hpp. */
  const version: string;
  export default version;
}

declare module "steadysocket:glue" {
  const create: (module: import("./compiling.js").GlueInput) => unknown;
  export default create;
}

/** inline.ts for `steadysocket`, wasm-file.ts for `steadysocket/external`. */
declare module "steadysocket:wasm" {
  /** Throws if the wasm is not available. */
  export const checkWasm: () => void;
  export const takeWasm: () => import("./compiling.js").GlueInput;
}

declare module "steadysocket:bytes" {
  /** The wasm: each character is a byte XOR `mask`. */
  const text: string;
  export default text;
  export const byteLength: number;
  export const mask: number;
}

declare module "steadysocket:build" {
  /** The required content of the wasm file's section `steadysocket`. */
  const id: string;
  export default id;
}
