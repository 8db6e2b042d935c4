// What Emscripten makes of ../CMakeLists.txt, put in place by scripts/build.mjs.

declare module "steadysocket:glue" {
  const create: (module: { wasmBinary: Uint8Array }) => unknown;
  export default create;
}

declare module "steadysocket:wasm" {
  /** Every character is a byte. */
  const text: string;
  export default text;
  export const byteLength: number;
}
