// Tables in the documentation that are generated from the results of tests.
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { resultsOf } from "../../tests/runner/results.mjs";
import { fail, root, run, step } from "../lib.mjs";

const marks = ["<!-- made by ", "<!-- end -->"];

/** The tests of a suite that have passed, as `{ name, file }`. None may have failed. */
export function readResults(suite) {
  const { passed, failed } = JSON.parse(readFileSync(resultsOf(suite), "utf8"));
  if (failed.length > 0) {
    fail(`no table while tests fail: ${failed.map(({ name }) => name).join("; ")}`);
  }
  return passed;
}

/** Runs these suites if the results of one are missing. */
export function needResults(suites) {
  // Interrupted tests leave an empty file.
  const hasResults = (suite) => statSync(resultsOf(suite), { throwIfNoEntry: false })?.size > 0;
  if (suites.every(hasResults)) return;
  run(process.execPath, [join(root, "tests/runner/run.mjs"), ...suites]);
}

export const escaped = (text) => text.replaceAll(/[|*<\\]/g, "\\$&");

export const { compare: inOrder } = new Intl.Collator("en", { numeric: true });

function pageWith(page, tables) {
  const text = readFileSync(page, "utf8");
  const begin = text.indexOf("\n", text.indexOf(marks[0])) + 1;
  const end = text.indexOf(marks[1]);
  if (!text.includes(marks[0]) || end < begin) fail(`${page} has no place for the table`);
  return `${text.slice(0, begin)}\n${tables.join("\n")}\n${text.slice(end)}`;
}

/** Browsers are installed on the machine: a different version does not make the table stale. */
const withoutBrowser = (text) => text.replaceAll(/(Chromium|Firefox|WebKitGTK) [\d.]+/g, "$1");

/** Fails if the page does not have these tables. */
export function checkPage(page, tables) {
  if (withoutBrowser(pageWith(page, tables)) === withoutBrowser(readFileSync(page, "utf8"))) return;
  const name = relative(root, page);
  const script = /made by (\S+)/.exec(readFileSync(page, "utf8"))[1];
  fail(`the table in ${name} is not of these tests: run node ${script}`);
}

export function writePage(page, tables) {
  writeFileSync(page, pageWith(page, tables));
  step(`wrote the table in ${relative(root, page)}`);
}
