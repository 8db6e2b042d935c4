// What bindings/bundle.mjs puts in place: what Emscripten makes of ../CMakeLists.txt, and what differs
// between the entries.

/** own-core.ts for `steadysocket` and `steadysocket/external`, attach-core.ts for `steadysocket/attach`. */
declare module "steadysocket:core" {
  /** Where the next socket has its part of the core. Throws if there is none to be had. */
  export const loadCore: () => import("./core.js").Core;
  /** Where sockets have no part of their own, but share that of a C++ program. */
  export const attachment: import("./attach-core.js").Attachment | undefined;
}

declare module "steadysocket:version" {
  /** Of the bindings: version.hpp. */
  const version: string;
  export default version;
}

declare module "steadysocket:glue" {
  const create: (module: import("./core.js").GlueInput) => unknown;
  export default create;
}

/** inline.ts for `steadysocket`, wasm-file.ts for `steadysocket/external`. */
declare module "steadysocket:wasm" {
  /** Throws if there is no wasm to be had. */
  export const takeWasm: () => import("./core.js").GlueInput;
}

declare module "steadysocket:bytes" {
  /** Every character is a byte. */
  const text: string;
  export default text;
  export const byteLength: number;
}

declare module "steadysocket:build" {
  /** What the section `steadysocket` of the wasm file has to say. */
  const id: string;
  export default id;
}
