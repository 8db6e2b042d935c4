// Runs a suite of C++ programs: of Catch2, with many tests, or single tests.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../scripts/cmake.mjs";
import { root } from "../../scripts/lib.mjs";
import { runShown } from "./child.mjs";
import { shortName } from "./files.mjs";
import { isWhole } from "./plan.mjs";
import { resultsOf } from "./results.mjs";

/** A line printed by tests/catch/main.cpp for each test: result, duration, file and title. */
const resultLine = /^(ok|FAIL) +(\d+\.\d+) s {2}(\w+): (.*)$/gm;

/** The last lines of Catch2's output. */
const totals = /^(All tests passed|test cases:)[\s\S]*/m;

/**
 * @param {import("./plan.mjs").Task} task
 * @param {(text: string) => void} write Called with each chunk of output.
 * @returns {Promise<import("./lanes.mjs").Outcome>}
 */
export async function runProgramSuite(task, write) {
  const { name, suite } = task;
  await compile(suite.preset, suite.target);
  write(`\nsteadysocket: ${name}: ${suite.covers}\n`);
  const began = performance.now();
  const results = { passed: [], failed: [] };
  const summaries = [];
  for (const program of suite.programs) {
    const run = program.title === undefined ? runCatch : runSingle;
    const { passed, failed, summary } = await run(program, task, write);
    results.passed.push(...passed);
    results.failed.push(...failed);
    summaries.push(summary);
  }
  if (isWhole(task)) writeFileSync(resultsOf(name), JSON.stringify(results));
  return {
    task,
    seconds: (performance.now() - began) / 1_000,
    results,
    summary: summaries.filter(Boolean).join("\n"),
    failed: results.failed.length > 0 || results.passed.length === 0,
  };
}

/**
 * Runs a program of Catch2.
 * @param {import("./suites.mjs").Program} program
 * @param {import("./plan.mjs").Task} task
 */
async function runCatch({ file }, { suite, files, title }, write) {
  const { code, output } = await runShown(
    join(root, "build", suite.preset, file),
    filters(files, title),
    write,
  );
  const results = { passed: [], failed: [] };
  for (const [, result, seconds, source, name] of output.matchAll(resultLine)) {
    const list = result === "ok" ? results.passed : results.failed;
    list.push({ name, file: join(suite.folders[0], `${source}.cpp`), seconds: Number(seconds) });
  }
  // It crashed between tests, or a sanitizer reported an error on exit.
  if (code !== 0 && results.failed.length === 0) {
    results.failed.push({ name: `${file} ended with ${code}`, file, seconds: 0 });
  }
  return { ...results, summary: totals.exec(output)?.[0].trimEnd() ?? "" };
}

/** Catch2's arguments for the tests in these files whose titles contain `title`. */
function filters(files, title) {
  const part = title === undefined ? "" : `"*${title.replaceAll(/[\\",[\]]/g, "\\$&")}*"`;
  if (files === undefined) return part === "" ? [] : [part];
  return [
    "--filenames-as-tags",
    files.map((file) => `[#${shortName(file)}_test]${part}`).join(","),
  ];
}

/**
 * Runs a program that is one test: it passes if it exits with 0.
 * @param {import("./suites.mjs").Program} program
 * @param {import("./plan.mjs").Task} task
 */
async function runSingle({ file, title: name }, { suite, files, title }, write) {
  const isWanted = (files === undefined || files.includes(file)) && name.includes(title ?? "");
  if (!isWanted) return { passed: [], failed: [], summary: "" };
  const began = performance.now();
  const { code } = await runShown(join(root, "build", suite.preset, file), [], write);
  const result = { name, file, seconds: (performance.now() - began) / 1_000 };
  const line = `${code === 0 ? "ok  " : "FAIL"} ${result.seconds.toFixed(3).padStart(7)} s  ${name}`;
  write(`${line}\n`);
  return { passed: code === 0 ? [result] : [], failed: code === 0 ? [] : [result], summary: line };
}
