import { textOf } from "./errors.js";

/** Creates an instance of the kernel. */
export interface Instantiate {
  (imports: WebAssembly.Imports): { readonly exports: object };
  /** Throws if the page may have no instances. */
  check?(): void;
}

/** Returns a function that creates instances of a compiled module, for the kernel. */
export function instanceOf(compiled: WebAssembly.Module): Instantiate {
  const instantiate: Instantiate = (imports) => {
    try {
      return new WebAssembly.Instance(compiled, imports);
    } catch (cause) {
      throw cannotCompile(cause);
    }
  };
  instantiate.check = () => {
    // WebKit applies the page's policy to instances only. This module is empty.
    if (globalThis.navigator?.vendor !== "Apple Computer, Inc.") return;
    const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
    instanceOf(new WebAssembly.Module(empty))({});
  };
  return instantiate;
}

/** Creates the error to throw when the kernel cannot be compiled. */
export function cannotCompile(cause: unknown): Error {
  const why = textOf(cause);
  let remedy = 'import "steadysocket/js", which needs no WebAssembly';
  if (/CSP|Content.Security|unsafe-eval/i.test(why)) {
    remedy += ", or have the Content-Security-Policy allow script-src 'wasm-unsafe-eval'";
  } else if (/embedder/.test(why)) {
    // Cloudflare's workerd.
    remedy += ', or bundle with the export condition "workerd"';
  }
  return new Error(`SteadySocket: WebAssembly could not be compiled: ${why}; ${remedy}`, { cause });
}

/** Creates the error to throw when the program around the kernel cannot be started. */
export const cannotStart = (cause: unknown): Error =>
  new Error(`SteadySocket could not be started: ${textOf(cause)}`, { cause });
