// A time limit for every test of a file. Preloaded by the runner: `node --import …/limit.mjs --test`.
// (`--test-timeout` is one for whole files before Node 24.)
import { beforeEach } from "node:test";

let milliseconds = 60_000;

/** Sets the limit for the tests of this file. The caller says why they take longer than others. */
export function limitTests(limit) {
  milliseconds = limit;
}

// Not in the runner itself, nor in the programs that tests start.
if (process.argv[1]?.endsWith(".test.mjs")) {
  let timer;
  beforeEach(({ name }) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const active = process.getActiveResourcesInfo().join(", ");
      console.error(`"${name}" has not ended within ${milliseconds} ms; active: ${active}`);
      process.exit(1);
    }, milliseconds);
    // It does not end with the test: the process has to end in time as well.
    timer.unref();
  });
}
