// npm test: sets up, builds, and runs every test. With names (cpp, package, node, chat, game,
// conformance, browser, engines, compat, endurance) only those.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, configureWeb } from "./build.mjs";
import { buildBot, buildGame } from "./build-game.mjs";
import { checkConformance } from "./conformance.mjs";
import { checkTable } from "./drop-in.mjs";
import { fail, root, run, runQuietly, step } from "./lib.mjs";
import { setup } from "./setup.mjs";
import { resultsOf } from "./tables.mjs";

const suites = {
  cpp: testCpp,
  package: testPackage,
  node: testNode,
  chat: testChat,
  game: testGame,
  conformance: testConformance,
  browser: testBrowser,
  engines: testEngines,
  compat: testCompat,
  endurance: testEndurance,
};

/** What has to be set up: see setup.mjs. Everything, unless nothing but these is wanted. */
function purposes() {
  const few = ["cpp", "package", "node"];
  const needsFew = wanted.length > 0 && wanted.every((name) => few.includes(name));
  return needsFew ? ["build", "native"] : ["test"];
}

const nativePreset = "native-sanitize";

async function compileNative() {
  await runQuietly("preparing the native build", "cmake", ["--preset", nativePreset]);
  await runQuietly("compiling the native tests", "cmake", ["--build", "--preset", nativePreset]);
}

function testPackage() {
  step("testing the C++ library in programs outside of the project");
  runNodeTests("package", "tests/package");
}

async function compileWeb() {
  await configureWeb();
  // Again, if that was before there was nlohmann/json.
  await runQuietly("preparing the web tests", "cmake", ["--preset", "web"]);
  await runQuietly("compiling the web tests", "cmake", ["--build", "--preset", "web"]);
}

async function testCpp() {
  await compileNative();
  step("testing the core, under ASan and UBSan");
  run("ctest", ["--preset", nativePreset, "--parallel", "2", "--progress"]);
}

async function testNode() {
  await compileWeb();
  await installPacked();
  step("testing the package in Node");
  runNodeTests("node", "tests/node");
}

async function testChat() {
  await installPacked();
  step("testing the chat's server");
  runNodeTests("chat", "demo/chat/tests/server", "demo/common/tests");
}

async function testGame() {
  await buildGame();
  step("testing the game's server");
  runNodeTests("game", "demo/game/tests/server");
}

async function testConformance() {
  await compileNative();
  await compileWeb();
  step("testing natively and in WebAssembly, by one suite");
  runNodeTests("conformance", "tests/conformance");
}

async function testBrowser() {
  await installPacked();
  await buildGame();
  // As the core's tests are compiled: under ASan and UBSan.
  await buildBot(nativePreset);
  step("testing in Chromium");
  runNodeTests(
    "browser",
    "tests/interface",
    "tests/browser",
    "demo/chat/tests/page",
    "demo/game/tests/page",
  );
}

async function testEngines() {
  await installPacked();
  step("testing in Chromium, Firefox and WebKit");
  runNodeTests("engines", "tests/engines", "demo/chat/tests/engines");
}

async function testCompat() {
  await installPacked();
  step("testing with bundlers, runtimes and clients");
  const parts = readdirSync(join(root, "tests/compat"), { withFileTypes: true });
  const names = parts.filter((part) => part.isDirectory() && part.name !== "node_modules");
  runNodeTests("compat", ...names.map((part) => `tests/compat/${part.name}`));
}

/** By itself: it takes the whole machine for three minutes. */
function testEndurance() {
  step("testing the chat for two minutes of restarts");
  runNodeTests("endurance", "demo/chat/tests/endurance");
}

function runNodeTests(suite, ...folders) {
  const results = resultsOf(suite);
  mkdirSync(dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".test.mjs"))
      .map((name) => join(folder, name)),
  );
  run(process.execPath, [
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${pathToFileURL(join(root, "scripts/reporter.mjs"))}`,
    `--test-reporter-destination=${results}`,
    "--test-concurrency=2",
    // Of a test, and of a whole file, which may build programs one after the other.
    "--test-timeout=600000",
    ...files,
  ]);
}

let installed = false;

/** Packs the package and installs the tarball as a user would: that is what is tested. */
async function installPacked() {
  if (installed) return;
  installed = true;
  const consumer = join(root, "build/consumer");
  rmSync(consumer, { recursive: true, force: true });
  mkdirSync(consumer, { recursive: true });
  writeFileSync(join(consumer, "package.json"), '{ "private": true, "type": "module" }\n');
  await runQuietly("packing", "npm", ["pack", "--ignore-scripts", "--pack-destination", consumer]);
  const tarball = readdirSync(consumer).find((name) => name.endsWith(".tgz"));
  await runQuietly(
    "installing the package",
    "npm",
    ["install", "--offline", "--no-audit", "--no-fund", `./${tarball}`],
    { cwd: consumer },
  );
}

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !Object.hasOwn(suites, name));
if (unknown !== undefined)
  fail(`no suite "${unknown}"; there are ${Object.keys(suites).join(", ")}`);
await setup(...purposes());
await build();
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length === 0 || wanted.includes(name)) await suite();
}
if (wanted.length === 0) {
  checkTable();
  checkConformance();
}
