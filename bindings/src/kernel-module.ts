import createModule from "steadysocket:glue";
import { takeWasm } from "steadysocket:wasm";
import { cannotCompile, compileProblem } from "./compiling.js";
import type { KernelModule } from "./web.js";

/**
 * Returns the one module of this realm, which is instantiated with the first socket. It is a
 * variable that changes: a minifier would inline a function that is called once into the
 * constructor of the socket, and the scope that the glue leaves behind would keep the first socket
 * alive.
 */
let takeModule = (meanwhile: () => void): KernelModule => {
  // Filled when the factory returns: the module is instantiated synchronously.
  const module = takeWasm();
  meanwhile();
  let cause: unknown;
  try {
    // Old compilers throw here; with new ones it is a promise that rejects.
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
 * Loads the module. Before it is compiled, which takes milliseconds, `meanwhile` is called.
 *
 * @throws Error if it cannot be compiled.
 */
export const loadKernel = (meanwhile: () => void): KernelModule => takeModule(meanwhile);
