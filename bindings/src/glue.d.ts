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
  /** The version of the bindings: steady/version.hpp. */
  const version: string;
  export default version;
}

declare module "steadysocket:glue" {
  /** The module object, to which the glue adds its exports. */
  interface GlueInput {
    /** Emscripten's glue requires it. */
    wasmBinary: Uint8Array;
    /** Replaces WebAssembly.Module in the glue (../bundle.mjs): the kernel is compiled before. */
    compiledModule: new () => object;
    /** Replaces WebAssembly.Instance in the glue. */
    instanceClass: new (
      compiled: object,
      imports: WebAssembly.Imports,
    ) => object;
  }
  const create: (module: GlueInput) => unknown;
  export default create;
}

/**
 * inline.ts for `steadysocket`, wasm-file.ts for `steadysocket/external`, js-kernel.ts for
 * `steadysocket/js`, wasm-module.ts under the export condition `workerd`.
 */
declare module "steadysocket:kernel" {
  /** Returns the compiled kernel. Throws if there is none, or it cannot be compiled. */
  export const takeKernel: () => import("./compiling.js").Instantiate;
}

declare module "steadysocket:js" {
  /** The kernel as a function: see ../js-kernel.mjs. */
  const instantiate: import("./compiling.js").Instantiate;
  export default instantiate;
}

declare module "*/steadysocket.wasm" {
  const compiled: WebAssembly.Module;
  export default compiled;
}

/**
 * The wasm, at the end of the scripts that contain it: each character is a byte, and every
 * four bytes are a word XOR `steadysocketMask`. Not available before the script has run.
 */
declare const steadysocketWasm: string;
declare const steadysocketMask: number;
/** The number of bytes. */
declare const steadysocketSize: number;

declare module "steadysocket:build" {
  /** The required content of the wasm file's section `steadysocket`. */
  const id: string;
  export default id;
}

/** The package's default entry, as an app imports it. */
declare module "steadysocket:package" {
  export const SteadySocket: typeof import("./index.js").SteadySocket;
}
