// The spec reporter of node:test, of the tests that were asked for.
import { Readable } from "node:stream";
import { spec as Spec } from "node:test/reporters";
import { isLeftOut } from "./left-out.mjs";

/** Reported at once and in any order; everything else comes in the order of the tests. */
const outOfOrder = ["test:enqueue", "test:dequeue", "test:complete", "test:watch:drained"];

async function* askedFor(events) {
  // The start of a test is held back until it is known that the test was not left out.
  let start;
  for await (const event of events) {
    if (outOfOrder.includes(event.type)) {
      yield event;
      continue;
    }
    if (start !== undefined && !isLeftOut(event)) yield start;
    start = event.type === "test:start" ? event : undefined;
    if (start === undefined && !isLeftOut(event)) yield event;
  }
}

export default async function* report(events) {
  yield* Readable.from(askedFor(events)).compose(new Spec());
}
