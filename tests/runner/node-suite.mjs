// Runs a suite of Node's own test runner.
import { readFileSync, rmSync } from "node:fs";
import { runShown } from "./child.mjs";
import { testFiles } from "./files.mjs";
import { isWhole } from "./plan.mjs";
import { step } from "./prepare.mjs";
import { resultsOf } from "./results.mjs";

const reporter = (name) => new URL(name, import.meta.url).href;

/**
 * @param {import("./plan.mjs").Task} task
 * @param {(text: string) => void} write Shows a part of the output.
 * @returns {Promise<import("./lanes.mjs").Outcome>}
 */
export async function runNodeSuite(task, write) {
  const { name, suite, files, title } = task;
  for (const need of suite.needs) await step(need);
  write(`\nsteadysocket: ${name}: ${suite.covers}\n`);
  const began = performance.now();
  // Only those of a whole suite are kept.
  const resultsFile = resultsOf(isWhole(task) ? name : "part");
  rmSync(resultsFile, { force: true });
  const args = [
    `--import=${new URL("../support/limit.mjs", import.meta.url).href}`,
    "--test",
    `--test-reporter=${reporter("spec-reporter.mjs")}`,
    "--test-reporter-destination=stdout",
    `--test-reporter=${reporter("results-reporter.mjs")}`,
    `--test-reporter-destination=${resultsFile}`,
    "--test-concurrency=2",
    // For a whole file, which may build programs one after the other. For a test: limit.mjs.
    "--test-timeout=600000",
    ...(title === undefined ? [] : [`--test-name-pattern=${literally(title)}`]),
    ...(files ?? testFiles(suite)),
  ];
  const { code, output } = await runShown(process.execPath, args, write, suite.env);
  const results = JSON.parse(readFileSync(resultsFile, "utf8"));
  return {
    task,
    seconds: (performance.now() - began) / 1_000,
    results,
    // Its totals; the failures are listed below them.
    summary: /^ℹ tests [\s\S]*?^ℹ duration_ms .*$/m.exec(output)?.[0] ?? "",
    failed: code !== 0 || results.passed.length === 0,
  };
}

/** A regular expression that matches this text and nothing else. */
function literally(text) {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
