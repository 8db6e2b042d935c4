import { textOf } from "./errors.js";

/** The module object that is passed to the glue, which adds its exports. */
export interface GlueInput {
  /** The wasm. Emscripten's glue requires it. */
  wasmBinary: Uint8Array;
  /** Replaces WebAssembly.Module in the glue of `steadysocket/external` (bindings/bundle.mjs). */
  compiledModule?: new (
    bytes: Uint8Array,
  ) => WebAssembly.Module;
}

/** Returns the error of compiling an empty module; undefined if that succeeds. */
export function compileProblem(): unknown {
  try {
    // The minifier would remove an unused module.
    WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    return undefined;
  } catch (problem) {
    return problem;
  }
}

/** Creates the error to throw when a module cannot be compiled or instantiated. */
export function cannotCompile(cause: unknown): Error {
  const why = textOf(cause);
  const hint = /CSP|Content.Security|unsafe-eval/i.test(why)
    ? "; the Content-Security-Policy must allow script-src 'wasm-unsafe-eval'"
    : "";
  return new Error(`SteadySocket: WebAssembly could not be compiled: ${why}${hint}`, { cause });
}
