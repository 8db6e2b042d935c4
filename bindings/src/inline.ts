import wasmText, { byteLength, mask } from "steadysocket:bytes";
import type { GlueInput } from "./compiling.js";

/** Returns the wasm that is embedded in the script. */
export function takeWasm(): GlueInput {
  if (wasmText.length !== byteLength) {
    throw new Error("SteadySocket: the script was not decoded as UTF-8; serve it as UTF-8");
  }
  return { wasmBinary: bytesOf(wasmText) };
}

/** Decodes the output of `withBytes` in ../bundle.mjs. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i) ^ mask;
  return bytes;
}
