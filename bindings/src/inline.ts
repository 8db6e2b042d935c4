import { cannotCompile, type Instantiate, instanceOf } from "./compiling.js";

/**
 * Decodes and compiles the output of `appendBytes` in ../bundle.mjs.
 *
 * @throws Error if the script was not decoded as UTF-8, or the page may not compile.
 */
export function takeKernel(): Instantiate {
  if (steadysocketWasm.length !== steadysocketSize) {
    throw new Error("SteadySocket: the script was not decoded as UTF-8; serve it as UTF-8");
  }
  try {
    // Four bytes at a time. `map` is a native loop: one in this code, which has just begun to run,
    // takes twice the time.
    const words = new Uint32Array(bytesOf(steadysocketWasm).buffer);
    return instanceOf(new WebAssembly.Module(words.map((word) => word ^ steadysocketMask)));
  } catch (cause) {
    throw cannotCompile(cause);
  }
}

/** Returns the bytes that the characters stand for. */
function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  // ECMAScript 2026: two native steps take a tenth of the time of the loop.
  const { fromBase64 } = Uint8Array as { fromBase64?: (base64: string) => Uint8Array<ArrayBuffer> };
  if (fromBase64 !== undefined) return fromBase64.call(Uint8Array, btoa(text));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
