// npm test: runs the suites of the first tier. npm run test:all: runs all suites. First installs,
// builds and packs what the suites need, if it has changed.
//
//   npm test -- SUITE[/FILE] … [TITLE]
//
// runs these suites or files, or the tests in them whose titles contain TITLE:
//
//   npm test -- core/router
//   npm test -- node/request "a reply"
//
// --rest: runs the suites that are not in the first tier. --list: lists the suites.
import { fail } from "../../scripts/lib.mjs";
import { setup } from "../../scripts/setup.mjs";
import { checkCompatibility } from "../../scripts/tables/compatibility.mjs";
import { checkConformance } from "../../scripts/tables/conformance.mjs";
import { runInLanes } from "./lanes.mjs";
import { listSuites, readPlan } from "./plan.mjs";
import { printSummaries } from "./summary.mjs";

const args = process.argv.slice(2);
if (args.includes("--list")) {
  listSuites();
} else {
  const plan = readPlan(args);
  await setup(...new Set(plan.flatMap(({ suite }) => suite.tools)));
  const outcomes = await runInLanes(plan);
  if (outcomes.length > 1) printSummaries(outcomes);
  const failed = outcomes.filter((outcome) => outcome.failed);
  if (failed.length > 0) fail(`failed: ${failed.map(({ task }) => task.name).join(", ")}`);
  // The tables are generated from the results of both tiers.
  if (args.includes("--all") || args.includes("--rest")) {
    checkCompatibility();
    checkConformance();
  }
}
