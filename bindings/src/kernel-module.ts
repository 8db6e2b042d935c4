import createModule from "steadysocket:glue";
import { takeKernel } from "steadysocket:kernel";
import { cannotStart, type Instantiate } from "./compiling.js";
import type { KernelModule } from "./web.js";

/** The kernel's code, compiled for the first socket. */
let instantiate: Instantiate | undefined;
let isLoaded = false;

/**
 * Returns the only module of this realm, which is instantiated with the first socket. A variable
 * that is reassigned, since a minifier would inline a function with one caller into the socket's
 * constructor, and the glue's closures would keep the first socket alive.
 */
let takeModule = (): KernelModule => {
  let failure: unknown;
  const module = {
    wasmBinary: new Uint8Array(),
    // The glue calls `new compiledModule(bytes)`, and passes the result on.
    compiledModule: Object as unknown as new () => object,
    instanceClass: class {
      constructor(_compiled: object, imports: WebAssembly.Imports) {
        try {
          // biome-ignore lint/correctness/noConstructorReturn: replaces the real class
          return (instantiate as Instantiate)(imports);
        } catch (error) {
          failure = error;
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
    failure ??= cannotStart(error);
  }
  if (!("create" in module)) throw failure;
  const filled = module as unknown as KernelModule;
  takeModule = () => filled;
  isLoaded = true;
  return filled;
};

/**
 * Compiles the kernel for the first socket. Returns true if the module is not instantiated yet,
 * which takes milliseconds.
 *
 * @throws Error if there is no kernel, or it cannot be compiled.
 */
export function compileKernel(): boolean {
  instantiate ??= takeKernel();
  return !isLoaded;
}

/**
 * Compiles the kernel, which is instantiated later.
 *
 * @throws Error if it cannot be compiled, or could not be instantiated.
 */
export function prepareKernel(): void {
  if (compileKernel()) instantiate?.check?.();
}

/**
 * Call `compileKernel` first.
 *
 * @throws Error if the module cannot be instantiated.
 */
export const loadKernel = (): KernelModule => takeModule();
