import { textOf } from "./errors.js";

/** What the glue starts with, and fills. */
export interface GlueInput {
  /** The bytes. It does not start without. */
  wasmBinary: Uint8Array;
  /** Stands for WebAssembly.Module in the glue of `steadysocket/external` (bindings/bundle.mjs). */
  compiledModule?: new (
    bytes: Uint8Array,
  ) => WebAssembly.Module;
}

/** What stands in the way of compiling the smallest module that there is, if anything does. */
export function compileProblem(): unknown {
  try {
    // A module that nobody looks at would be left out by the minifier.
    WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    return undefined;
  } catch (problem) {
    return problem;
  }
}

/** Thrown where a module is compiled or started: says why that has failed. */
export function cannotCompile(cause: unknown): Error {
  const why = textOf(cause);
  const hint = /CSP|Content.Security|unsafe-eval/i.test(why)
    ? "; a Content-Security-Policy has to allow it with script-src 'wasm-unsafe-eval'"
    : "";
  return new Error(`SteadySocket: WebAssembly could not be compiled: ${why}${hint}`, { cause });
}
