// npm test: runs the suites of the first tier. npm run test:all: all of them. It sets up, builds and
// packs what they need and what has changed.
//
//   npm test -- SUITE[/FILE] … [TITLE]
//
// runs these suites or files, or the tests in them whose titles contain TITLE:
//
//   npm test -- core/router
//   npm test -- node/request "a reply"
//
// --rest: the suites that are not in the first tier. --list: says what there is.
import { fail } from "../../scripts/lib.mjs";
import { setup } from "../../scripts/setup.mjs";
import { checkConformance } from "../../scripts/tables/conformance.mjs";
import { checkDropIn } from "../../scripts/tables/drop-in.mjs";
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
  // The tables are made of the results of suites of both tiers.
  if (args.includes("--all") || args.includes("--rest")) {
    checkDropIn();
    checkConformance();
  }
}
