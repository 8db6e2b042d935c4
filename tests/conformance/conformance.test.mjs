// The same C++ scenarios natively and in WebAssembly, against the same server. The table in
// docs/design/conformance.md is generated from the titles of these tests.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { chromium } from "../support/browsers/chromium.mjs";
import { serveSite } from "../support/site.mjs";
import { within } from "../support/until.mjs";
import { ConformanceServer } from "./server.mjs";

const build = (path) => fileURLToPath(new URL(`../../build/${path}`, import.meta.url));
const program = build("native-sanitize/tests/conformance/conformance");
const script = build("web/tests/conformance/conformance.mjs");
const wasm = build("web/tests/conformance/conformance.wasm");

const server = await ConformanceServer.start();
after(() => server.stop());
const { default: createModule } = await import(script);

/** Runs a scenario in a loaded module. Resolves to its failures, a line each. */
function runIn(Module, { number, url, run, isQueued }) {
  return new Promise((resolve) => {
    Module.ended = resolve;
    const types = ["number", "string", "string", "number"];
    Module.ccall("conformance_run", null, types, [number, url, run, isQueued]);
  });
}

async function load(wasmBinary) {
  const module = { wasmBinary };
  await createModule(module);
  return module;
}

function runNatively(t, threading, { name, url, run, isQueued }) {
  const dispatch = isQueued ? "queued" : "immediate";
  return new Promise((resolve) => {
    const args = [url, run, dispatch, threading, name];
    const child = execFile(program, args, (error, stdout, stderr) => {
      resolve(error === null ? "" : `${stdout}${stderr}` || String(error));
    });
    t.after(() => child.kill("SIGKILL"));
  });
}

async function runInNode(_t, job) {
  globalThis.WebSocket = WebSocket;
  return runIn(await load(readFileSync(wasm)), job);
}

/** One page for all scenarios, as in a game. */
let page;
const stops = [];
after(() => {
  for (const stop of stops) stop();
});
afterEach(() => assert.deepEqual(page?.complaints() ?? [], []));

async function openPage() {
  const site = await serveSite(
    { after: (stop) => stops.push(stop) },
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws:; img-src data:",
    {
      "/conformance.mjs": readFileSync(script),
      "/conformance.wasm": readFileSync(wasm),
    },
  );
  const tab = await chromium.start();
  tab.expected.push(chromium.refusedConnection, /Could not decode a text frame/);
  await tab.goto(site);
  return tab;
}

async function runInPage(_t, job) {
  page ??= await openPage();
  return page.evaluate(async (work) => {
    const { default: create } = await import("/conformance.mjs");
    const wasmBinary = new Uint8Array(await (await fetch("/conformance.wasm")).arrayBuffer());
    const module = { wasmBinary };
    await create(module);
    return await new Promise((resolve) => {
      module.ended = resolve;
      module.ccall(
        "conformance_run",
        null,
        ["number", "string", "string", "number"],
        [work.number, work.url, work.run, work.isQueued],
      );
    });
  }, job);
}

const worlds = {
  native: (t, job) => runNatively(t, "polled", job),
  "native, I/O thread": (t, job) => runNatively(t, "io-thread", job),
  "wasm in Node": runInNode,
  "wasm in Chromium": runInPage,
};

const names = (await load(readFileSync(wasm)))
  .ccall("conformance_names", "string")
  .trim()
  .split("\n");

for (const [world, run] of Object.entries(worlds)) {
  for (const [number, name] of names.entries()) {
    test(`World ${world}: ${name}`, async (t) => {
      for (const isQueued of [0, 1]) {
        const memory = encodeURIComponent(`${world} ${number} ${isQueued}`);
        const job = { number, name, url: server.url, isQueued, run: memory };
        const dispatch = isQueued ? "queued" : "immediate";
        assert.equal(
          await within(run(t, job), "the end of the scenario"),
          "",
          `with ${dispatch} dispatch`,
        );
      }
    });
  }
}
