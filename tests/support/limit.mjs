// A time limit for every test of a file. Preloaded by the runner: `node --import …/limit.mjs
// --test`. (Before Node 24, `--test-timeout` applies to whole files.)
import { beforeEach } from "node:test";

let milliseconds = 60_000;

/** Sets the limit for the tests of this file. State the reason in a comment at the call. */
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
    // Not cleared when the test ends: the process has to exit in time as well.
    timer.unref();
  });
}
