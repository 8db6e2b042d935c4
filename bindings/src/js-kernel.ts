import instantiate from "steadysocket:js";
import type { Instantiate } from "./compiling.js";

/** Returns the kernel in JavaScript. Nothing is compiled. */
export const takeKernel = (): Instantiate => instantiate;
