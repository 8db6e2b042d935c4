// The entry steadysocket/core: its features, and the options that it refuses.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { SteadySocket as Default, packageUrl } from "../support/package.mjs";
import { next, quick, reached } from "../support/sockets.mjs";

const entryUrl = new URL("./core.js", packageUrl);
const { default: exported, SteadySocket, SteadyCloseEvent } = await import(entryUrl.href);

function open(t, url, options = {}) {
  const socket = new SteadySocket(url, [], { WebSocket, reconnect: quick, ...options });
  t.after(() => socket.close());
  return socket;
}

test("a socket of the core routes, queues, reconnects and closes", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => connection.on("message", (data) => connection.send(String(data))),
  });
  const socket = open(t, server.url());
  const received = [];
  socket.on("chat", ({ text }) => received.push(text));
  socket.once("*", ({ text }) => received.push(`once ${text}`));
  const echoed = next(socket, "message");
  assert.equal(socket.send({ type: "chat", text: "first" }).status, "queued");
  assert.equal(await socket.opened, socket);
  await server.until(() => server.received.length === 1);
  await echoed;
  await server.stop();
  await reached(socket, "waiting");
  const { outcome } = socket.send({ type: "chat", text: "second" }, { track: true });
  const again = next(socket, "message");
  await server.restart();
  assert.deepEqual(await outcome, { status: "sent" });
  await again;
  assert.deepEqual(received, ["first", "once first", "second"]);
  socket.close(4000, "bye");
  const close = await next(socket, "close");
  assert.ok(close instanceof SteadyCloseEvent);
  assert.deepEqual([close.code, close.willRetry], [4000, false]);
});

test("the core has the interface of WebSocket, directly below EventTarget", () => {
  assert.equal(exported, SteadySocket);
  assert.equal(SteadySocket.name, "SteadySocket");
  assert.equal(SteadySocket.length, 1);
  assert.equal(Object.getPrototypeOf(SteadySocket), EventTarget);
  assert.equal(SteadySocket.CLOSING, 2);
  assert.equal(String(SteadySocket.prototype), "[object SteadySocket]");
});

test("the core has no requests, loops and schemas, and is a separate class", () => {
  for (const name of ["request", "handle", "next", "messages"]) {
    assert.equal(name in SteadySocket.prototype, false, name);
    assert.equal(name in Default.prototype, true, name);
  }
  assert.notEqual(SteadySocket, Default);
});

test("the core refuses the options that it lacks, with an error that names them", () => {
  for (const options of [{ schemas: {} }, { requests: {} }, { maxRetries: 3 }, { debug: true }]) {
    const [name] = Object.keys(options);
    assert.throws(
      () => new SteadySocket("ws://localhost:1", [], { WebSocket, ...options }),
      { name: "TypeError", message: new RegExp(`unknown option: ${name}$`) },
      name,
    );
  }
});

test("the core is at least 2.5 KB smaller than the default entry, gzipped", async () => {
  const sizeOf = async (url) => gzipSync(await readFile(url), { level: 9 }).length;
  const sizes = [await sizeOf(entryUrl), await sizeOf(new URL(packageUrl))];
  assert.ok(sizes[0] + 2_500 < sizes[1], sizes.join(", "));
});
