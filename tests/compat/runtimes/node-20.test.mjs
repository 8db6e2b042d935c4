// The shared tests in Node 20, which has a WebSocket only behind a flag.

import { testRuntime } from "./runtime-tests.mjs";
import { node20 } from "./runtimes.mjs";

testRuntime({ label: `${node20.label} with ws as an option`, runtime: node20, source: "option" });
testRuntime({ label: `${node20.label} with ws as a global`, runtime: node20, source: "global" });
testRuntime({
  label: `${node20.label} with --experimental-websocket`,
  runtime: node20,
  source: "own",
  flags: ["--experimental-websocket"],
});
