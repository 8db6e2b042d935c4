// Installs what is missing for the given purposes: tools with apt where it may, packages with npm.
// Takes no time if nothing is missing.
//
//   node scripts/setup.mjs [purpose ...]
import { spawnSync } from "node:child_process";
import { lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findDaemon, unpackDaemon } from "./daemons.mjs";
import { fail, readManifest, root, runQuietly, step } from "./lib.mjs";
import { aptPackages, howToInstall, missingTools, onPath, tools } from "./tools.mjs";

/** Every purpose, and those that it includes. The tools of each are in tools.mjs. */
const purposes = {
  build: [],
  core: [],
  native: ["core"],
  windows: ["native"],
  // The game's window on a desktop.
  sdl: ["native"],
  demo: [],
  chat: ["demo"],
  game: ["demo"],
  session: [],
  browser: [],
  engines: ["browser"],
  docs: [],
  compat: [],
  frameworks: ["browser"],
  bench: ["build", "browser", "native"],
  fuzz: ["core"],
  // The code blocks of the documentation, in every language.
  snippets: ["compat", "frameworks", "native"],
  // The demo is checked against the types of its packages.
  lint: ["demo"],
  newest: ["build", "browser", "demo", "native"],
};

/** Folders with a package-lock.json, and the purposes that need them beside the project's own. */
const packageFolders = {
  demo: "demo",
  bench: "bench",
  compat: "tests/compat",
  frameworks: "tests/frameworks",
  docs: "site",
  session: "examples/session-redis",
  snippets: "tests/docs",
};

/** `sudo -n` if that is needed, or undefined if apt cannot be used. */
function aptPrefix() {
  if (!onPath("apt-get")) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = onPath("sudo") && spawnSync("sudo", ["-n", "true"]).status === 0;
  return sudo ? ["sudo", "-n"] : undefined;
}

async function apt(prefix, what, ...args) {
  const [command, ...rest] = [...prefix, "apt-get", ...args];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runQuietly(what, command, rest, { env });
}

const updateApt = (prefix) => apt(prefix, "reading the list of packages", "update");

async function installTools(names) {
  const prefix = aptPrefix();
  if (prefix === undefined) {
    const needed = names.filter((name) => !tools[name].downloaded);
    if (needed.length > 0) fail(howToInstall(needed));
    return;
  }
  await updateApt(prefix);
  const options = ["install", "-y", "--no-install-recommends"];
  await apt(prefix, `installing ${names.join(", ")}`, ...options, ...aptPackages(names));
  const missing = missingTools(names);
  if (missing.length > 0) fail(`apt-get has not installed ${missing.join(", ")}`);
}

async function unpackDaemons(names) {
  if (!onPath("apt-get")) fail(howToInstall(names));
  step(`unpacking ${names.join(", ")} …`);
  let errors = names.map(unpackDaemon).filter(Boolean);
  const prefix = errors.length > 0 ? aptPrefix() : undefined;
  if (prefix !== undefined) {
    await updateApt(prefix);
    errors = names.map(unpackDaemon).filter(Boolean);
  }
  if (errors.length > 0) fail(`${howToInstall(names)} (${errors[0]})`);
}

async function installPackages(folder) {
  const cwd = join(root, folder);
  const installed = join(cwd, "node_modules");
  // A link leads to another tree's packages, which are installed there: see newest.mjs.
  if (lstatSync(installed, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const done = statSync(join(installed, ".package-lock.json"), { throwIfNoEntry: false });
  if (done?.mtimeMs >= statSync(join(cwd, "package-lock.json")).mtimeMs) return;
  const args = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  const { name } = JSON.parse(readFileSync(join(cwd, "package.json"), "utf8"));
  await runQuietly(`installing the npm packages of ${name}`, "npm", args, { cwd });
}

/** The given purposes with those that they include. */
function withIncluded(names) {
  return new Set(names.flatMap((name) => [name, ...withIncluded(purposes[name])]));
}

export async function setup(...names) {
  const { engines } = readManifest();
  const oldest = /\d+/.exec(engines.node)[0];
  if (Number.parseInt(process.versions.node, 10) < Number(oldest)) {
    fail(`Node must be ${oldest} or newer, got ${process.versions.node}`);
  }
  const unknown = names.find((name) => !Object.hasOwn(purposes, name));
  if (unknown !== undefined) {
    fail(`unknown purpose: ${unknown}; there are ${Object.keys(purposes).join(", ")}`);
  }
  const wanted = withIncluded(names);
  const needed = Object.keys(tools).filter((name) =>
    tools[name].purposes.some((p) => wanted.has(p)),
  );
  const isDaemon = (name) => tools[name].unpacked === true;
  const missing = missingTools(needed.filter((name) => !isDaemon(name)));
  if (missing.length > 0) await installTools(missing);
  const daemons = needed.filter((name) => isDaemon(name) && findDaemon(name) === undefined);
  if (daemons.length > 0) await unpackDaemons(daemons);
  const folders = Object.keys(packageFolders).filter((purpose) => wanted.has(purpose));
  await Promise.all([".", ...folders.map((name) => packageFolders[name])].map(installPackages));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup(...process.argv.slice(2));
