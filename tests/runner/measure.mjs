// npm run test:measure: measures the duration of the tests in a clean clone of HEAD with the tools
// installed (no ccache; npm's cache is used), and fails if a limit is exceeded.
//
//   node tests/runner/measure.mjs         npm test, its log, one changed test file in Node and C++
//   node tests/runner/measure.mjs --all   also npm run test:all and .ci/run, an hour and a half
//   node tests/runner/measure.mjs --repeat 20 --busy
//                                      only npm test, 20 times, beside two busy loops
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fail, root, step } from "../../scripts/lib.mjs";

const minutes = 60;
const changed = {
  "node/request": "tests/node/request.test.mjs",
  "core/router": "tests/core/router_test.cpp",
};

const { values: options } = parseArgs({
  options: {
    all: { type: "boolean" },
    busy: { type: "boolean" },
    repeat: { type: "string" },
  },
});
const repeats = Number(options.repeat ?? 0);
if (!Number.isInteger(repeats) || repeats < 0) {
  fail(`--repeat must be a whole number, got ${options.repeat}`);
}

const folder = mkdtempSync(join(tmpdir(), "steadysocket-measure-"));
const clone = join(folder, "clone");
const children = new Set();
const rows = [];
let hasFailed = false;

/** Starts a command in its own process group, which is terminated with this process. */
function start(command, args, stdio) {
  const env = { ...process.env, CCACHE_DISABLE: "1" };
  const child = spawn(command, args, { cwd: clone, env, stdio, detached: true });
  children.add(child);
  child.on("exit", () => children.delete(child));
  return child;
}

function stop() {
  for (const { pid } of children) process.kill(-pid, "SIGTERM");
}

/** Runs a command in the clone, with its output in a log file. */
async function measure(name, command, ...args) {
  step(`${[command, ...args].join(" ")} …`);
  const log = join(folder, `${name}.log`);
  const output = openSync(log, "w");
  const began = Date.now();
  const [code] = await once(start(command, args, ["ignore", output, output]), "exit");
  const result = { passed: code === 0, seconds: (Date.now() - began) / 1000, log, began };
  if (!result.passed) {
    hasFailed = true;
    console.error([`failed, see ${log}`, ...failedTests(began)].join("\n  "));
  }
  return result;
}

/** The failed tests in results written since then: see results-reporter.mjs. */
function failedTests(since) {
  const results = join(clone, "build/results");
  if (!existsSync(results)) return [];
  return readdirSync(results)
    .filter((name) => name.endsWith(".json"))
    .map((name) => join(results, name))
    .filter((file) => statSync(file).mtimeMs >= since && statSync(file).size > 0)
    .flatMap((file) => JSON.parse(readFileSync(file, "utf8")).failed)
    .map(({ file, name }) => `${file}: ${name}`);
}

function compare(name, value, limit, unit) {
  const [measured, allowed] = [Math.ceil(value), limit].map((number) => `${number} ${unit}`);
  rows.push({ name, measured, limit: allowed, result: value <= limit ? "reached" : "MISSED" });
  if (value > limit) hasFailed = true;
}

async function measureOnce() {
  const { seconds, log } = await measure("test", "npm", "test");
  compare("npm test", seconds, 6 * minutes, "s");
  compare("its log", statSync(log).size / 1000, 200, "KB");
  for (const [test, file] of Object.entries(changed)) {
    appendFileSync(join(clone, file), "\n// Changed.\n");
    const again = await measure(test.replace("/", "-"), "npm", "test", "--", test);
    compare(`npm test -- ${test}, changed`, again.seconds, 30, "s");
  }
  if (!options.all) return;
  const all = await measure("all", "npm", "run", "test:all");
  compare("npm run test:all", all.seconds, 25 * minutes, "s");
  // .ci/run also checks the format of files.
  execFileSync("git", ["checkout", "-q", "."], { cwd: clone });
  const ci = await measure("ci", ".ci/run");
  compare(".ci/run", ci.seconds, 60 * minutes, "s");
}

async function repeat() {
  for (let index = 1; index <= repeats; ++index) {
    const { passed, seconds } = await measure(`test-${index}`, "npm", "test");
    const result = passed ? "passed" : "FAILED";
    rows.push({ run: index, result, seconds: Math.ceil(seconds) });
    console.log(`${index} of ${repeats}: ${result}, ${Math.ceil(seconds)} s`);
  }
}

process.on("exit", stop);
for (const [signal, code] of Object.entries({ SIGINT: 130, SIGTERM: 143 })) {
  process.on(signal, () => process.exit(code));
}
execFileSync("git", ["clone", "-q", root, clone]);
if (options.busy) {
  // They end with this process even if it is killed.
  const loop = "const parent = process.ppid; while (process.ppid === parent);";
  for (let count = 0; count < 2; ++count) start(process.execPath, ["-e", loop], "ignore");
}
await (repeats > 0 ? repeat() : measureOnce());
console.table(rows);
if (hasFailed) fail(`the clone and the logs are in ${folder}`);
rmSync(folder, { recursive: true });
process.exit();
