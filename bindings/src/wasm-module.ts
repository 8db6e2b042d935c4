import compiled from "../steadysocket.wasm";
import { cannotCompile, type Instantiate, instanceOf } from "./compiling.js";

/**
 * Returns the wasm that was imported as a module, as Cloudflare's workerd does it.
 *
 * @throws Error if a bundler has made something else of it.
 */
export function takeKernel(): Instantiate {
  try {
    // Throws a TypeError unless it is a WebAssembly.Module.
    WebAssembly.Module.exports(compiled);
  } catch (cause) {
    throw cannotCompile(cause);
  }
  return instanceOf(compiled);
}
