// The spec reporter of node:test, limited to the selected tests.
import { Readable } from "node:stream";
import { spec as Spec } from "node:test/reporters";
import { isLeftOut } from "./left-out.mjs";

/** Events reported at once and in any order; all others follow the order of the tests. */
const outOfOrder = ["test:enqueue", "test:dequeue", "test:complete", "test:watch:drained"];

async function* selected(events) {
  // The start of a test is delayed until the next event shows that the test was not left out.
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
  yield* Readable.from(selected(events)).compose(new Spec());
}
