// The output about suites that have ended.
import { writeFileSync } from "node:fs";
import { namesOf } from "./files.mjs";
import { isWhole } from "./plan.mjs";
import { resultsOf } from "./results.mjs";

const slowest = 10;

/**
 * The duration of a suite, and its slowest tests if the whole suite ran.
 * @param {import("./lanes.mjs").Outcome} outcome
 */
export function describeOutcome({ task, seconds, results, failed }) {
  const { name, files, title } = task;
  const all = [...results.passed, ...results.failed];
  if (all.length === 0) {
    const where = files === undefined ? name : `${name}/${namesOf(files)}`;
    return `steadysocket: no test of ${where} has a title with "${title}"\n`;
  }
  const end = `steadysocket: ${name} ${failed ? "FAILED" : "passed"} in ${inSeconds(seconds)}`;
  if (!isWhole(task)) return `${end}\n`;
  const lines = all
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, slowest)
    .map((test) => `  ${inSeconds(test.seconds).padStart(8)}  ${test.name}`);
  return `${end}; its slowest tests:\n${lines.join("\n")}\n`;
}

/** The test runner's own summary, with the suite's name. */
function summaryOf({ task, seconds, summary }) {
  return `\n${task.name}, ${inSeconds(seconds)}:\n${summary}\n`;
}

/** Keeps the summary of a whole suite beside its results, for the end of a longer run. */
export function keepSummary(outcome) {
  const { task } = outcome;
  if (isWhole(task)) writeFileSync(resultsOf(task.name, "txt"), summaryOf(outcome));
}

/** @param {import("./lanes.mjs").Outcome[]} outcomes */
export function printSummaries(outcomes) {
  console.log(outcomes.map(summaryOf).join(""));
}

const inSeconds = (seconds) => `${seconds.toFixed(1)} s`;
