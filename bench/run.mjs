// npm run bench: sets up, builds, measures and prints. With names (npm run bench -- receive live)
// only those parts; with `compare` the scenarios of compare/ instead, which run the libraries
// through outages and failures (npm run bench -- compare away). With --save the tables replace those
// of the same parts in bench/results.json or bench/compare/results.json.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, root, step } from "../scripts/lib.mjs";
import { Chromium } from "./chromium.mjs";
import { scenarios, waiting } from "./compare/scenarios.mjs";
import { machine, versions } from "./machine.mjs";
import { parts } from "./parts.mjs";
import { toText } from "./report.mjs";

const args = process.argv.slice(2).filter((name) => name !== "--save");
const save = process.argv.includes("--save");
const isComparison = args[0] === "compare";
const all = isComparison ? scenarios : parts;
const names = isComparison ? args.slice(1) : args;
const file = isComparison ? "bench/compare/results.json" : "bench/results.json";
const toDocuments = isComparison ? "bench/compare/document.mjs --write" : "bench/chart.mjs --write";
const unknown = names.find((name) => !Object.hasOwn(all, name));
if (unknown !== undefined) {
  const known = Object.keys(all).join(", ");
  fail(`no ${isComparison ? "scenario" : "part"} "${unknown}"; there are ${known}`);
}

/** Adds the recorded tables of the parts that were not measured, in the order of a full run. */
function keepOthers(results) {
  const { machine, tables } = JSON.parse(readFileSync(join(root, file), "utf8"));
  // Sizes do not depend on the machine.
  if (machine !== results.machine && names.some((name) => name !== "size")) {
    fail(`the other parts were measured on ${machine}`);
  }
  results.machine = machine;
  const others = tables.filter(({ part }) => !names.includes(part));
  const place = ({ part }) => Object.keys(all).indexOf(part);
  results.tables = [...others, ...results.tables].sort((a, b) => place(a) - place(b));
}

const results = {
  date: new Date().toISOString(),
  machine: machine(),
  versions: versions(),
  tables: [],
};
console.log(`${results.machine}; ${Object.entries(results.versions).flat().join(" ")}`);
// Also ends the browser of an interrupted run, which listens for the exit of the process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
const chromium = await Chromium.start();
try {
  const chosen = Object.keys(all).filter((name) => names.length === 0 || names.includes(name));
  const beside = chosen.filter((name) => Object.hasOwn(waiting, name) && isComparison);
  const started = new Map(beside.map((name) => [name, all[name](chromium)]));
  for (const name of chosen) {
    step(`measuring: ${name} …`);
    for (const table of await (started.get(name) ?? all[name](chromium))) {
      results.tables.push({ part: name, ...table });
      console.log(toText(table));
    }
  }
} finally {
  await chromium.stop();
}
if (save) {
  if (names.length > 0) keepOthers(results);
  writeFileSync(join(root, file), `${JSON.stringify(results, null, 2)}\n`);
  step(`written to ${file}; node ${toDocuments} puts it into the documents`);
}
