// The paths of the suites' results: see results-reporter.mjs.
import { join } from "node:path";
import { root } from "../../scripts/lib.mjs";

export const resultsFolder = join(root, "build/results");

/**
 * @param {string} suite The name in suites.mjs.
 * @param {"json" | "txt"} kind The results, or the test runner's own summary.
 */
export const resultsOf = (suite, kind = "json") => join(resultsFolder, `${suite}.${kind}`);
