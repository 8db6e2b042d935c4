// The entry steadysocket/js, which needs no WebAssembly and few web APIs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import vm from "node:vm";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { consumerFolder, entryUrl } from "../support/package.mjs";
import { next, quick, reached } from "../support/sockets.mjs";

const commonJs = join(consumerFolder, "node_modules/steadysocket/dist/cjs/js/steadysocket.js");
const source = await readFile(commonJs, "utf8");

/** The globals that are needed beside ECMAScript. */
const essentials = { setTimeout, clearTimeout };

/** The exports of the entry in a new realm with these globals of the platform, and no others. */
function load(globals = {}) {
  const exports = {};
  const context = vm.createContext({ ...essentials, ...globals, exports });
  vm.runInContext("delete globalThis.WebAssembly", context);
  vm.runInContext(source, context);
  return exports;
}

/** As React Native's URL: appends a slash, and throws this error for members that it lacks. */
class SlashedUrl {
  constructor(text) {
    this.href = text.endsWith("/") ? text : `${text}/`;
  }
  get origin() {
    throw new Error("URL.origin is not implemented");
  }
}

async function start(t) {
  return LocalServer.start(t, {
    greet: (connection) => connection.on("message", (data) => connection.send(`${data}`)),
  });
}

for (const [platform, globals] of Object.entries({
  "a realm with timers alone": {},
  "a realm with React Native's URL": { URL: SlashedUrl },
  "a realm with everything": { EventTarget, Event, MessageEvent, DOMException, URL, performance },
})) {
  test(`in ${platform} a socket sends, receives, reconnects and closes`, async (t) => {
    const server = await start(t);
    const { SteadySocket, SteadyCloseEvent } = load(globals);
    const url = server.url("/chat?token=1");
    const socket = new SteadySocket(url, [], { WebSocket, reconnect: quick });
    t.after(() => socket.close());
    assert.equal(socket.url, url);
    assert.equal(socket.send({ type: "chat", text: "first" }).status, "queued");
    const routed = [];
    socket.on("chat", ({ text }) => routed.push(text));
    const first = await next(socket, "message");
    assert.equal(first.data, '{"type":"chat","text":"first"}');
    assert.equal(first.origin, new URL(url).origin);
    assert.equal(first.target, socket);
    const lost = next(socket, "close");
    server.connections.at(-1).terminate();
    assert.equal((await lost).willRetry, true);
    const again = next(socket, "message");
    socket.send({ type: "chat", text: "second" });
    await again;
    assert.deepEqual(routed, ["first", "second"]);
    assert.deepEqual(
      server.handshakes.map(({ path }) => path),
      ["/chat?token=1", "/chat?token=1"],
    );
    socket.close(4000, "bye");
    const closed = await next(socket, "close");
    assert.ok(closed instanceof SteadyCloseEvent);
    assert.deepEqual([closed.code, closed.reason, closed.willRetry], [4000, "bye", false]);
  });
}

test("without EventTarget, listeners follow the DOM standard", async (t) => {
  const server = await start(t);
  const thrown = [];
  const { SteadySocket, StateChangeEvent } = load({ reportError: (error) => thrown.push(error) });
  const socket = new SteadySocket(server.url(), [], { WebSocket, startClosed: true });
  t.after(() => socket.close());
  const log = [];
  const removed = () => log.push("removed");
  const controller = new AbortController();
  const object = { handleEvent: (event) => log.push(`object ${event.type}`) };
  socket.addEventListener("test", () => log.push("once"), { once: true });
  socket.addEventListener("test", object);
  socket.addEventListener("test", object);
  socket.addEventListener("test", () => log.push("aborted"), { signal: controller.signal });
  socket.addEventListener("test", () => {
    throw new Error("of a listener");
  });
  socket.addEventListener("test", () => socket.removeEventListener("test", removed));
  socket.addEventListener("test", removed);
  controller.abort();
  const make = (type) => Object.assign(new StateChangeEvent("open", "waiting", 0, ""), { type });
  for (const expected of [["once", "object test"], ["object test"]]) {
    log.length = 0;
    assert.equal(socket.dispatchEvent(make("test")), true);
    assert.deepEqual(log, expected);
  }
  assert.deepEqual(
    thrown.map(({ message }) => message),
    ["of a listener", "of a listener"],
  );
  socket.addEventListener("stopped", (event) => event.stopImmediatePropagation());
  socket.addEventListener("stopped", () => log.push("after the stop"));
  socket.dispatchEvent(make("stopped"));
  assert.equal(log.includes("after the stop"), false);
});

test("without DOMException, URL and crypto, errors have the same names", () => {
  const { SteadySocket } = load();
  const make = (url, options) => () => new SteadySocket(url, [], { WebSocket, ...options });
  assert.throws(make("not a URL"), { name: "SyntaxError", message: /invalid URL: "not a URL"/ });
  assert.throws(make("ws://localhost/#part"), { name: "SyntaxError", message: /fragment/ });
  assert.throws(make("ws://localhost/", { session: true }), {
    name: "NotSupportedError",
    message: /session needs crypto.getRandomValues/,
  });
  assert.throws(make("ws://localhost/", { WebSocket: undefined }), {
    name: "NotSupportedError",
    message: /WebSocket is not available/,
  });
});

test("a signal without a reason rejects a promise with an AbortError", async (t) => {
  const server = await start(t);
  const { SteadySocket } = load();
  const socket = new SteadySocket(server.url(), [], { WebSocket });
  t.after(() => socket.close());
  await reached(socket, "open");
  // As in React Native.
  const signal = Object.assign(new EventTarget(), { aborted: false });
  const waiting = socket.next("never", { signal });
  signal.dispatchEvent(new Event("abort"));
  await assert.rejects(waiting, { name: "AbortError", message: "the signal was aborted" });
  signal.aborted = true;
  await assert.rejects(socket.next("never", { signal }), { name: "AbortError" });
});

test("no script of the entry mentions WebAssembly or a character beyond ASCII", async () => {
  for (const file of [new URL(entryUrl("./js")), commonJs]) {
    const text = await readFile(file, "latin1");
    assert.equal(/WebAssembly|[\x80-\xff]/.exec(text)?.[0], undefined, `${file}`);
  }
});
