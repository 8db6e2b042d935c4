// The shared tests in Deno and Bun.

import { testRuntime } from "./runtime-tests.mjs";
import { bun, deno } from "./runtimes.mjs";

testRuntime({ label: deno.label, runtime: deno, source: "own" });
testRuntime({ label: bun.label, runtime: bun, source: "own" });
