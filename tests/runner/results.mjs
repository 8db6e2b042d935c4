// Where the results of suites are kept: see results-reporter.mjs.
import { join } from "node:path";
import { root } from "../../scripts/lib.mjs";

/** @param {string} suite Its name in suites.mjs. */
export const resultsOf = (suite) => join(root, "build/results", `${suite}.json`);
