// Every program and library that the build and the tests use: the purposes of setup.mjs that need
// it, how it is found, and the packages that install it.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, isAbsolute, join, resolve } from "node:path";
import { fail } from "./lib.mjs";

/**
 * @typedef {object} Search - How it is found if not by its name on the PATH.
 * @property {string} [variable] - Of the environment, which is asked first.
 * @property {string[]} [commands] - Names on the PATH, and absolute paths.
 * @property {string[]} [headers] - A library: it has one of these.
 * @property {string} [module] - A library of Python: `commands` that can import it.
 * @property {boolean} [downloaded] - CMake downloads it if it is missing.
 * @property {boolean} [unpacked] - A server: see daemons.mjs.
 */

/**
 * @param {string} purposes
 * @param {string} apt - Packages of Debian and Ubuntu.
 * @param {string | undefined} brew - Packages of Homebrew.
 * @param {Search} search
 */
const tool = (purposes, apt, brew, search = {}) => ({
  purposes: purposes.split(" "),
  apt: apt.split(" "),
  brew,
  ...search,
});

/** Its place in an activated emsdk: see cmake/emscripten.cmake. */
const emsdk = process.env.EMSDK ? [resolve(process.env.EMSDK, "upstream/emscripten/emcc")] : [];

const chromiums = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const firefoxes = ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];
const redises = ["redis-server", "valkey-server"];

export const tools = {
  emcc: tool("build", "emscripten", "emscripten", { commands: ["emcc", ...emsdk] }),
  cmake: tool("build core", "cmake", "cmake"),
  ninja: tool("build core", "ninja-build", "ninja", { commands: ["ninja", "ninja-build", "samu"] }),
  "c++": tool("core", "g++", "gcc", { commands: ["c++", "g++", "clang++"] }),
  "nlohmann/json": tool("core game", "nlohmann-json3-dev", "nlohmann-json", {
    headers: ["nlohmann/json.hpp"],
  }),
  Catch2: tool("core", "catch2", "catch2", {
    headers: ["catch2/catch.hpp", "catch2/catch_test_macros.hpp"],
    downloaded: true,
  }),
  Boost: tool("native", "libboost-dev", "boost", { headers: ["boost/beast/websocket.hpp"] }),
  OpenSSL: tool("native", "libssl-dev", "openssl", { headers: ["openssl/ssl.h"] }),
  make: tool("native", "make", "make"),
  SDL2: tool("sdl", "libsdl2-dev", "sdl2", { headers: ["SDL2/SDL.h"] }),
  "pkg-config": tool("native", "pkgconf", "pkgconf"),
  Chromium: tool("browser", "chromium", "google-chrome", {
    variable: "CHROMIUM",
    commands: chromiums,
  }),
  Firefox: tool("engines", "firefox-esr", "firefox", { variable: "FIREFOX", commands: firefoxes }),
  WebKitWebDriver: tool("engines", "webkit2gtk-driver", undefined, {
    variable: "WEBKIT_WEBDRIVER",
  }),
  Xvfb: tool("engines", "xvfb", undefined, { variable: "XVFB" }),
  // Debian's redis-server has only a link to the program, which is in redis-tools.
  "redis-server": tool("chat session", "redis-server redis-tools", "redis", {
    variable: "REDIS_SERVER",
    commands: redises,
    unpacked: true,
  }),
  mosquitto: tool("compat", "mosquitto", "mosquitto", { variable: "MOSQUITTO", unpacked: true }),
  "nats-server": tool("compat", "nats-server", "nats-server", {
    variable: "NATS_SERVER",
    unpacked: true,
  }),
  "python3-websockets": tool("session", "python3-websockets", undefined, {
    variable: "PYTHON",
    // The first is the one that apt installs it for.
    commands: ["/usr/bin/python3", "python3"],
    module: "websockets",
  }),
  doxygen: tool("docs", "doxygen", "doxygen"),
  "clang-format": tool("lint", "clang-format", "clang-format"),
  "clang++": tool("fuzz", "clang", "llvm"),
  libFuzzer: tool("fuzz", "libclang-rt-dev", "llvm"),
  MinGW: tool("windows", "g++-mingw-w64-x86-64-posix", undefined, {
    commands: ["x86_64-w64-mingw32-g++-posix"],
  }),
  // Debian's wine64 without the package wine has the program in no folder of the PATH.
  Wine: tool("windows", "wine64", undefined, {
    variable: "WINE",
    commands: ["wine64", "/usr/lib/wine/wine64", "wine"],
  }),
  perl: tool("windows", "perl", undefined),
  debootstrap: tool("newest", "debootstrap", undefined),
  curl: tool("newest", "curl", "curl"),
};

const extensions = process.platform === "win32" ? ["", ".exe", ".cmd", ".bat"] : [""];
/** Servers are here, and an ordinary user's PATH does not have it. */
const administratorFolders = ["/usr/local/sbin", "/usr/sbin"];

/** The file of a command that the PATH has, or that is an absolute path; undefined if there is none. */
export function onPath(command) {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...administratorFolders];
  const places = isAbsolute(command) ? [command] : folders.map((folder) => join(folder, command));
  return places.flatMap((place) => extensions.map((end) => place + end)).find(isProgram);
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The file of a program, or undefined if it is missing. */
export function findTool(name) {
  const { variable, commands = [name], module } = tools[name];
  const given = variable && process.env[variable];
  if (!given) {
    const files = commands.map(onPath).filter((file) => file !== undefined);
    return files.find((file) => module === undefined || canImport(file, module));
  }
  return onPath(given) ?? fail(`${variable} must name a program, got ${given}`);
}

function canImport(python, module) {
  return spawnSync(python, ["-c", `import ${module}`]).status === 0;
}

function toolFile(name) {
  return findTool(name) ?? fail(howToInstall([name]));
}

export const chromiumFile = () => toolFile("Chromium");
export const firefoxFile = () => toolFile("Firefox");
export const webkitDriverFile = () => toolFile("WebKitWebDriver");
export const pythonFile = () => toolFile("python3-websockets");
export const xvfbFile = () => toolFile("Xvfb");
export const wineFile = () => toolFile("Wine");

/** Options of puppeteer for Chromium, the same for tests and benchmarks. */
export const chromiumOptions = {
  get executablePath() {
    return chromiumFile();
  },
  headless: true,
  args: [
    // There is none for root and in containers, and every page is our own.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
};

/** Those of the named tools that are missing. */
export function missingTools(names) {
  const headers = findHeaders(names.flatMap((name) => tools[name].headers ?? []));
  return names.filter((name) => {
    if (name === "libFuzzer") return !hasFuzzer();
    const { headers: alternatives } = tools[name];
    if (alternatives) return !alternatives.some((header) => headers.includes(header));
    return findTool(name) === undefined;
  });
}

/** Those of the headers that the C++ compiler finds, or CMake in the folders that it adds. */
function findHeaders(headers) {
  const compiler = findTool("c++");
  if (headers.length === 0 || compiler === undefined) return [];
  const prefixes = (process.env.CMAKE_PREFIX_PATH ?? "").split(delimiter).filter(Boolean);
  const folders = [...prefixes, "/opt/homebrew", "/usr/local"].map((path) => `-I${path}/include`);
  const input = headers.map((name) => `#if __has_include(<${name}>)\n"${name}"\n#endif\n`).join("");
  const options = /** @type {const} */ ({ input, encoding: "utf8" });
  const { stdout } = spawnSync(compiler, ["-E", "-x", "c++", ...folders, "-"], options);
  return headers.filter((name) => stdout?.includes(`"${name}"`));
}

function hasFuzzer() {
  const { stdout } = spawnSync("clang++", ["-print-runtime-dir"], { encoding: "utf8" });
  const folder = stdout?.trim();
  if (!folder || !existsSync(folder)) return false;
  return readdirSync(folder).some((name) => name.startsWith("libclang_rt.fuzzer"));
}

export const aptPackages = (names) => names.flatMap((name) => tools[name].apt);

/** One line that names what is missing, and the command that installs it. */
export function howToInstall(names) {
  const brew = names.map((name) => tools[name].brew).filter(Boolean);
  const command =
    process.platform === "darwin" && brew.length > 0
      ? `On macOS: brew install ${[...new Set(brew)].join(" ")}`
      : `On Debian or Ubuntu: sudo apt-get install ${aptPackages(names).join(" ")}`;
  const variables = names.map((name) => tools[name].variable).filter(Boolean);
  const hint = variables.length > 0 ? `, or set ${variables.join(", ")}` : "";
  return `missing: ${names.join(", ")}. ${command}${hint}`;
}
