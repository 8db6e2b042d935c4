// The shared tests in versions of Node that have a WebSocket.

import { testRuntime } from "./runtime-tests.mjs";
import { node22, node26 } from "./runtimes.mjs";

testRuntime({ label: node22.label, runtime: node22, source: "own" });
testRuntime({ label: node26.label, runtime: node26, source: "own" });
testRuntime({ label: `${node26.label} with ws as an option`, runtime: node26, source: "option" });
