// Builds and installs the prerequisites of suites. Each step runs once, when the first suite needs
// it, and does nothing if nothing has changed.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { build, buildGame } from "../../scripts/build.mjs";
import { compile } from "../../scripts/cmake.mjs";
import { buildEnvironment, newest, packageFiles, root, runQuietly } from "../../scripts/lib.mjs";
import { mingwSettings } from "../../scripts/mingw.mjs";
import { sdlWebSettings } from "../../scripts/sdl-web.mjs";

const consumer = join(root, "build/consumer");
const packed = join(root, "build/packed");
const examples = join(root, "build/examples");

const steps = {
  package: installPackage,
  programs: compilePrograms,
  examples: installExamples,
  game: () => step("dist").then(buildGame),
  desktopGame: compileDesktopGame,
  conformance: compileConformance,
  windows: compileForWindows,
  chaosClient: () => compile("native-sanitize", "session_chaos_client"),
  dist: build,
  site: buildSite,
};

const begun = new Map();

/**
 * Runs the steps that suites name in `needs`, one after another.
 * @param {import("./plan.mjs").Task[]} tasks
 */
export async function prepare(...tasks) {
  for (const need of tasks.flatMap(({ suite }) => suite.needs)) await step(need);
}

function step(name) {
  if (!begun.has(name)) begun.set(name, steps[name]());
  return begun.get(name);
}

/** Compiles the C++ programs for the web that tests load. */
async function compilePrograms() {
  await step("dist");
  await compile("web", "programs_suite");
}

/** Compiles the game's programs for a desktop: the bot, and the one with a window. */
async function compileDesktopGame() {
  await compile("native-sanitize", "game_bot");
  await compile("native-sanitize", "game_desktop");
}

/** Compiles the conformance scenarios, natively and for the web. */
async function compileConformance() {
  await compile("native-sanitize", "conformance_suite");
  await step("dist");
  await compile("web", "conformance_suite", { settings: await sdlWebSettings() });
}

/** Cross-compiles the library and the programs of tests/windows with MinGW. */
async function compileForWindows() {
  await compile("windows", "windows_suite", { settings: await mingwSettings() });
}

/** The folder on GitHub Pages: the site must not depend on a server's root. */
const siteBase = "/steadysocket/";
const siteSources = () => [
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "bindings/src",
  "docs",
  "package.json",
  "scripts/docs.mjs",
  "sdk",
  ...readdirSync(join(root, "site"))
    .filter((name) => name !== "node_modules")
    .map((name) => `site/${name}`),
];

/** Builds the documentation site for that place. */
async function buildSite() {
  await step("dist");
  const stamp = join(root, "build/site-built");
  const version = String(newest(siteSources()));
  const built = join(root, "build/site/base");
  const isForPages = existsSync(built) && readFileSync(built, "utf8") === siteBase;
  if (isForPages && existsSync(stamp) && readFileSync(stamp, "utf8") === version) return;
  await runQuietly("building the site", process.execPath, [join(root, "scripts/docs.mjs")], {
    env: { ...buildEnvironment, STEADYSOCKET_SITE_BASE: siteBase },
  });
  writeFileSync(stamp, version);
}

/** Packs the package and installs the tarball, as a user would. Tests use this installation. */
async function installPackage() {
  await step("dist");
  const version = String(newest(packageFiles()));
  if (existsSync(packed) && readFileSync(packed, "utf8") === version) return;
  rmSync(consumer, { recursive: true, force: true });
  mkdirSync(consumer, { recursive: true });
  writeFileSync(join(consumer, "package.json"), '{ "private": true, "type": "module" }\n');
  await runQuietly("packing", "npm", ["pack", "--ignore-scripts", "--pack-destination", consumer]);
  const tarball = readdirSync(consumer).find((name) => name.endsWith(".tgz"));
  const args = ["install", "--offline", "--no-audit", "--no-fund", `./${tarball}`];
  await runQuietly("installing the package", "npm", args, { cwd: consumer });
  writeFileSync(packed, version);
}

/**
 * Installs the packages of all examples, and the packed package, into build/examples, where tests
 * copy the examples to.
 */
async function installExamples() {
  await step("package");
  const lock = join(root, "tests/examples/package-lock.json");
  const installed = join(examples, "node_modules");
  const done = statSync(join(installed, ".package-lock.json"), { throwIfNoEntry: false });
  if (!(done?.mtimeMs >= statSync(lock).mtimeMs)) {
    mkdirSync(examples, { recursive: true });
    copyFileSync(lock, join(examples, "package-lock.json"));
    copyFileSync(join(root, "tests/examples/package.json"), join(examples, "package.json"));
    const args = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
    await runQuietly("installing the npm packages of the examples", "npm", args, { cwd: examples });
  }
  const copy = join(installed, "steadysocket");
  rmSync(copy, { recursive: true, force: true });
  cpSync(join(consumer, "node_modules/steadysocket"), copy, { recursive: true });
}
