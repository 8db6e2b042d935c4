import { textOf } from "./errors.js";

/** Creates the error to throw when a module cannot be compiled or instantiated. */
export function cannotCompile(cause: unknown): Error {
  const why = textOf(cause);
  const hint = /CSP|Content.Security|unsafe-eval/i.test(why)
    ? "; the Content-Security-Policy must allow script-src 'wasm-unsafe-eval'"
    : "";
  return new Error(`SteadySocket: WebAssembly could not be compiled: ${why}${hint}`, { cause });
}
