// Finds what the build and the tests need, and installs what is missing: tools with apt where it
// may, packages with npm. Takes no time when nothing is missing.
//
//   node scripts/setup.mjs [build] [demo] [chat] [game] [browser] [engines] [compat] [test] [lint]
//     [docs] [bench] [fuzz] [newest]
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, lstatSync, readdirSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findDaemon, unpackPackages } from "./daemons.mjs";
import { chromiumOptions, fail, firefoxFile, root, runQuietly, step } from "./lib.mjs";

const oldestNode = 20;

/** What is needed for what, the Debian package that has it, and how to see that it is there. */
const tools = [
  { name: "Emscripten", package: "emscripten", for: ["build"], there: () => onPath("emcc") },
  { name: "CMake", package: "cmake", for: ["build"], there: () => onPath("cmake") },
  { name: "Ninja", package: "ninja-build", for: ["build"], there: () => onPath("ninja") },
  {
    name: "Chromium",
    package: "chromium",
    for: ["browser"],
    there: () => existsSync(chromiumOptions.executablePath),
  },
  {
    name: "Firefox",
    package: "firefox-esr",
    for: ["engines"],
    there: () => existsSync(firefoxFile),
  },
  {
    name: "WebKit",
    package: "webkit2gtk-driver",
    for: ["engines"],
    there: () => onPath("WebKitWebDriver"),
  },
  { name: "Xvfb", package: "xvfb", for: ["engines"], there: () => onPath("Xvfb") },
  { name: "a C++ compiler", package: "g++", for: ["native"], there: () => onPath("c++") },
  {
    name: "nlohmann/json",
    package: "nlohmann-json3-dev",
    for: ["native", "game"],
    there: () => header("nlohmann/json.hpp"),
  },
  {
    name: "Catch2",
    package: "catch2",
    for: ["native"],
    there: () => header("catch2/catch.hpp") || header("catch2/catch_test_macros.hpp"),
  },
  {
    name: "Boost",
    package: "libboost-dev",
    for: ["native"],
    there: () => header("boost/beast/websocket.hpp"),
  },
  {
    name: "OpenSSL",
    package: "libssl-dev",
    for: ["native"],
    there: () => header("openssl/ssl.h"),
  },
  { name: "pkg-config", package: "pkgconf", for: ["native"], there: () => onPath("pkg-config") },
  { name: "clang", package: "clang", for: ["fuzz"], there: () => onPath("clang++") },
  {
    name: "libFuzzer",
    package: "libclang-rt-dev",
    for: ["fuzz"],
    there: () => fuzzerLibrary(),
  },
  {
    name: "debootstrap",
    package: "debootstrap",
    for: ["newest"],
    there: () => onPath("debootstrap") || existsSync("/usr/sbin/debootstrap"),
  },
  { name: "Doxygen", package: "doxygen", for: ["docs"], there: () => onPath("doxygen") },
  { name: "curl", package: "curl", for: ["newest"], there: () => onPath("curl") },
  {
    name: "clang-format",
    package: "clang-format",
    for: ["lint"],
    there: () => onPath("clang-format"),
  },
];
/** They are unpacked, not installed. */
const daemons = [
  { name: "mosquitto", packages: ["mosquitto"], for: ["compat"] },
  { name: "nats-server", packages: ["nats-server"], for: ["compat"] },
  // The first has only a link to what is in the second.
  { name: "redis-server", packages: ["redis-server", "redis-tools"], for: ["chat"] },
];
const includes = {
  test: ["build", "demo", "chat", "browser", "engines", "native", "compat", "docs"],
  fuzz: ["build", "native"],
};

function onPath(command) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function header(path) {
  return ["/usr/include", "/usr/local/include"].some((folder) => existsSync(join(folder, path)));
}

function fuzzerLibrary() {
  const { stdout } = spawnSync("clang++", ["-print-runtime-dir"], { encoding: "utf8" });
  const folder = stdout?.trim();
  if (!folder || !existsSync(folder)) return false;
  return readdirSync(folder).some((name) => name.startsWith("libclang_rt.fuzzer"));
}

/** `sudo -n` if need be, or undefined if apt is not to be had. */
function aptPrefix() {
  if (!onPath("apt-get")) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = onPath("sudo") && spawnSync("sudo", ["-n", "true"]).status === 0;
  return sudo ? ["sudo", "-n"] : undefined;
}

const reading = "reading the list of packages";

async function apt(what, prefix, ...args) {
  const [command, ...rest] = [...prefix, "apt-get", ...args];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  await runQuietly(what, command, rest, { env });
}

async function installTools(missing) {
  const packages = missing.map((tool) => tool.package);
  const names = missing.map((tool) => tool.name).join(", ");
  const prefix = aptPrefix();
  if (prefix === undefined) {
    fail(`missing: ${names}. On Debian or Ubuntu: sudo apt-get install ${packages.join(" ")}`);
  }
  await apt(reading, prefix, "update");
  const options = ["-y", "--no-install-recommends"];
  await apt(`installing ${names}`, prefix, "install", ...options, ...packages);
  const still = missing.filter((tool) => !tool.there());
  if (still.length > 0) fail(`apt did not bring ${still.map((tool) => tool.name).join(", ")}`);
}

async function unpackDaemons() {
  // All of them: their folder is made anew.
  const names = daemons.flatMap((daemon) => daemon.packages);
  step(`unpacking ${names.join(", ")} …`);
  let error = unpackPackages(names);
  const prefix = error === undefined ? undefined : aptPrefix();
  if (prefix !== undefined) {
    await apt(reading, prefix, "update");
    error = unpackPackages(names);
  }
  if (error === undefined) return;
  fail(
    `missing: ${names.join(", ")}, and apt does not bring the packages of these names: ${error}`,
  );
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** @param folder - one with a package-lock.json, from the project's. */
async function installPackages(folder = ".") {
  const cwd = join(root, folder);
  const lock = join(cwd, "package-lock.json");
  // Somebody else's, who sees to it: see newest.mjs.
  if (isLink(join(cwd, "node_modules"))) return;
  const done = join(cwd, "node_modules/.package-lock.json");
  if (existsSync(done) && statSync(done).mtimeMs >= statSync(lock).mtimeMs) return;
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
  await runQuietly("installing npm packages", "npm", args, { cwd });
}

export async function setup(...purposes) {
  if (Number(process.versions.node.split(".")[0]) < oldestNode) {
    fail(`Node ${oldestNode} or newer is needed, this is ${process.versions.node}`);
  }
  const wanted = new Set(purposes.flatMap((purpose) => includes[purpose] ?? [purpose]));
  const missing = tools.filter((tool) => tool.for.some((f) => wanted.has(f)) && !tool.there());
  if (missing.length > 0) await installTools(missing);
  const isMissing = (daemon) => daemon.for.some((f) => wanted.has(f)) && !findDaemon(daemon.name);
  if (daemons.some(isMissing)) await unpackDaemons();
  await installPackages();
  // What the demo's servers run on.
  if (wanted.has("demo")) await installPackages("demo");
  // What the benchmark compares with: nothing else needs it.
  if (wanted.has("bench")) await installPackages("bench");
  // What the package is tried with.
  if (wanted.has("compat")) await installPackages("tests/compat");
  // What makes the reference.
  if (wanted.has("docs")) await installPackages("scripts/reference");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setup(...process.argv.slice(2));
