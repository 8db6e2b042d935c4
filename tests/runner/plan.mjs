// The plan of a run: the suites, files and title on the command line.
import { fail } from "../../scripts/lib.mjs";
import { filesNamed, namesOf, testFiles } from "./files.mjs";
import { suites } from "./suites.mjs";

/**
 * @typedef {object} Task
 * @property {string} name The suite's name.
 * @property {import("./suites.mjs").Suite} suite
 * @property {string[]} [files] The files to run; undefined for the whole suite.
 * @property {string} [title] A part of the titles of the tests to run.
 */

/**
 * Whether all tests of the suite run.
 * @param {Task} task
 */
export const isWhole = ({ files, title }) => files === undefined && title === undefined;

/** @returns {Task[]} in the order of the table. */
export function readPlan(args) {
  const flags = args.filter((arg) => arg.startsWith("--"));
  const unknown = flags.find((flag) => flag !== "--all" && flag !== "--rest");
  if (unknown !== undefined)
    fail(`unknown option: ${unknown}; the options are --all, --rest and --list`);
  const positionals = args.filter((arg) => !flags.includes(arg));
  if (positionals.length === 0) return wholeTier(flags);
  if (flags.length > 0) fail(`${flags[0]} cannot be combined with suites or a title`);

  const isSelection = (arg) => Object.hasOwn(suites, arg.split("/")[0]);
  const selections = positionals.filter(isSelection);
  const titles = positionals.filter((arg) => !isSelection(arg));
  if (selections.length === 0)
    fail(`unknown suite: ${positionals[0].split("/")[0]}; the suites are ${suiteNames()}`);
  if (titles.length > 1)
    fail(`at most one title is allowed, got ${titles.map(quoted).join(" and ")}`);
  return Object.keys(suites)
    .map((name) => selections.filter((selection) => selection.split("/")[0] === name))
    .filter((ofSuite) => ofSuite.length > 0)
    .map((ofSuite) => toTask(ofSuite, titles[0]));
}

function wholeTier(flags) {
  const isWanted = ({ tier }) =>
    flags.includes("--all") || tier === (flags.includes("--rest") ? 2 : 1);
  return Object.entries(suites)
    .filter(([, suite]) => isWanted(suite))
    .map(([name, suite]) => ({ name, suite }));
}

/** @param {string[]} selections Of one suite: its name, with or without a file. */
function toTask(selections, title) {
  const name = selections[0].split("/")[0];
  const suite = suites[name];
  if (selections.includes(name)) return { name, suite, title };
  const all = testFiles(suite);
  const files = selections.flatMap((selection) => {
    const file = selection.slice(name.length + 1);
    const found = filesNamed(all, file);
    if (found.length === 0) fail(`no file ${file} in ${name}; the files are ${namesOf(all)}`);
    return found;
  });
  return { name, suite, files: [...new Set(files)], title };
}

const quoted = (text) => `"${text}"`;
const suiteNames = () => Object.keys(suites).join(", ");

/** Prints the suites, their coverage and their folders. */
export function listSuites() {
  for (const [name, { tier, covers, folders }] of Object.entries(suites)) {
    console.log(`${name.padEnd(12)} tier ${tier}  ${covers} (${folders.join(", ")})`);
  }
}
