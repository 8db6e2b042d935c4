// npm run test:newest: builds the package, the C++ programs of the tests and a program outside of the
// project with the newest Emscripten, and runs the tests of the package against what it made. The
// compiler is the one of Debian testing, in a folder of its own (build/newest/root, 1.5 GB, made once
// by debootstrap); the tests run outside of that. `--again` makes the folder anew.
//
// Exits with 69 where that cannot be had, and says why: it takes root, and Debian's archive.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { root, run, runQuietly, step } from "./lib.mjs";
import { setup } from "./setup.mjs";

const folder = join(root, "build/newest");
/** Debian testing. */
const system = join(folder, "root");
/** A copy of the project, which is built there. */
const tree = join(folder, "tree");
/** What stands in front of the PATH: tools that run in the system. */
const tools = join(folder, "bin");
const temporary = join(folder, "tmp");

// g++: one of the tests builds for a desktop what is installed for the web.
const packages = ["emscripten", "cmake", "ninja-build", "nlohmann-json3-dev", "g++"];
const mirror = "http://deb.debian.org/debian";

/** EX_UNAVAILABLE of sysexits.h. */
const unavailable = 69;

function giveUp(reason) {
  console.error(`
steadysocket: NOT TESTED WITH THE NEWEST EMSCRIPTEN: ${reason}
`);
  process.exit(unavailable);
}

function orGiveUp(what, command, args) {
  return runQuietly(what, command, args, { onFailure: giveUp });
}

/** Runs a command in the system, which sees the project where it is. Nothing stays mounted. */
function inSystem(command) {
  const binds = [root, "/proc", "/dev"].map(
    (path) => `mkdir -p "${system}${path}" && mount --rbind "${path}" "${system}${path}"`,
  );
  const variables = `PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive NODE_PATH=/usr/share/nodejs TMPDIR="${temporary}"`;
  return [...binds, `exec chroot "${system}" env -i ${variables} ${command}`].join(" && ");
}

/** In a mount namespace of its own: what is mounted in there goes with it, however it ends. */
const privately = ["--mount", "--propagation", "private", "sh", "-ec"];

async function makeSystem() {
  if (existsSync(system)) return;
  if (!works("unshare", [...privately, `mount --rbind /proc /proc`])) {
    giveUp("a folder cannot be mounted here, not even privately");
  }
  if (!works("curl", ["-sfI", "--max-time", "20", `${mirror}/dists/testing/Release`])) {
    giveUp(`${mirror} is not to be reached`);
  }
  // Under its name only when it is complete.
  const unfinished = `${system}.unfinished`;
  removeSystem(unfinished);
  const bootstrap = ["--variant=minbase", "testing", unfinished, mirror];
  await orGiveUp("making a Debian testing in build/newest", "debootstrap", bootstrap);
  const install = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const script = `DEBIAN_FRONTEND=noninteractive ${install}`;
  await orGiveUp(`installing ${packages[0]} in it`, "chroot", [unfinished, "sh", "-ec", script]);
  renameSync(unfinished, system);
}

function works(command, args) {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

/** Nothing may be mounted below: it would be removed, too. */
function removeSystem(path) {
  rmSync(path, { recursive: true, force: true });
}

/** What is made of the project, and what is installed for it. */
const left = new Set(["node_modules", "build", "dist", ".git"]);

/**
 * Makes `to` what `from` is. What is the same stays as it is: what was built of it before is newer. So
 * is what is not the same, whenever it was written.
 */
function copyFolder(from, to) {
  mkdirSync(to, { recursive: true });
  const entries = readdirSync(from, { withFileTypes: true }).filter(({ name }) => !left.has(name));
  const names = new Set(entries.map(({ name }) => name));
  for (const name of readdirSync(to)) {
    if (!names.has(name) && !left.has(name)) rmSync(join(to, name), { recursive: true });
  }
  for (const entry of entries) {
    const [source, copy] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, copy);
    else if (!isSame(source, copy)) writeFileSync(copy, readFileSync(source));
  }
}

function isSame(one, other) {
  return existsSync(other) && readFileSync(one).equals(readFileSync(other));
}

function copyProject() {
  copyFolder(root, tree);
  // What was installed for the project does for its copy.
  for (const installed of ["node_modules", "demo/node_modules"]) {
    if (existsSync(join(tree, installed))) continue;
    symlinkSync(join(root, installed), join(tree, installed));
  }
}

/** Puts what builds into a folder for the PATH, as commands of the system. */
function makeTools() {
  mkdirSync(tools, { recursive: true });
  for (const name of ["cmake", "emcmake"]) {
    const file = join(tools, name);
    const command = inSystem(`sh -c 'cd "$0" && exec "$@"' "$PWD" ${name} "$@"`);
    const quoted = command.replaceAll("'", "'\\''");
    writeFileSync(file, `#!/bin/sh\nexec unshare ${privately.join(" ")} '${quoted}' sh "$@"\n`);
    chmodSync(file, 0o755);
  }
}

function testFiles(suite, isWanted) {
  return readdirSync(join(tree, "tests", suite))
    .filter((name) => name.endsWith(".test.mjs") && isWanted(name))
    .map((name) => join("tests", suite, name));
}

if (process.platform !== "linux" || process.getuid() !== 0) {
  giveUp("it takes root, on Linux");
}
await setup("newest", "build", "demo", "browser");
if (process.argv.includes("--again")) removeSystem(system);
mkdirSync(temporary, { recursive: true });
await makeSystem();
const asked = [...privately, inSystem("emcc --version")];
const { stdout } = spawnSync("unshare", asked, { encoding: "utf8" });
const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
if (version === undefined) giveUp(`the Emscripten in ${system} does not run`);
step(`testing with Emscripten ${version}`);
copyProject();
makeTools();
const options = {
  cwd: tree,
  env: { ...process.env, PATH: `${tools}:${process.env.PATH}`, TMPDIR: temporary },
};
run(process.execPath, ["scripts/test.mjs", "node"], options);
run(
  process.execPath,
  [
    "--test",
    "--test-reporter=spec",
    "--test-concurrency=2",
    "--test-timeout=600000",
    // Not those of the demos.
    ...testFiles("browser", (name) => !/^(chat|game)/.test(name)),
    ...testFiles("package", (name) => name.startsWith("web")),
  ],
  options,
);
step(`the package passes with Emscripten ${version}`);
