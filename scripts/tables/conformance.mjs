// The table in docs/design/conformance.md: the scenarios that have passed on each platform. It is made of the tests
// that are named "World label: sentence".
//
//   node scripts/tables/conformance.mjs   writes it, from the results of the last tests; runs them if there are none
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, root } from "../lib.mjs";
import { checkPage, escaped, needResults, readResults, writePage } from "./tables.mjs";

const suites = ["conformance"];
const page = join(root, "docs/design/conformance.md");

function makeTables() {
  const worlds = new Set();
  const rows = new Map();
  for (const { name } of suites.flatMap(readResults)) {
    const [, world, sentence] = /^World (.+?): (.+)$/.exec(name) ?? [];
    if (world === undefined) continue;
    worlds.add(world);
    rows.set(sentence, (rows.get(sentence) ?? new Set()).add(world));
  }
  if (rows.size === 0) fail('no test is named "World …"');
  const lines = [...rows].map(([sentence, passed]) => {
    const cells = [...worlds].map((world) => (passed.has(world) ? "yes" : "no"));
    return `| ${[escaped(sentence), ...cells].join(" | ")} |`;
  });
  const head = `| scenario | ${[...worlds].join(" | ")} |`;
  const rule = `| --- |${" --- |".repeat(worlds.size)}`;
  return [[head, rule, ...lines].map((line) => `${line}\n`).join("")];
}

/** Fails if the table differs from the last results. */
export function checkConformance() {
  needResults(suites);
  checkPage(page, makeTables());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  needResults(suites);
  writePage(page, makeTables());
}
