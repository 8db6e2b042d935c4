// npm run bench: sets up, builds, measures and prints. With names (npm run bench -- receive live)
// only those parts; with --save a whole run is written to bench/results.json.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, root, step } from "../scripts/lib.mjs";
import { Chromium } from "./chromium.mjs";
import { machine, versions } from "./machine.mjs";
import { parts } from "./parts.mjs";
import { toText } from "./report.mjs";

const names = process.argv.slice(2).filter((name) => name !== "--save");
const save = process.argv.includes("--save");
const unknown = names.find((name) => !Object.hasOwn(parts, name));
if (unknown !== undefined) {
  fail(`no part "${unknown}"; there are ${Object.keys(parts).join(", ")}`);
}
if (save && names.length > 0) fail("--save takes a whole run");

const results = {
  date: new Date().toISOString(),
  machine: machine(),
  versions: versions(),
  tables: [],
};
console.log(`${results.machine}; ${Object.entries(results.versions).flat().join(" ")}`);
// An interrupted run ends its browser, too: that listens to the end of the process.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));
const chromium = await Chromium.start();
try {
  for (const [name, measure] of Object.entries(parts)) {
    if (names.length > 0 && !names.includes(name)) continue;
    step(`measuring: ${name} …`);
    for (const table of await measure(chromium)) {
      results.tables.push({ part: name, ...table });
      console.log(toText(table));
    }
  }
} finally {
  await chromium.stop();
}
if (save) {
  writeFileSync(join(root, "bench/results.json"), `${JSON.stringify(results, null, 2)}\n`);
  step("written to bench/results.json; node bench/chart.mjs puts it into the documents");
}
