// What bindings/bundle.mjs puts in place: what Emscripten makes of ../CMakeLists.txt, and what differs
// between the entries.

/**
 * kernel-port.ts for `steadysocket`, `steadysocket/core` and `steadysocket/external`, attached-port.ts
 * for `steadysocket/attach`.
 */
declare module "steadysocket:port" {
  /** Opens the port of a new socket. Throws what the constructor of the socket throws. */
  export const openPort: (
    listener: import("./core-port.js").PortListener,
    options: import("./core-port.js").PortOptions,
  ) => import("./core-port.js").Port;
}

declare module "steadysocket:version" {
  /** Of the bindings: version.hpp. */
  const version: string;
  export default version;
}

declare module "steadysocket:glue" {
  const create: (module: import("./compiling.js").GlueInput) => unknown;
  export default create;
}

/** inline.ts for `steadysocket`, wasm-file.ts for `steadysocket/external`. */
declare module "steadysocket:wasm" {
  /** Throws if there is no wasm to be had. */
  export const takeWasm: () => import("./compiling.js").GlueInput;
}

declare module "steadysocket:bytes" {
  /** Every character is a byte, XOR `mask`. */
  const text: string;
  export default text;
  export const byteLength: number;
  export const mask: number;
}

declare module "steadysocket:build" {
  /** What the section `steadysocket` of the wasm file has to say. */
  const id: string;
  export default id;
}
