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
  const wasmBinary = bytesOf(wasmText);
  // Four bytes at a time: this code has just begun to run, and is interpreted.
  const words = new Uint32Array(wasmBinary.buffer);
  for (let i = 0; i < words.length; ++i) words[i] = (words[i] as number) ^ (mask * 0x1010101);
  return { wasmBinary };
}

/** Returns the bytes that the characters stand for. */
function bytesOf(text: string): Uint8Array {
  // ECMAScript 2026: two native steps take a tenth of the time of the loop.
  const { fromBase64 } = Uint8Array as { fromBase64?: (base64: string) => Uint8Array };
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, btoa(text));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
