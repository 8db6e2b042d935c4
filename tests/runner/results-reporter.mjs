// A reporter for node:test: prints the results and durations of all tests as JSON at the end.
import { relative } from "node:path";
import { root } from "../../scripts/lib.mjs";
import { isLeftOut } from "./left-out.mjs";

/**
 * @typedef {object} Result
 * @property {string} name The test's title.
 * @property {string} file From the root of the project.
 * @property {number} seconds
 * @typedef {{ passed: Result[], failed: Result[] }} Results
 */

export default async function* report(events) {
  /** @type {Results} */
  const results = { passed: [], failed: [] };
  for await (const event of events) {
    const { type, data } = event;
    if ((type !== "test:pass" && type !== "test:fail") || isLeftOut(event)) continue;
    // A skipped test does not count as passed.
    const isSkipped = data.skip !== undefined || data.todo !== undefined;
    const list = type === "test:pass" && !isSkipped ? results.passed : results.failed;
    list.push({
      name: data.name,
      file: relative(root, data.file ?? root),
      seconds: data.details.duration_ms / 1_000,
    });
  }
  yield JSON.stringify(results);
}
