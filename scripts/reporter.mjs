// A reporter of node:test: the tests that passed and those that failed, as JSON, when all is over.
import { relative } from "node:path";
import { root } from "./lib.mjs";

export default async function* report(events) {
  const results = { passed: [], failed: [] };
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    // What was skipped has not passed.
    const isSkipped = data.skip !== undefined || data.todo !== undefined;
    const list = type === "test:pass" && !isSkipped ? results.passed : results.failed;
    list.push({ name: data.name, file: relative(root, data.file ?? root) });
  }
  yield JSON.stringify(results);
}
