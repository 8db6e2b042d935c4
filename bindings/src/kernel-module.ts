import createModule from "steadysocket:glue";
import { takeWasm } from "steadysocket:wasm";
import { cannotCompile, compileProblem } from "./compiling.js";
import type { KernelModule } from "./web.js";

/**
 * Returns the only module of this realm, which is instantiated with the first socket. A variable
 * that is reassigned, since a minifier would inline a function with one caller into the socket's
 * constructor, and the glue's closures would keep the first socket alive.
 */
let takeModule = (meanwhile: () => void): KernelModule => {
  // The factory adds the exports before it returns: instantiation is synchronous.
  const module = takeWasm();
  meanwhile();
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
  return filled;
};

/**
 * Returns the module. Calls `meanwhile` before compiling it, which takes milliseconds.
 *
 * @throws Error if it cannot be compiled.
 */
export const loadKernel = (meanwhile: () => void): KernelModule => takeModule(meanwhile);
