// Runs a suite with Node's test runner.
import { readFileSync, rmSync } from "node:fs";
import { runShown } from "./child.mjs";
import { testFiles } from "./files.mjs";
import { isWhole } from "./plan.mjs";
import { prepare } from "./prepare.mjs";
import { resultsOf } from "./results.mjs";

const reporter = (name) => new URL(name, import.meta.url).href;

/**
 * @param {import("./plan.mjs").Task} task
 * @param {(text: string) => void} write Called with each chunk of output.
 * @returns {Promise<import("./lanes.mjs").Outcome>}
 */
export async function runNodeSuite(task, write) {
  const { name, suite, files, title } = task;
  await prepare(task);
  write(`\nsteadysocket: ${name}: ${suite.covers}\n`);
  const began = performance.now();
  // Only the results of whole suites are kept.
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
    // The limit of a file, which may build several programs. The limit of a test: limit.mjs.
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
    // The totals, without the list of failures below them.
    summary: /^ℹ tests [\s\S]*?^ℹ duration_ms .*$/m.exec(output)?.[0] ?? "",
    failed: code !== 0 || results.passed.length === 0,
  };
}

/** A regular expression that matches this string. */
function literally(text) {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
