// Programs of the documentation, unchanged, on the desktop and on the web.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ChatServer } from "../../demo/chat/tests/support/server.mjs";
import { chromium } from "../support/browsers/chromium.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { serveSite } from "../support/site.mjs";
import { Waiting, within } from "../support/until.mjs";
import { ConformanceServer } from "./server.mjs";

const build = (path) => fileURLToPath(new URL(`../../build/${path}`, import.meta.url));
const state = '{"type":"state","x":1}';

/** A program, the lines that it prints to both outputs, and its keyboard. */
class Console {
  lines = [];
  #child;
  #closed;
  #waiting = new Waiting();

  constructor(t, program, args, env = {}) {
    const command = ["-c", 'exec "$0" "$@" 2>&1', program, ...args];
    this.#child = spawn("sh", command, {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, ...env },
    });
    this.#closed = once(this.#child, "close");
    t.after(() => this.#child.kill("SIGKILL"));
    let rest = "";
    this.#child.stdout.setEncoding("utf8").on("data", (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop();
      this.lines.push(...lines);
      this.#waiting.look();
    });
  }

  type(line) {
    this.#child.stdin.write(`${line}\n`);
  }

  shows(line) {
    return this.#waiting.until(
      () => this.lines.includes(line),
      () => this.lines.join("\n"),
    );
  }

  /** Ends the program's input, and resolves to its exit code. */
  async end() {
    this.#child.stdin.end();
    const [code] = await within(this.#closed, "the end of the program");
    return code;
  }
}

async function startServer(t) {
  const server = await ConformanceServer.start();
  t.after(() => server.stop());
  return `${server.url}/echo?run=guide`;
}

test("the game of docs/start/cpp.md runs on the desktop", async (t) => {
  const url = await startServer(t);
  const program = build("native-sanitize/tests/conformance/guide_game");
  const running = promisify(execFile)(program, [url]);
  t.after(() => running.child.kill("SIGKILL"));
  const { stdout } = await within(running, "the end of the game");
  const lines = stdout.trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["connecting", "open"]);
  assert.deepEqual(
    lines.filter((line) => line === state),
    [state, state, state],
  );
});

test("the game of docs/start/cpp.md runs in a page", async (t) => {
  const url = await startServer(t);
  const folder = build("web/tests/conformance");
  const site = await serveSite(t, undefined, {
    "/guide_game.js": readFileSync(`${folder}/guide_game.js`),
    "/guide_game.wasm": readFileSync(`${folder}/guide_game.wasm`),
  });
  const page = await chromium.open(t);
  await page.goto(site);
  const lines = await page.evaluate(
    (argument) =>
      new Promise((resolve) => {
        const printed = [];
        globalThis.Module = {
          arguments: [argument],
          print(line) {
            printed.push(line);
            if (printed.length === 5) resolve([...printed]);
          },
        };
        const script = document.createElement("script");
        script.src = "/guide_game.js";
        document.body.append(script);
      }),
    url,
  );
  assert.deepEqual(lines, ["connecting", "open", state, state, state]);
});

/** Runs the program of sdk/README.md until the server closes, and checks its output. */
async function runReadme(t, command, ...args) {
  const server = await ServerProcess.start(t);
  const running = promisify(execFile)(command, [...args, server.url()]);
  t.after(() => running.child.kill("SIGKILL"));
  await server.until(() => server.received.length === 2);
  const [join, chat] = server.received;
  assert.equal(join, '{"type":"join","userName":"Ann"}');
  server.closeAll(4000, "over");
  const { stdout } = await within(running, "the end of the program");
  assert.deepEqual(stdout.trim().split("\n"), ["connecting", "open", chat, "closed"]);
  assert.equal(chat, '{"type":"chat-message","message":"hello"}');
}

test("the C++ program of sdk/README.md prints the documented lines on the desktop", (t) =>
  runReadme(t, build("native-sanitize/tests/conformance/readme_example")));

test("the C++ program of sdk/README.md prints the same lines as WebAssembly in Node", (t) => {
  const withWebSocket = fileURLToPath(new URL("../package/with-web-socket.mjs", import.meta.url));
  // Emscripten 3.1.6 would load the file with fetch, and that of Node takes no paths.
  const withoutFetch = "data:text/javascript,delete globalThis.fetch";
  const program = build("web/tests/conformance/readme_example.cjs");
  const imports = ["--import", withWebSocket, "--import", withoutFetch];
  return runReadme(t, process.execPath, ...imports, program);
});

/** Kills the server of a game loop, which `shows` its states, and starts it again. */
async function survivesKill(server, shows) {
  await shows("open");
  await server.until(() => server.received.length >= 3);
  assert.match(server.received[0], /^\{"type":"move","x":-?\d+,"y":-?\d+\}$/);
  await server.kill();
  await shows("waiting");
  const before = server.received.length;
  await server.restart();
  await server.until(() => server.received.length >= before + 3);
}

test("the game loop of sdk/README.md outlives a killed server in a window of SDL2", async (t) => {
  const server = await ServerProcess.start(t);
  const program = build("native-sanitize/tests/conformance/readme_game");
  const game = new Console(t, program, [server.url()], { SDL_VIDEODRIVER: "dummy" });
  await survivesKill(server, (state) => game.shows(`INFO: ${state}`));
  const first = ["INFO: connecting", "INFO: open", "INFO: waiting"];
  assert.deepEqual(game.lines.slice(0, 3), first);
  assert.equal(game.lines.at(-1), "INFO: open");
});

test("the game loop of sdk/README.md outlives a killed server in a page", async (t) => {
  const server = await ServerProcess.start(t);
  const folder = build("web/tests/conformance");
  const site = await serveSite(t, undefined, {
    "/readme_game.js": readFileSync(`${folder}/readme_game.js`),
    "/readme_game.wasm": readFileSync(`${folder}/readme_game.wasm`),
  });
  const page = await chromium.open(t);
  // SDL draws with WebGL, which this machine does in software.
  page.expected.push(chromium.refusedConnection, /WebGL/);
  await page.goto(site);
  await page.evaluate((url) => {
    const canvas = document.createElement("canvas");
    canvas.id = "canvas";
    const script = document.createElement("script");
    script.src = "/readme_game.js";
    globalThis.shown = [];
    const print = (line) => globalThis.shown.push(line);
    globalThis.Module = { arguments: [url], canvas, print, printErr: print };
    document.body.append(canvas, script);
  }, server.url());
  await survivesKill(server, (state) =>
    page.until((line) => globalThis.shown.includes(line), `INFO: ${state}`),
  );
  const shown = await page.evaluate(() => globalThis.shown);
  assert.deepEqual(shown.slice(0, 3), ["INFO: connecting", "INFO: open", "INFO: waiting"]);
  assert.equal(shown.at(-1), "INFO: open");
});

test("the console chat of docs/platforms/cpp-desktop.md sends lines typed while the server is down", async (t) => {
  const server = await ChatServer.start(t);
  const program = build("native-sanitize/tests/conformance/guide_console");
  const chat = new Console(t, program, [`ws://localhost:${server.port}/chat`, "Ann"]);
  chat.type("hello");
  await chat.shows("Ann: hello");
  await server.kill();
  // A line that is typed before the loss is noticed may be lost with the connection.
  await chat.shows("waiting");
  chat.type("are you there?");
  await server.restart();
  await chat.shows("Ann: are you there?");
  assert.equal(await chat.end(), 0);
  // Some attempts fail before the server is back.
  const lines = chat.lines.filter((line) => !["connecting", "waiting"].includes(line));
  const again = ["open", "Ann: are you there?", "closing", "closed"];
  assert.deepEqual(lines, ["open", "Ann: hello", ...again]);
});
