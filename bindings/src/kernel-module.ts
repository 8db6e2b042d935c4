import createModule from "steadysocket:glue";
import { checkWasm, takeWasm } from "steadysocket:wasm";
import { cannotCompile, compileProblem } from "./compiling.js";
import type { KernelModule } from "./web.js";

let isLoaded = false;

/**
 * Returns the only module of this realm, which is instantiated with the first socket. A variable
 * that is reassigned, since a minifier would inline a function with one caller into the socket's
 * constructor, and the glue's closures would keep the first socket alive.
 */
let takeModule = (): KernelModule => {
  // The factory adds the exports before it returns: instantiation is synchronous.
  const module = takeWasm();
  let cause: unknown;
  try {
    // The glue of old Emscripten versions throws; newer glue returns a rejected promise.
    Promise.resolve(createModule(module)).catch(() => {});
  } catch (error) {
    cause = error;
  }
  if (!("create" in module)) throw cannotCompile(cause ?? compileProblem());
  const filled = module as unknown as KernelModule;
  takeModule = () => filled;
  isLoaded = true;
  return filled;
};

/**
 * Returns true if the module is not compiled yet and can be, which takes milliseconds, as does
 * compiling `takeModule` itself.
 *
 * @throws Error if there is no wasm.
 */
export function willCompile(): boolean {
  if (isLoaded) return false;
  checkWasm();
  return compileProblem() === undefined;
}

/** @throws Error if the module cannot be compiled. */
export const loadKernel = (): KernelModule => takeModule();
