// Runs suites in two concurrent lanes: C++ programs, which use the processor, and tests in Node and
// browsers, which mostly wait. The first lane then builds what the other suites need. Suites with
// `isAlone` run last, one at a time.
import { mkdirSync } from "node:fs";
import { runNodeSuite } from "./node-suite.mjs";
import { prepare } from "./prepare.mjs";
import { runProgramSuite } from "./program-suite.mjs";
import { resultsFolder } from "./results.mjs";
import { describeOutcome, keepSummary } from "./summary.mjs";

/**
 * The result of a suite.
 * @typedef {object} Outcome
 * @property {import("./plan.mjs").Task} task
 * @property {number} seconds Without builds.
 * @property {import("./results-reporter.mjs").Results} results
 * @property {string} summary The test runner's own.
 * @property {boolean} failed
 */

/**
 * @param {import("./plan.mjs").Task[]} tasks
 * @returns {Promise<Outcome[]>} in the order of the tasks.
 */
export async function runInLanes(tasks) {
  const programs = tasks.filter(({ suite }) => suite.programs);
  const alone = tasks.filter(({ suite }) => suite.isAlone);
  const others = tasks.filter(({ suite }) => !suite.programs && !suite.isAlone);
  const outcomes = new Map();
  mkdirSync(resultsFolder, { recursive: true });

  async function runLane(lane, run, output) {
    for (const task of lane) {
      const outcome = await run(task, output.write);
      outcomes.set(task, outcome);
      output.write(describeOutcome(outcome));
      keepSummary(outcome);
      output.suiteEnded();
    }
  }

  const isShared = programs.length > 0 && others.length > 0;
  const [front, back] = isShared ? sharedOutput() : [directOutput(), directOutput()];
  await Promise.all([
    runLane(others, runNodeSuite, front),
    runLane(programs, runProgramSuite, back).then(() => prepare(...others, ...alone)),
  ]);
  front.suiteEnded();
  await runLane(alone, runNodeSuite, directOutput());
  return tasks.map((task) => outcomes.get(task));
}

/** An output that prints everything at once. */
function directOutput() {
  return { write: (text) => process.stdout.write(text), suiteEnded() {} };
}

/** Two outputs: the first prints at once; the second prints whole suites, between the first's. */
function sharedOutput() {
  let written = "";
  let ended = "";
  const front = {
    ...directOutput(),
    suiteEnded() {
      process.stdout.write(ended);
      ended = "";
    },
  };
  const back = {
    write(text) {
      written += text;
    },
    suiteEnded() {
      ended += written;
      written = "";
    },
  };
  return [front, back];
}
