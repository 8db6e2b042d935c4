// Errors and warnings for failures that would otherwise be silent: fatal close codes, and mistakes
// in a program.
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { packageUrl } from "../support/package.mjs";
import { next, openSocket, quick, reached, record } from "../support/sockets.mjs";

/** A server that closes every connection. */
const closing = (t, code, reason = "") =>
  LocalServer.start(t, { greet: (connection) => connection.close(code, reason) });

/** Resolves at the socket's last event, a close without a retry. */
async function ended(socket) {
  while ((await next(socket, "close")).willRetry);
}

/** Replaces console.warn; returns a function that returns the warnings since. */
function catchWarnings(t) {
  const warn = t.mock.method(console, "warn", () => {});
  return () => warn.mock.calls.map(({ arguments: [text] }) => text);
}

/** A new copy of the package, without warnings so far. */
let copies = 0;
async function importCopy(t) {
  const { SteadySocket } = await import(`${packageUrl}?silent${++copies}`);
  return (url, options = {}) => {
    const socket = new SteadySocket(url, [], { WebSocket, reconnect: quick, ...options });
    t.after(() => socket.close());
    return socket;
  };
}

for (const [code, reason, options, message] of [
  [
    4401,
    "expired",
    {},
    'the connection was closed with 4401 (expired): the default rule "4000-4999": "fatal" ends ' +
      'the socket; to retry: reconnect.closeRules = { 4401: "retry" }',
  ],
  [
    3000,
    "",
    {},
    'the connection was closed with 3000: the default rule 3000: "fatal" ends the socket; ' +
      'to retry: reconnect.closeRules = { 3000: "retry" }',
  ],
  [
    1001,
    "bye",
    { closeRules: { "1000-1001": "fatal" } },
    'the connection was closed with 1001 (bye): your rule "1000-1001": "fatal" ends the socket; ' +
      'to retry: reconnect.closeRules = { 1001: "retry" }',
  ],
  [
    1001,
    "",
    { decide: () => false },
    "the connection was closed with 1001: reconnect.decide ends the socket",
  ],
]) {
  test(`a fatal close code dispatches an error: ${message.slice(20, 90)}`, async (t) => {
    const warnings = catchWarnings(t);
    const server = await closing(t, code, reason);
    const socket = openSocket(t, server.url(), { reconnect: { ...quick, ...options } });
    const lines = record(socket);
    const [error] = await Promise.all([next(socket, "error"), ended(socket)]);
    assert.deepEqual([error.code, error.message], ["fatal_close", message]);
    assert.deepEqual(lines.slice(-3), ["error fatal_close", "statechange closed", `close ${code}`]);
    assert.deepEqual(warnings(), []);
  });
}

test("a fatal close code is logged to the console if there is no listener for errors", async (t) => {
  const warnings = catchWarnings(t);
  const server = await closing(t, 1008);
  const socket = openSocket(t, server.url("/chat?token=secret"));
  await reached(socket, "closed");
  assert.deepEqual(warnings(), [
    `SteadySocket ${server.url("/chat")}?token=***: the connection was closed with 1008: the default rule ` +
      '"1007-1010": "fatal" ends the socket; to retry: reconnect.closeRules = { 1008: "retry" }',
  ]);
  const listening = openSocket(t, server.url());
  listening.onerror = () => {};
  await reached(listening, "closed");
  assert.equal(warnings().length, 1);
});

test("no error and no warning with reconnect: false, or after close()", async (t) => {
  const warnings = catchWarnings(t);
  const server = await closing(t, 4000);
  const once = openSocket(t, server.url(), { reconnect: false });
  const lines = record(once);
  await ended(once);
  assert.deepEqual(lines.slice(-2), ["statechange closed", "close 4000"]);
  assert.equal(lines.filter((line) => line.startsWith("error")).length, 0);
  server.greet = (connection) => connection.on("message", () => connection.close(4001));
  const closed = openSocket(t, server.url());
  await closed.opened;
  closed.send("x");
  closed.close();
  await reached(closed, "closed");
  assert.deepEqual(warnings(), []);
});

for (const [name, make] of Object.entries({
  "a function for the URL": (url, asked) => [asked(() => url)],
  "a function for the subprotocols": (url, asked) => [url, {}, asked(() => [])],
  "a function for the first message": (url, asked) => [url, { firstMessage: asked(() => "hi") }],
  greet: (url, asked) => [url, { greet: asked(() => {}) }],
})) {
  for (const code of [1008, 3000, 3003, 4401, 4403]) {
    test(`${name} is called again once, after ${code}`, async (t) => {
      catchWarnings(t);
      const server = await closing(t, code);
      let count = 0;
      const asked = (answer) => () => {
        ++count;
        return answer();
      };
      const socket = openSocket(t, ...make(server.url(), asked));
      const lines = record(socket);
      await ended(socket);
      assert.equal(server.connections.length, 2);
      assert.equal(count, 2);
      assert.deepEqual(
        lines.filter((line) => /close/.test(line)),
        [`close ${code} retry`, "error fatal_close", "statechange closed", `close ${code}`],
      );
    });
  }
}

test("a socket whose fresh token is accepted continues, and a stable connection resets the count", async (t) => {
  const tokens = ["stale", "fresh", "stale again", "fresh again"];
  const server = await LocalServer.start(t, {
    greet: (connection, { url }) => {
      if (url.includes("stale")) connection.close(4401, "expired");
    },
  });
  const provide = () => server.url(`/${encodeURIComponent(tokens.shift())}`);
  const socket = openSocket(t, provide, { reconnect: { ...quick, stableAfter: 0 } });
  const lines = record(socket);
  await server.until(() => server.connections.length === 2);
  await reached(socket, "open");
  server.connections[1].close(4401, "expired");
  await server.until(() => server.connections.length === 4);
  assert.equal(server.handshakes.at(-1).path, "/fresh%20again");
  assert.ok(!lines.includes("error fatal_close"));
});

test("closeRules and decide take precedence over calling functions again", async (t) => {
  catchWarnings(t);
  const server = await closing(t, 4401);
  for (const options of [{ closeRules: { 4401: "fatal" } }, { decide: () => "fatal" }]) {
    const already = server.connections.length;
    const reconnect = { ...quick, ...options };
    const socket = openSocket(t, () => server.url(), { reconnect });
    await reached(socket, "closed");
    assert.equal(server.connections.length - already, 1);
  }
});

test("a second socket to a URL to which one waits to reconnect is warned about once", async (t) => {
  const warnings = catchWarnings(t);
  const open = await importCopy(t);
  const server = await LocalServer.start(t, { answer: () => 503 });
  const reconnect = { initialDelay: 60_000, maxDelay: 60_000 };
  const first = open(server.url("/a?token=1"), { reconnect });
  await reached(first, "waiting");
  open(server.url("/b"), { reconnect });
  const third = open(server.url("/a?token=1"), { reconnect, startSuspended: true });
  third.resume();
  await reached(third, "waiting");
  assert.deepEqual(warnings(), []);
  open(server.url("/a?token=2"), { reconnect });
  assert.deepEqual(warnings(), []);
  open(server.url("/a?token=1"), { reconnect });
  open(server.url("/a?token=1"), { reconnect });
  assert.deepEqual(warnings(), [
    `SteadySocket: another socket to ${server.url("/a?token=***")} while one waits to reconnect; ` +
      "it reconnects by itself: take out code that creates a new one on close",
  ]);
});

test("no warning about a second socket if the first is connected again, suspended or closed", async (t) => {
  const warnings = catchWarnings(t);
  const open = await importCopy(t);
  const server = await LocalServer.start(t, { answer: () => 503 });
  const reconnect = { initialDelay: 60_000, maxDelay: 60_000 };
  for (const leave of ["connect", "suspend", "close"]) {
    server.answer = () => 503;
    const first = open(server.url(), { reconnect });
    await reached(first, "waiting");
    server.answer = () => undefined;
    first[leave]();
    const second = open(server.url(), { reconnect });
    await second.opened;
    first.close();
    second.close();
  }
  assert.deepEqual(warnings(), []);
});

const eventTypes = ["open", "message", "close", "error", "statechange", "drop", "session"];

test("on() for the name of an event is warned about once, when the event was dispatched", async (t) => {
  const warnings = catchWarnings(t);
  const open = await importCopy(t);
  const server = await LocalServer.start(t, { greet: (connection) => connection.send("hello") });
  for (let turn = 0; turn < 2; ++turn) {
    const socket = open(server.url());
    for (const type of eventTypes) socket.on(type, () => assert.fail(`${type} is no message`));
    socket.once("open", () => assert.fail("open is no message"));
    const message = next(socket, "message");
    await message;
    socket.send("x", { connectionOnly: true });
    socket.suspend();
    socket.send("y", { connectionOnly: true });
    await next(socket, "drop");
    server.answer = () => 503;
    socket.resume();
    await reached(socket, "waiting");
    server.answer = () => undefined;
    socket.close();
    await ended(socket);
  }
  const types = ["statechange", "open", "message", "close", "drop", "error"];
  assert.deepEqual(
    warnings()
      .filter((text) => /on\("/.test(text))
      .sort(),
    types
      .map(
        (type) =>
          `SteadySocket: on("${type}") is for messages of this type, and there was none; ` +
          `for the event: addEventListener("${type}", …)`,
      )
      .sort(),
  );
});

test("on() is not warned about if a message of that type was received, nor for other types", async (t) => {
  const warnings = catchWarnings(t);
  const open = await importCopy(t);
  const server = await LocalServer.start(t, {
    greet: (connection) => {
      for (const type of eventTypes) connection.send(JSON.stringify({ type }));
      connection.send('{"type":"last"}');
    },
  });
  const socket = open(server.url(), { startSuspended: true });
  const received = [];
  // These two events are dispatched before any message.
  for (const type of eventTypes.filter((type) => !["open", "statechange"].includes(type))) {
    socket.on(type, () => received.push(type));
  }
  socket.on("opened", () => received.push("opened"));
  const last = new Promise((resolve) => socket.on("last", resolve));
  socket.resume();
  await last;
  assert.deepEqual(received, ["message", "close", "error", "drop", "session"]);
  server.connections[0].terminate();
  await next(socket, "close");
  socket.close();
  await reached(socket, "closed");
  assert.deepEqual(warnings(), []);
});

test("removed handlers leave no listeners behind, and are not warned about", async (t) => {
  const warnings = catchWarnings(t);
  const open = await importCopy(t);
  const server = await LocalServer.start(t, { greet: (connection) => connection.send("hello") });
  const socket = open(server.url());
  for (let turn = 0; turn < 1_000; ++turn) {
    for (const type of eventTypes) socket.on(type, () => assert.fail("it was removed"))();
  }
  for (const type of eventTypes) assert.ok(getEventListeners(socket, type).length <= 1, type);
  await socket.opened;
  socket.close();
  await ended(socket);
  assert.deepEqual(warnings(), []);
});

test('on("error") is not warned about if the event has a listener, too', async (t) => {
  const warnings = catchWarnings(t);
  const open = await importCopy(t);
  const server = await LocalServer.start(t, { answer: () => 503 });
  const socket = open(server.url());
  socket.on("error", () => assert.fail("there is no message"));
  const { code } = await next(socket, "error");
  assert.equal(code, "connection_failed");
  await reached(socket, "waiting");
  assert.deepEqual(warnings(), []);
});
