import createModule from "steadysocket:glue";
import { takeWasm } from "steadysocket:wasm";
import { type Core, cannotCompile, compileProblem } from "./core.js";

/**
 * The one module of this realm, instantiated when the first socket is made. It is a variable that
 * changes: a minifier would put a function that is called once into the constructor of the socket,
 * and what the glue leaves behind would keep the first one alive.
 */
let takeCore = (): Core => {
  // Filled when the factory returns: the module is instantiated synchronously.
  const module = takeWasm();
  let cause: unknown;
  try {
    // Old compilers throw here; with new ones it is a promise that rejects.
    Promise.resolve(createModule(module)).catch(() => {});
  } catch (error) {
    cause = error;
  }
  if (!("create" in module)) throw cannotCompile(cause ?? compileProblem());
  const core = module as unknown as Core;
  takeCore = () => core;
  return core;
};

/** The one module of this realm. */
export function loadCore(): Core {
  return takeCore();
}

/** Sockets of this entry have a part of their own in the core. */
export const attachment = undefined;
