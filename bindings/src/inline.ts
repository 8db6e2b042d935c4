import wasmText, { byteLength } from "steadysocket:bytes";
import type { GlueInput } from "./compiling.js";

/** The wasm that is in the script. */
export function takeWasm(): GlueInput {
  if (wasmText.length !== byteLength) {
    throw new Error("SteadySocket: the script was not read as UTF-8; serve it as such");
  }
  return { wasmBinary: bytesOf(wasmText) };
}

/** The bytes that the characters are. */
function bytesOf(text: string): Uint8Array {
  // ECMAScript 2026: two native steps take a tenth of what the loop takes, which has just begun to
  // run and is interpreted.
  const { fromBase64 } = Uint8Array as { fromBase64?: (base64: string) => Uint8Array };
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, btoa(text));
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  return bytes;
}
