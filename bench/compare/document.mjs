// Writes the tables of docs/coming-from/comparison.md from bench/compare/results.json. Numbers differ
// between runs, so only the form can be stale: a scenario, a command or a version.
//
//   node bench/compare/document.mjs [--write]   checks, or writes
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, root, step } from "../../scripts/lib.mjs";
import { fillIn } from "../../scripts/marks.mjs";
import { toMarkdown } from "../report.mjs";
import { scenarios } from "./scenarios.mjs";

const page = join(root, "docs/coming-from/comparison.md");
const compared = ["partysocket", "reconnecting-websocket", "socket.io", "socket.io-client", "ws"];

const read = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));

/** The page with the tables of the results. */
function filled(document, { tables, versions }) {
  const own = ["steadysocket", "Node", "Chromium"].map((name) => `${name} ${versions[name]}`);
  const others = compared.map((name) => `${name} ${versions[name]}`);
  const run = `Measured with ${[...own, ...others].join(", ")}.`;
  return Object.keys(scenarios).reduce(
    (text, name) => {
      const ofScenario = tables.filter(({ part }) => part === name);
      const content = ofScenario.map(toMarkdown).join("\n\n");
      return fillIn(text, `bench:${name}`, `\n${content}\n`, page);
    },
    fillIn(document, "bench:run", `\n${run}\n`, page),
  );
}

/** Faults in the form of the page or of the results. */
function faultsOf(document, { tables, versions }) {
  const pinned = read("bench/package.json").dependencies;
  return [
    ...Object.keys(scenarios).flatMap((name) => [
      ...(tables.some(({ part }) => part === name) ? [] : [`no result of ${name}`]),
      ...(document.includes(`\`npm run bench -- compare ${name}\``) ? [] : [`no command: ${name}`]),
    ]),
    ...compared
      .filter((name) => versions[name] !== pinned[name])
      .map((name) => `measured with ${name} ${versions[name]}, not ${pinned[name]}`),
  ];
}

const results = read("bench/compare/results.json");
const document = readFileSync(page, "utf8");
const wanted = filled(document, results);
const faults = faultsOf(document, results);
if (process.argv.includes("--write")) {
  writeFileSync(page, wanted);
  step("wrote the tables of docs/coming-from/comparison.md");
} else if (wanted !== document) {
  faults.push("its tables are not those of the results: node bench/compare/document.mjs --write");
}
if (faults.length > 0) fail(`docs/coming-from/comparison.md:\n  ${faults.join("\n  ")}`);
