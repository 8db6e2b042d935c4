// The tables in docs/reference/compatibility.md: members, runtimes, bundlers and clients with their
// tests. A row is made of the tests that are named "Kind label: sentence" or
// "Kind label, difference: sentence".
//
//   node scripts/tables/compatibility.mjs   writes it, from the results of the last tests; runs them if there are none
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, root } from "../lib.mjs";
import { checkPage, escaped, inOrder, needResults, readResults, writePage } from "./tables.mjs";

const suites = ["node", "interface", "browser", "engines", "compat"];
const kinds = {
  Member: { title: "Members", column: "member" },
  Runtime: { title: "Runtimes", column: "runtime" },
  Bundler: { title: "Bundlers", column: "bundler" },
  Client: { title: "Clients", column: "client" },
};
/** With more tests only the files are named: the number would change with every new test. */
const mostSentences = 4;
const page = join(root, "docs/reference/compatibility.md");
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

function toLine([label, { sentences, differences, files }]) {
  const isLong = sentences.length > mostSentences;
  const tested = [
    ...(isLong ? [`more than ${mostSentences} tests`] : sentences.map(escaped)),
    ...differences.map((sentence) => `**difference:** ${escaped(sentence)}`),
  ];
  const where = [...files].sort().map((file) => `\`${file}\``);
  return `| ${escaped(label)} | ${tested.join("<br>")} | ${where.join("<br>")} |`;
}

/** The tables of all kinds, as in the page. */
function makeTables() {
  const tests = suites.flatMap(readResults).sort((a, b) => inOrder(a.file, b.file));
  const rows = readRows(tests);
  return Object.entries(kinds).map(([kind, { title, column }]) => {
    if (rows[kind].size === 0) fail(`no test is named "${kind} …"`);
    const lines = [...rows[kind]].sort(([a], [b]) => inOrder(a, b)).map(toLine);
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

/** Fails if the tables differ from the last results. */
export function checkCompatibility() {
  needResults(suites);
  checkPage(page, makeTables());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  needResults(suites);
  writePage(page, makeTables());
}
