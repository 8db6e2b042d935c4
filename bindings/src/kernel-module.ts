import createModule from "steadysocket:glue";
import { takeWasm } from "steadysocket:wasm";
import { cannotCompile } from "./compiling.js";
import type { KernelModule } from "./web.js";

/** The wasm, compiled for the first socket. */
let compiled: WebAssembly.Module | undefined;
let isLoaded = false;

/**
 * Returns the only module of this realm, which is instantiated with the first socket. A variable
 * that is reassigned, since a minifier would inline a function with one caller into the socket's
 * constructor, and the glue's closures would keep the first socket alive.
 */
let takeModule = (): KernelModule => {
  let cause: unknown;
  const module = {
    wasmBinary: new Uint8Array(),
    // The glue calls `new compiledModule(bytes)`: `new Object(module, bytes)` returns `module`.
    compiledModule: Object.bind(undefined, compiled) as unknown as new () => WebAssembly.Module,
    instanceClass: class {
      constructor(wasm: WebAssembly.Module, imports: WebAssembly.Imports) {
        try {
          // biome-ignore lint/correctness/noConstructorReturn: stands for the real class
          return new WebAssembly.Instance(wasm, imports);
        } catch (error) {
          cause = error;
          throw error;
        }
      }
    },
  };
  try {
    // The factory adds the exports before it returns: instantiation is synchronous. The glue of old
    // Emscripten versions throws; newer glue returns a rejected promise.
    Promise.resolve(createModule(module)).catch(() => {});
  } catch (error) {
    cause = error;
  }
  if (!("create" in module)) throw cannotCompile(cause);
  const filled = module as unknown as KernelModule;
  takeModule = () => filled;
  isLoaded = true;
  return filled;
};

/**
 * Compiles the wasm for the first socket. Returns true if the module is not instantiated yet, which
 * takes milliseconds.
 *
 * @throws Error if there is no wasm, or it cannot be compiled.
 */
export function compileKernel(): boolean {
  compiled ??= takeWasm();
  return !isLoaded;
}

/**
 * Call `compileKernel` first.
 *
 * @throws Error if the module cannot be instantiated.
 */
export const loadKernel = (): KernelModule => takeModule();
