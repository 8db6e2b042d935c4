// The table in docs/drop-in.md: what stands in for what, each with its test. It is made of the tests
// that are named "Kind label: sentence" or "Kind label, difference: sentence".
//
//   node scripts/drop-in.mjs   writes it, from the results of the last tests; runs them if there are none
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, root, run, step } from "./lib.mjs";

const suites = ["node", "browser", "engines", "compat"];
const kinds = {
  Member: { title: "Members", column: "member" },
  Runtime: { title: "Runtimes", column: "runtime" },
  Bundler: { title: "Bundlers", column: "bundler" },
  Client: { title: "Clients", column: "client" },
};
/** More sentences are only counted. */
const mostSentences = 4;
const page = join(root, "docs/drop-in.md");
const marks = ["<!-- made by scripts/drop-in.mjs -->\n", "<!-- end -->"];

/** Where the tests of a suite leave what became of them: see reporter.mjs. */
export const resultsOf = (suite) => join(root, `build/results/${suite}.json`);

function readResults(suite) {
  const text = readFileSync(resultsOf(suite), "utf8");
  const { passed, failed } = JSON.parse(text);
  if (failed.length > 0) {
    fail(`no table while tests fail: ${failed.map(({ name }) => name).join("; ")}`);
  }
  return passed;
}

/** A row for each label, by kind. */
function readRows(tests) {
  const rows = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, new Map()]));
  for (const { name, file } of tests) {
    const match = /^(\w+) (.+?)(, difference)?: (.+)$/.exec(name);
    const [, kind, label, difference, sentence] = match ?? [];
    if (!Object.hasOwn(kinds, kind ?? "")) continue;
    if (!rows[kind].has(label)) {
      rows[kind].set(label, { sentences: [], differences: [], files: new Set() });
    }
    const row = rows[kind].get(label);
    (difference === undefined ? row.sentences : row.differences).push(sentence);
    row.files.add(file);
  }
  return rows;
}

const escaped = (text) => text.replaceAll(/[|*<\\]/g, "\\$&");

function toLine([label, { sentences, differences, files }]) {
  const isLong = sentences.length > mostSentences;
  const count = `${sentences.length} ${sentences.length === 1 ? "test" : "tests"}`;
  const tested = [
    ...(isLong ? [count] : sentences.map(escaped)),
    ...differences.map((sentence) => `**difference:** ${escaped(sentence)}`),
  ];
  const where = [...files].sort().map((file) => `\`${file}\``);
  return `| ${escaped(label)} | ${tested.join("<br>")} | ${where.join("<br>")} |`;
}

/** The tables of all kinds, as they stand in the page. */
function makeTables() {
  const tests = suites.flatMap(readResults).sort((a, b) => compare(a.file, b.file));
  const rows = readRows(tests);
  return Object.entries(kinds).map(([kind, { title, column }]) => {
    if (rows[kind].size === 0) fail(`no test is named "${kind} …"`);
    const lines = [...rows[kind]].sort(([a], [b]) => compare(a, b)).map(toLine);
    return [
      `### ${title}\n`,
      `| ${column} | what is tested | where |`,
      "| --- | --- | --- |",
      ...lines,
    ]
      .map((line) => `${line}\n`)
      .join("");
  });
}

const { compare } = new Intl.Collator("en", { numeric: true });

function pageWith(tables) {
  const text = readFileSync(page, "utf8");
  const [begin, end] = [text.indexOf(marks[0]) + marks[0].length, text.indexOf(marks[1])];
  if (begin < marks[0].length || end < begin) fail(`${page} has no place for the table`);
  return `${text.slice(0, begin)}\n${tables.join("\n")}\n${text.slice(end)}`;
}

/** The browsers are the machine's own: another version of one does not make the table old. */
const withoutBrowser = (text) => text.replaceAll(/(Chromium|Firefox|WebKitGTK) [\d.]+/g, "$1");

/** Ends the script if the table is not that of the last results. */
export function checkTable() {
  if (withoutBrowser(pageWith(makeTables())) === withoutBrowser(readFileSync(page, "utf8"))) return;
  fail("the table in docs/drop-in.md is not of these tests: run node scripts/drop-in.mjs");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Of tests that were interrupted there is an empty file.
  const hasResults = (suite) => statSync(resultsOf(suite), { throwIfNoEntry: false })?.size > 0;
  if (!suites.every(hasResults)) {
    run(process.execPath, [join(root, "scripts/test.mjs"), ...suites]);
  }
  writeFileSync(page, pageWith(makeTables()));
  step("wrote the table in docs/drop-in.md");
}
