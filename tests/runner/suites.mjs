// The test suites in the order in which they run, with their files and prerequisites. Suites that
// mostly wait are first: what the later ones need is built meanwhile (lanes.mjs).

/**
 * @typedef {object} Suite
 * @property {1 | 2} tier 1: part of `npm test`. 2: only part of `npm run test:all`.
 * @property {string} covers A description of one line.
 * @property {string[]} folders The folders of its files, from the root of the project.
 * @property {string[]} tools Purposes of scripts/setup.mjs.
 * @property {Record<string, string>} [env] Environment variables for its tests.
 * @property {string[]} [needs] Steps of prepare.mjs, for suites of Node's test runner.
 * @property {Program[]} [programs] For suites of C++ programs.
 * @property {string} [preset] The CMake preset of the programs.
 * @property {string} [target] The CMake target that builds all programs.
 * @property {boolean} [isAlone] Whether no other suite may run at the same time.
 */

/**
 * @typedef {object} Program
 * @property {string} file Its path in the build folder.
 * @property {string} [title] The title of a single-test program; undefined for a program of Catch2.
 */

const core = { preset: "core-sanitize", tools: ["core"] };
const native = { preset: "native-sanitize", tools: ["native"] };
const browser = ["build", "browser"];
/** Read by tests/support/package.mjs. */
const inJavaScript = { STEADYSOCKET_ENTRY: "./js" };

/** @type {Record<string, Suite>} */
export const suites = {
  core: {
    ...core,
    tier: 1,
    covers: "the C++ core on a virtual clock, under ASan and UBSan",
    folders: ["tests/core"],
    target: "core_suite",
    programs: [{ file: "tests/core/core_tests" }],
  },
  simulation: {
    ...core,
    tier: 1,
    covers: "a million steps of random connections against a model of the core",
    folders: ["tests/simulation"],
    target: "simulation_suite",
    programs: [
      {
        file: "tests/simulation/lives",
        title: "a million steps of random lives violate no invariant",
      },
      {
        file: "tests/simulation/session_lives",
        title: "sessions lose and repeat no message, and a server that breaks a rule is detected",
      },
      {
        file: "tests/simulation/herd",
        title: "a thousand clients reconnect spread over time after a restart",
      },
    ],
  },
  node: {
    tier: 1,
    covers: "the packed package in Node",
    folders: ["tests/node"],
    tools: ["build", "core"],
    needs: ["package", "programs"],
  },
  session: {
    tier: 1,
    covers: "sessions on a server: frames, random schedules, WebSockets, a store",
    folders: ["tests/session"],
    tools: ["build", "session"],
    needs: ["package"],
  },
  chat: {
    tier: 1,
    covers: "the chat's server and its bot",
    folders: ["demo/common/tests", "demo/chat/tests/server"],
    tools: ["build", "demo", "chat"],
    needs: ["package"],
  },
  interface: {
    tier: 1,
    covers: "the interface of WebSocket, compared with Chromium's own",
    folders: ["tests/interface"],
    tools: browser,
    needs: ["package"],
  },
  story: {
    tier: 1,
    covers: "two people in the chat's page, in Chromium",
    folders: ["demo/chat/tests/story"],
    tools: [...browser, "demo"],
    needs: ["package"],
  },
  json: {
    ...core,
    tier: 2,
    covers: "the readers of JSON against nlohmann/json, over two million inputs",
    folders: ["tests/json"],
    target: "json_suite",
    programs: [
      {
        file: "tests/json/texts_test",
        title: "the readers agree with nlohmann/json over two million inputs",
      },
    ],
  },
  native: {
    ...native,
    tier: 2,
    covers: "the desktop's Runtime over loopback, under ASan and UBSan",
    folders: ["tests/native"],
    target: "native_suite",
    programs: [{ file: "tests/native/native_tests" }],
  },
  "game-client": {
    ...core,
    tier: 2,
    covers: "the game's client in C++ on a virtual clock",
    folders: ["demo/game/tests/client"],
    target: "game_client_suite",
    programs: [{ file: "demo/game/tests/client/game_tests" }],
  },
  browser: {
    tier: 2,
    covers: "the package in Chromium: liveness, workers, the browser's own events",
    folders: ["tests/browser"],
    tools: [...browser, "core"],
    needs: ["package", "programs"],
  },
  "node-js": {
    tier: 2,
    covers: "steadysocket/js in Node: the tests of the package, without WebAssembly",
    folders: ["tests/node"],
    tools: ["build", "core"],
    needs: ["package", "programs"],
    env: inJavaScript,
  },
  "browser-js": {
    tier: 2,
    covers: "steadysocket/js in Chromium: the tests of the package, without WebAssembly",
    folders: ["tests/browser", "tests/interface"],
    tools: [...browser, "core"],
    needs: ["package", "programs"],
    env: inJavaScript,
  },
  engines: {
    tier: 2,
    covers: "the package and the chat in Chromium, Firefox and WebKitGTK",
    folders: ["tests/engines", "demo/chat/tests/engines"],
    tools: [...browser, "engines", "demo"],
    needs: ["package"],
  },
  compat: {
    tier: 2,
    covers: "bundlers, platforms, runtimes, clients of other protocols, types",
    folders: ["bundlers", "clients", "comparison", "platforms", "runtimes", "swap", "types"].map(
      (folder) => `tests/compat/${folder}`,
    ),
    tools: [...browser, "compat"],
    needs: ["package"],
  },
  frameworks: {
    tier: 2,
    covers: "the hooks for React, Vue and Svelte in Chromium, on servers, and under Vite",
    folders: ["tests/frameworks"],
    tools: [...browser, "frameworks"],
    needs: ["package"],
  },
  readme: {
    tier: 2,
    covers: "a new project that follows only the README",
    folders: ["tests/readme"],
    tools: browser,
    needs: ["package"],
  },
  "session-python": {
    tier: 2,
    covers: "the session protocol's vectors and the Python server, over a network that fails",
    folders: ["tests/session/python"],
    tools: ["session"],
    needs: [],
  },
  windows: {
    tier: 2,
    covers: "the C++ library cross-compiled for Windows: the core, the desktop's client under Wine",
    folders: ["tests/windows"],
    tools: ["windows"],
    needs: ["windows"],
  },
  package: {
    tier: 2,
    covers: "the C++ library in programs outside of the project",
    folders: ["tests/package"],
    tools: ["build", "native", "browser", "sdl"],
    needs: [],
  },
  conformance: {
    tier: 2,
    covers: "one set of scenarios natively, in Node and in Chromium",
    folders: ["tests/conformance"],
    tools: [...browser, "native", "demo", "sdl"],
    needs: ["package", "conformance"],
  },
  game: {
    tier: 2,
    covers: "the game's server",
    folders: ["demo/game/tests/server"],
    tools: ["build", "demo", "core"],
    needs: ["game"],
  },
  page: {
    tier: 2,
    covers: "the pages of the chat and the game in Chromium, with unusual input and lost networks",
    folders: ["demo/chat/tests/page", "demo/game/tests/page"],
    tools: [...browser, "demo", "sdl"],
    needs: ["package", "game", "desktopGame"],
  },
  site: {
    tier: 2,
    covers: "the documentation site: links, search, accessibility, the API references",
    folders: ["tests/site"],
    tools: [...browser, "docs"],
    needs: ["package", "site"],
  },
  docs: {
    tier: 2,
    covers: "the documentation's blocks of code, in every language",
    folders: ["tests/docs"],
    tools: ["build", "snippets", "sdl"],
    needs: ["package"],
  },
  examples: {
    tier: 2,
    covers: "the examples, each started by its own npm start; its pages in Chromium",
    folders: ["tests/examples"],
    tools: browser,
    needs: ["package", "examples"],
  },
  load: {
    tier: 2,
    covers: "the chat's server under floods of messages, pings and joins",
    folders: ["demo/chat/tests/load"],
    tools: ["build", "demo"],
    needs: ["package"],
    isAlone: true,
  },
  "session-chaos": {
    tier: 2,
    covers: "sessions in five engines, over connections and servers that are killed",
    folders: ["tests/session/chaos"],
    tools: [...browser, "engines", "session", "native"],
    needs: ["package", "chaosClient"],
    isAlone: true,
  },
  endurance: {
    tier: 2,
    covers: "ten pages of the chat through two minutes of restarts",
    folders: ["demo/chat/tests/endurance"],
    tools: [...browser, "demo"],
    needs: ["package"],
    isAlone: true,
  },
};
