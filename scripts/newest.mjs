// npm run test:newest: builds and tests a copy of the project (build/newest/tree) with the newest
// Emscripten. That is Debian testing's, in its own system (build/newest/root, 1.5 GB, created once
// by debootstrap); the tests run outside of it. `-- --again` recreates the system, and
// `-- SUITE[/FILE] …` runs these tests only.
//
// Exits with 69, and the reason, if that is impossible: it needs root, on Linux, and Debian's archive.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { root, run, runQuietly, step } from "./lib.mjs";
import { setup } from "./setup.mjs";

const folder = join(root, "build/newest");
const system = join(folder, "root");
const tree = join(folder, "tree");
/** First on the PATH of the tests: programs that run in the system. */
const programs = join(folder, "bin");
const temporary = join(folder, "tmp");

// g++: a test of tests/package builds for the desktop from what is installed for the web.
const packages = ["emscripten", "cmake", "ninja-build", "nlohmann-json3-dev", "g++"];
const mirror = "http://deb.debian.org/debian";

/** EX_UNAVAILABLE of sysexits.h. */
const unavailable = 69;

function giveUp(reason) {
  console.error(`\nsteadysocket: NOT TESTED WITH THE NEWEST EMSCRIPTEN: ${reason}\n`);
  process.exit(unavailable);
}

const orGiveUp = (what, command, args) => runQuietly(what, command, args, { onFailure: giveUp });

const works = (command, args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** Arguments of unshare: a script's mounts vanish with it, however it ends. */
const privately = ["--mount", "--propagation", "private", "sh", "-ec"];

/** A shell script that runs a command in the system, which has the project at the same path. */
function inSystem(command) {
  const binds = [root, "/proc", "/dev"].map(
    (path) => `mkdir -p "${system}${path}" && mount --rbind "${path}" "${system}${path}"`,
  );
  const variables = `PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive NODE_PATH=/usr/share/nodejs TMPDIR="${temporary}" EM_PORTS="${temporary}/ports"`;
  return [...binds, `exec chroot "${system}" env -i ${variables} ${command}`].join(" && ");
}

async function makeSystem() {
  if (existsSync(system)) return;
  if (!works("unshare", [...privately, "mount --rbind /proc /proc"])) {
    giveUp("folders cannot be mounted here, not even privately");
  }
  if (!works("curl", ["-sfI", "--max-time", "20", `${mirror}/dists/testing/Release`])) {
    giveUp(`${mirror} is unreachable`);
  }
  // Renamed once it is complete.
  const unfinished = `${system}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const bootstrap = ["--variant=minbase", "testing", unfinished, mirror];
  await orGiveUp("making a Debian testing in build/newest", "debootstrap", bootstrap);
  const install = `apt-get install -y --no-install-recommends ${packages.join(" ")}`;
  const script = `DEBIAN_FRONTEND=noninteractive ${install}`;
  await orGiveUp(`installing ${packages[0]} in it`, "chroot", [unfinished, "sh", "-ec", script]);
  renameSync(unfinished, system);
}

/** Keeps the times of files, so that only what has changed is built again. */
function copyProject() {
  const isSource = (path) => !["node_modules", "build", "dist", ".git"].includes(basename(path));
  const options = { recursive: true, preserveTimestamps: true, filter: isSource };
  mkdirSync(tree, { recursive: true });
  for (const name of readdirSync(tree).filter(isSource))
    rmSync(join(tree, name), { recursive: true });
  for (const name of readdirSync(root).filter(isSource)) {
    cpSync(join(root, name), join(tree, name), options);
  }
  for (const installed of ["node_modules", "demo/node_modules"]) {
    rmSync(join(tree, installed), { force: true });
    symlinkSync(join(root, installed), join(tree, installed));
  }
}

function makePrograms() {
  mkdirSync(programs, { recursive: true });
  for (const name of ["cmake", "emcc", "emcmake"]) {
    const command = inSystem(`sh -c 'cd "$0" && exec "$@"' "$PWD" ${name} "$@"`);
    const quoted = command.replaceAll("'", "'\\''");
    const script = `#!/bin/sh\nexec unshare ${privately.join(" ")} '${quoted}' sh "$@"\n`;
    writeFileSync(join(programs, name), script, { mode: 0o755 });
  }
}

if (process.platform !== "linux" || process.getuid() !== 0) giveUp("it needs root, on Linux");
await setup("newest");
if (process.argv.includes("--again")) rmSync(system, { recursive: true, force: true });
// With the ports of an earlier run, which emcc would use again.
rmSync(temporary, { recursive: true, force: true });
mkdirSync(temporary, { recursive: true });
await makeSystem();
const asked = [...privately, inSystem("emcc --version")];
const { stdout } = spawnSync("unshare", asked, { encoding: "utf8" });
const version = /\d+\.\d+\.\d+/.exec(stdout)?.[0];
if (version === undefined) giveUp(`the Emscripten in ${system} does not run`);
step(`testing with Emscripten ${version}`);
copyProject();
makePrograms();
const all = ["node", "interface", "browser", "package/web", "package/web-threads", "package/port"];
const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
run(process.execPath, ["tests/runner/run.mjs", ...(chosen.length > 0 ? chosen : all)], {
  cwd: tree,
  env: { ...process.env, PATH: `${programs}:${process.env.PATH}`, TMPDIR: temporary },
});
step(`the package passes with Emscripten ${version}`);
