// The entry steadysocket/external, in Node: the sources that load() accepts, and its errors.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { entryUrl } from "../support/package.mjs";
import { next, quick, routed } from "../support/sockets.mjs";
import { once } from "../support/until.mjs";

const wasmUrl = new URL(entryUrl("./steadysocket.wasm"));
const bytes = await readFile(wasmUrl);
const asWasm = { headers: { "Content-Type": "application/wasm" } };

let copies = 0;
/** A new instance of the module, which has not loaded anything yet. */
const freshEntry = () => import(`${entryUrl("./external")}?${++copies}`);

/** Creates a socket and closes it before it connects. */
const makeSocket = ({ SteadySocket }) =>
  new SteadySocket("ws://localhost:1", [], { WebSocket, reconnect: false }).close();

const isTooEarly = { name: "InvalidStateError", message: /await load\(\) first/ };

test("the constructor throws before load() has resolved, with an error that names it", async () => {
  const entry = await freshEntry();
  assert.throws(() => makeSocket(entry), isTooEarly);
  const loading = entry.load();
  assert.throws(() => makeSocket(entry), isTooEarly);
  await loading;
  makeSocket(entry);
});

test("load() finds the file beside the script, and sockets work", async (t) => {
  const server = await EchoServer.start(t);
  const { load, SteadySocket } = await freshEntry();
  await load();
  const socket = new SteadySocket(server.url(), [], { WebSocket, reconnect: quick });
  t.after(() => socket.close());
  const received = routed(socket, "greeting");
  socket.send({ type: "greeting", text: "hello" });
  assert.deepEqual(await received, { type: "greeting", text: "hello" });
  const again = next(socket, "open");
  await server.stop();
  await server.restart();
  await again;
});

const sources = {
  "a URL": () => wasmUrl,
  "a string": () => wasmUrl.href,
  "a data: URL": () => `data:application/wasm;base64,${bytes.toString("base64")}`,
  "an ArrayBuffer": () => Uint8Array.from(bytes).buffer,
  "a view": () => bytes,
  "a module": () => new WebAssembly.Module(bytes),
  "a response": () => new Response(bytes, asWasm),
  "a response without a type": () => new Response(bytes),
  "a promise of a response": async () => new Response(bytes, asWasm),
  "a promise of a URL": async () => wasmUrl,
};
for (const [name, source] of Object.entries(sources)) {
  test(`load() accepts ${name}`, async () => {
    const entry = await freshEntry();
    assert.equal(await entry.load(source()), undefined);
    makeSocket(entry);
  });
}

test("load() returns the same promise on every call, whatever the argument", async () => {
  const { load } = await freshEntry();
  const first = load();
  assert.equal(load(), first);
  // If this rejection were unhandled, it would end the process.
  assert.equal(load(Promise.reject(new Error("of no use"))), first);
  await first;
  assert.equal(load(new URL("file:///no-such-file")), first);
});

test("load() can be called again after a failure", async () => {
  const entry = await freshEntry();
  const first = entry.load(new Uint8Array());
  await assert.rejects(first);
  const second = entry.load();
  assert.notEqual(second, first);
  await second;
  makeSocket(entry);
});

const web = createServer(({ url }, response) => {
  response.statusCode = url === "/missing.wasm" ? 404 : 200;
  // Otherwise fetch would keep the connection, and so the process, alive for some seconds.
  response.setHeader("Connection", "close");
  response.setHeader("Content-Type", url === "/typed.wasm" ? "application/wasm" : "text/html");
  response.end("<!doctype html>");
});
web.listen(0, "127.0.0.1");
await once(web, "listening");
web.unref();
const site = `http://127.0.0.1:${web.address().port}`;

/** An empty module, which is valid WebAssembly. */
const empty = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const another = Buffer.from(bytes);
another[another.length - 1] ^= 1;
const failures = [
  ["a URL without a file", `${site}/missing.wasm`, /missing\.wasm has HTTP status 404/],
  ["a page", `${site}/page`, /\/page \(text\/html\) is not WebAssembly/, "CompileError"],
  ["a page with the type of wasm", `${site}/typed.wasm`, /is not WebAssembly/, "CompileError"],
  ["a missing file", new URL("none.wasm", wasmUrl), /none\.wasm could not be f/, "Error"],
  ["an unreachable server", "http://127.0.0.1:1/", /could not be fetched/, "TypeError"],
  ["half of the file", bytes.subarray(0, 10_000), /is not WebAssembly/, "CompileError"],
  ["another module", empty, /not the wasm file of this version/],
  ["the file of another version", another, /not the wasm file of this version/],
  ["a number", 42, /could not be read/, "TypeError"],
  ["a promise that fails", () => Promise.reject(new RangeError()), /was rejected/, "RangeError"],
];
for (const [name, source, message, cause] of failures) {
  test(`load() rejects ${name}, with the cause`, async () => {
    const entry = await freshEntry();
    const given = typeof source === "function" ? source() : source;
    await assert.rejects(entry.load(given), (error) => {
      assert.equal(error.name, "Error");
      assert.match(error.message, /^SteadySocket: /);
      assert.match(error.message, message);
      assert.equal(error.cause?.name, cause);
      return true;
    });
    assert.throws(() => makeSocket(entry), isTooEarly);
  });
}

test("importing needs no WebAssembly, and load() rejects if there is none", async (t) => {
  const { WebAssembly, fetch } = globalThis;
  t.after(() => Object.assign(globalThis, { WebAssembly, fetch }));
  Object.assign(globalThis, { WebAssembly: undefined, fetch: undefined });
  const { load } = await freshEntry();
  await assert.rejects(load(), /WebAssembly could not be compiled: .*undefined/);
});
