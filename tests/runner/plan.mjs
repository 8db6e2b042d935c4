// What to run: the suites, files and title on the command line.
import { fail } from "../../scripts/lib.mjs";
import { filesNamed, namesOf, testFiles } from "./files.mjs";
import { suites } from "./suites.mjs";

/**
 * @typedef {object} Task
 * @property {string} name The suite's name.
 * @property {import("./suites.mjs").Suite} suite
 * @property {string[]} [files] Those to run; undefined for the whole suite.
 * @property {string} [title] Part of the titles of the tests to run.
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
  if (unknown !== undefined) fail(`unknown option: ${unknown}; there are --all, --rest and --list`);
  const words = args.filter((arg) => !flags.includes(arg));
  if (words.length === 0) return wholeTier(flags);
  if (flags.length > 0) fail(`${flags[0]} stands alone`);

  const isSelection = (word) => Object.hasOwn(suites, word.split("/")[0]);
  const selections = words.filter(isSelection);
  const titles = words.filter((word) => !isSelection(word));
  if (selections.length === 0)
    fail(`unknown suite: ${words[0].split("/")[0]}; there are ${suiteNames()}`);
  if (titles.length > 1) fail(`one title at a time, got ${titles.map(quoted).join(" and ")}`);
  return Object.keys(suites)
    .map((name) => selections.filter((word) => word.split("/")[0] === name))
    .filter((words) => words.length > 0)
    .map((words) => toTask(words, titles[0]));
}

function wholeTier(flags) {
  const isWanted = ({ tier }) =>
    flags.includes("--all") || tier === (flags.includes("--rest") ? 2 : 1);
  return Object.entries(suites)
    .filter(([, suite]) => isWanted(suite))
    .map(([name, suite]) => ({ name, suite }));
}

/** @param {string[]} words Selections of one suite: its name, with a file's or without. */
function toTask(words, title) {
  const name = words[0].split("/")[0];
  const suite = suites[name];
  if (words.includes(name)) return { name, suite, title };
  const all = testFiles(suite);
  const files = words.flatMap((word) => {
    const file = word.slice(name.length + 1);
    const found = filesNamed(all, file);
    if (found.length === 0) fail(`no file ${file} in ${name}; there are ${namesOf(all)}`);
    return found;
  });
  return { name, suite, files: [...new Set(files)], title };
}

const quoted = (text) => `"${text}"`;
const suiteNames = () => Object.keys(suites).join(", ");

/** Prints the suites, what they cover and where they are. */
export function listSuites() {
  for (const [name, { tier, covers, folders }] of Object.entries(suites)) {
    console.log(`${name.padEnd(12)} tier ${tier}  ${covers} (${folders.join(", ")})`);
  }
}
