// Where the results of suites are kept: see results-reporter.mjs.
import { join } from "node:path";
import { root } from "../../scripts/lib.mjs";

/**
 * @param {string} suite Its name in suites.mjs.
 * @param {"json" | "txt"} kind The results, or the test runner's own summary.
 */
export const resultsOf = (suite, kind = "json") => join(root, "build/results", `${suite}.${kind}`);
