// The option names of reconnecting-websocket and partysocket.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { SteadySocket } from "../support/package.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";

const made = (t, options) => {
  const socket = new SteadySocket("ws://127.0.0.1:1", [], { WebSocket, ...options });
  t.after(() => socket.close());
  return socket;
};

test("their delays are accepted, and 0 means 1 ms", async (t) => {
  for (const options of [
    { minReconnectionDelay: 0, maxReconnectionDelay: 0 },
    { minReconnectionDelay: 5, maxReconnectionDelay: 1, reconnectionDelayGrowFactor: 1.3 },
    { maxReconnectionDelay: 1 },
  ]) {
    const socket = made(t, options);
    const waits = [];
    socket.addEventListener("statechange", ({ state, retryIn }) => {
      if (state === "waiting") waits.push(retryIn);
    });
    while (waits.length < 3) await next(socket, "statechange");
    assert.ok(
      waits.every((wait) => wait <= 1),
      waits.join(),
    );
    socket.close();
  }
});

test("minReconnectionDelay may be larger than the default of maxReconnectionDelay", (t) => {
  assert.doesNotThrow(() => made(t, { minReconnectionDelay: 60_000 }).close());
});

test("maxRetries is the number of retries, and retryCount counts them", async (t) => {
  const socket = made(t, { maxRetries: 2, maxReconnectionDelay: 1 });
  const counts = [];
  socket.addEventListener("close", () => counts.push(socket.retryCount));
  assert.equal(socket.retryCount, 0);
  assert.equal(socket.shouldReconnect, true);
  await reached(socket, "closed");
  await new Promise(setImmediate);
  assert.deepEqual(counts.slice(0, 2), [1, 2]);
  assert.equal(counts.length, 3);
  assert.equal(socket.shouldReconnect, false);
});

test("retryCount is 0 again after minUptime", async (t) => {
  let refused = 0;
  const server = await LocalServer.start(t, {
    answer: () => (++refused <= 2 ? 503 : undefined),
  });
  const socket = openSocket(t, server.url(), { minUptime: 0 });
  await socket.opened;
  assert.equal(socket.retryCount, 0);
});

test("connectionTimeout limits an attempt, and maxEnqueuedMessages the queue", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url(), { connectionTimeout: 20, maxEnqueuedMessages: 2 });
  const lines = record(socket);
  const large = "x".repeat(2 << 20);
  assert.equal(socket.send(large).status, "queued");
  assert.equal(socket.send("y").status, "queued");
  assert.deepEqual({ ...socket.send("z") }, { status: "rejected", reason: "queue_full" });
  await reached(socket, "waiting");
  assert.ok(lines.includes("error connect_timeout"));
});

test("startClosed waits for reconnect()", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url(), { startClosed: true });
  assert.equal(socket.readyState, 3);
  assert.equal(socket.state, "closed");
  assert.equal(socket.url, server.url());
  assert.deepEqual({ ...socket.send("x") }, { status: "rejected", reason: "closed" });
  assert.throws(() => socket.connect(), { name: "InvalidStateError" });
  assert.throws(() => socket.close(999), { name: "InvalidAccessError" });
  socket.close();
  socket.reconnect();
  await socket.opened;
  assert.equal(server.connections.length, 1);
});

test("the constructor throws for invalid arguments, also with startClosed", (t) => {
  const open = (url, options, protocols) =>
    openSocket(t, url, { startClosed: true, ...options }, protocols);
  assert.throws(() => open("ftp://host"), { name: "SyntaxError" });
  assert.throws(() => open("ws://host", {}, ["a b"]), { name: "SyntaxError" });
  assert.throws(() => open("ws://host", { connectTimeout: 0 }), RangeError);
});

test("shouldReconnectOnClose decides whether to reconnect", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => connection.close(server.connections.length === 1 ? 4000 : 1011, "bye"),
  });
  const asked = [];
  const socket = openSocket(t, server.url(), {
    shouldReconnectOnClose: ({ code, reason, wasClean }) => {
      asked.push([code, reason, wasClean]);
      return code === 4000;
    },
  });
  await reached(socket, "closed");
  assert.deepEqual(asked, [
    [4000, "bye", true],
    [1011, "bye", true],
  ]);
});

test("debug writes a line for each change of state", async (t) => {
  const server = await LocalServer.start(t);
  const lines = [];
  const debugLogger = (...values) => lines.push(values.join(" "));
  const socket = openSocket(t, server.url(), { debug: true, debugLogger });
  openSocket(t, server.url(), { debug: false, debugLogger: () => assert.fail("debug is false") });
  await socket.opened;
  const closed = next(socket, "close");
  socket.close(1000, "done");
  await closed;
  const number = /^steadysocket #\d+ /.exec(lines[0])[0];
  assert.deepEqual(
    lines.map((line) => line.replace(/ \+\d+ms/, "")),
    [
      `created for ${server.url()}, connecting`,
      "connecting -> open",
      "open -> closing",
      "closing -> closed (done)",
      "closed with 1000 (done), no other attempt follows",
    ].map((text) => number + text),
  );
});

test("an option given by both names, or of a wrong type, is a TypeError", (t) => {
  for (const options of [
    { maxRetries: 1, reconnect: { maxAttempts: 1 } },
    { maxRetries: 1, reconnect: false },
    { connectionTimeout: 1, connectTimeout: 1 },
    { maxEnqueuedMessages: 1, queue: { maxMessages: 1 } },
    { maxRetries: "1" },
    { shouldReconnectOnClose: true },
    { debug: 1 },
    { debug: true, debugLogger: "console" },
    { startClosed: "yes" },
  ]) {
    assert.throws(() => made(t, options), TypeError, JSON.stringify(options));
  }
  for (const options of [{ minUptime: -1 }, { reconnectionDelayGrowFactor: 0.5 }]) {
    assert.throws(() => made(t, options), RangeError, JSON.stringify(options));
  }
});

test("the class is also the default export", async () => {
  const { packageUrl } = await import("../support/package.mjs");
  assert.equal((await import(packageUrl)).default, SteadySocket);
});
