// What Emscripten makes of ../CMakeLists.txt, put in place by scripts/build.mjs.

declare module "steadysocket:glue" {
  const create: (module: { wasmBinary: Uint8Array }) => unknown;
  export default create;
}

declare module "steadysocket:wasm" {
  /** Every character is a byte, moved up by 32. */
  const text: string;
  export default text;
}
