import wasmText, { byteLength, mask } from "steadysocket:bytes";
import type { GlueInput } from "./compiling.js";

/** Throws if the wasm that is embedded in the script cannot be decoded. */
export function checkWasm(): void {
  if (wasmText.length !== byteLength) {
    throw new Error("SteadySocket: the script was not decoded as UTF-8; serve it as UTF-8");
  }
}

/** Decodes the output of `withBytes` in ../bundle.mjs. */
export function takeWasm(): GlueInput {
  const wasmBinary = new Uint8Array(byteLength);
  for (let i = 0; i < byteLength; ++i) wasmBinary[i] = wasmText.charCodeAt(i) ^ mask;
  return { wasmBinary };
}
