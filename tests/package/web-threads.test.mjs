// Programs compiled with -pthread, in Chromium.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { before, test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { listen } from "../support/listen.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { makeWorkshop } from "./support.mjs";

const workshop = makeWorkshop();
let built;

before(async () => {
  const settings = {
    PROGRAM: "threads",
    LINKS: "steadysocket::steadysocket",
    WAY: "add_subdirectory",
    STEADYSOCKET: workshop.path("sources"),
    CMAKE_CXX_FLAGS: "-pthread",
    CMAKE_UNITY_BUILD: "ON",
  };
  built = await (await workshop.configure(settings, ["emcmake"])).make();
});

/** Serves the program, and a cross-origin isolated page, which may share memory between threads. */
async function serve(t) {
  const types = { ".js": "text/javascript", ".wasm": "application/wasm" };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    const file = join(built, pathname);
    const type = types[/\.\w+$/.exec(pathname)?.[0]];
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Content-Type", type ?? "text/html");
    if (type === undefined) response.end('<!doctype html><link rel="icon" href="data:,">');
    else response.writeHead(existsSync(file) ? 200 : 404).end(readFileSync(file));
  });
  return `http://127.0.0.1:${await listen(t, server)}/`;
}

/** Runs the program in a page, and resolves to its output once its socket is closed. */
async function play(t, where) {
  const server = await ServerProcess.start(t);
  const page = await chromium.open(t);
  // Emscripten's warning about a thread that continues after its function.
  page.expected.push(/keeping the worker alive/);
  await page.goto(await serve(t));
  return page.evaluate(
    (args) =>
      new Promise((resolve) => {
        const lines = [];
        globalThis.Module = {
          arguments: args,
          print(line) {
            lines.push(line);
            if (line.endsWith(": state closed")) resolve(lines);
          },
        };
        document.head.append(
          Object.assign(document.createElement("script"), { src: "consumer.js" }),
        );
      }),
    [where, server.url()],
  );
}

/** The output for a socket that receives its echo, with every event in its thread's poll(). */
const life = (thread) =>
  [
    "state connecting",
    "state open",
    'hello {"type":"hello","text":"é€😀"}',
    "state closing",
    "state closed",
  ].map((event) => `${thread} thread, its own, in poll: ${event}`);

test("in a program with threads, handlers run on the main thread if it polls", async (t) => {
  assert.deepEqual(await play(t, "main"), life("main"));
});

test("a socket of another thread connects and calls its handlers on that thread", async (t) => {
  assert.deepEqual(await play(t, "worker"), life("worker"));
});
