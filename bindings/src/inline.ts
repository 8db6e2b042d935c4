import wasmText, { byteLength, mask } from "steadysocket:bytes";
import type { GlueInput } from "./compiling.js";

/** The wasm that is in the script. */
export function takeWasm(): GlueInput {
  if (wasmText.length !== byteLength) {
    throw new Error("SteadySocket: the script was not read as UTF-8; serve it as such");
  }
  return { wasmBinary: bytesOf(wasmText) };
}

/** See `withBytes` in ../bundle.mjs. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i) ^ mask;
  return bytes;
}
