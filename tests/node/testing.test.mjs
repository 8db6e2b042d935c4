// `steadysocket/testing`: the server in memory, with the package and without.
import assert from "node:assert/strict";
import { test } from "node:test";
import { entryUrl, SteadySocket } from "../support/package.mjs";
import { next, quick, reached } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";

const { TestServer } = await import(entryUrl("./testing"));
const { createSessions } = await import(entryUrl("./server"));

/** A SteadySocket on a TestServer, closed when the test ends. */
function open(t, server, options = {}, url = "ws://test", protocols = []) {
  const { WebSocket } = server;
  const socket = new SteadySocket(url, protocols, { WebSocket, reconnect: quick, ...options });
  t.after(() => socket.close());
  return socket;
}

/** A plain WebSocket on a TestServer and its connection, and what the client has reported. */
async function connect(server, ...args) {
  const socket = new server.WebSocket(...(args.length > 0 ? args : ["ws://test"]));
  const events = [];
  for (const type of ["open", "message", "error", "close"]) {
    socket.addEventListener(type, (event) => {
      const { data, code, reason, wasClean } = event;
      const details = { message: [data], close: [code, reason, wasClean] }[type] ?? [];
      events.push([type, ...details]);
    });
  }
  const connection = await server.connection();
  await opened(socket);
  return { socket, connection, events };
}

const event = (target, type) =>
  new Promise((resolve) => target.addEventListener(type, resolve, { once: true }));

const opened = (socket) => socket.readyState === 1 || event(socket, "open");

// --- The server. ---

test("a connection is awaited before it is there or after, each once", async (t) => {
  const server = new TestServer();
  const early = server.connection();
  open(t, server, {}, "ws://test/first?token=1", ["chat", "other"]);
  open(t, server, {}, "ws://test/second");
  const [first, second] = [await early, await server.connection()];
  assert.equal(first.url, "ws://test/first?token=1");
  assert.deepEqual(first.protocols, ["chat", "other"]);
  assert.equal(first.protocol, "chat");
  assert.equal(second.url, "ws://test/second");
  assert.deepEqual(server.connections, [first, second]);
  const third = server.connection({ timeout: 20 });
  await assert.rejects(third, {
    message: "TestServer.connection: nothing within 20 ms; 2 attempts so far, 0 refused",
  });
});

test("messages are received as they were sent, and awaited one by one", async (t) => {
  const server = new TestServer();
  const socket = open(t, server);
  const connection = await server.connection();
  socket.send("text");
  socket.send({ type: "chat", text: "\ud83d\ude00" });
  socket.send(Uint8Array.of(1, 2, 3).subarray(1));
  socket.send(new Blob(["blob"]));
  socket.send("last");
  assert.equal(await connection.message(), "text");
  assert.deepEqual(await connection.json(), { type: "chat", text: "\ud83d\ude00" });
  assert.deepEqual(new Uint8Array(await connection.message()), Uint8Array.of(2, 3));
  assert.equal(new TextDecoder().decode(await connection.message()), "blob");
  await assert.rejects(connection.json(), {
    name: "SyntaxError",
    message: "TestConnection.json: the message is not JSON: last",
  });
  assert.equal(connection.received.length, 5);
  await assert.rejects(connection.message({ timeout: 20 }), /nothing within 20 ms; 5 received/);
  const waiting = connection.message();
  connection.close(4000, "enough");
  await assert.rejects(waiting, {
    message: "TestConnection.message: the connection has ended with 4000 (enough)",
  });
  await assert.rejects(connection.message(), /has ended with 4000/);
});

test("the server sends text, JSON and binary data, to one client or to all", async (t) => {
  const server = new TestServer();
  const sockets = [open(t, server), open(t, server)];
  const connection = await server.connection();
  await server.connection();
  const received = sockets.map((socket) => {
    const list = [];
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => list.push(typeof data === "string" ? data : data.byteLength);
    return list;
  });
  const bytes = new Uint8Array(7);
  connection.send(bytes);
  bytes.fill(1);
  connection.send(bytes.buffer);
  connection.send(new Blob(["12"]));
  server.send({ type: "all" });
  server.send(["all"]);
  await eventually(() => received[0].length === 5 && received[1].length === 2);
  assert.deepEqual(received[0], [7, 7, 2, '{"type":"all"}', '["all"]']);
  assert.deepEqual(received[1], ['{"type":"all"}', '["all"]']);
});

test("attempts fail while the server is offline, and as often as it refuses them", async (t) => {
  const server = new TestServer();
  server.offline();
  const socket = open(t, server);
  const { code, willRetry } = await next(socket, "close");
  assert.deepEqual([code, willRetry], [1006, true]);
  socket.send("queued");
  await next(socket, "close");
  server.refuse(2);
  server.online();
  const connection = await server.connection();
  assert.equal(await connection.message(), "queued");
  const refused = server.attempts.map(({ accepted }) => accepted);
  assert.ok(refused.length >= 5, refused.join());
  assert.deepEqual(refused.slice(-3), [false, false, true]);
  // Existing connections remain until they are killed.
  server.offline();
  socket.send("still here");
  assert.equal(await connection.message(), "still here");
  server.kill();
  assert.deepEqual(connection.closed, { code: 1006, reason: "" });
  assert.deepEqual(server.connections, []);
  await reached(socket, "waiting");
  server.online();
  await server.connection();
});

test("a half-open connection holds everything back, and then delivers it in order", async () => {
  const server = new TestServer();
  const { socket, connection, events } = await connect(server);
  connection.silence();
  socket.send("1");
  connection.send("a");
  socket.send("2");
  connection.send("b");
  const other = await connect(server);
  other.socket.send("not silent");
  assert.equal(await other.connection.message(), "not silent");
  assert.deepEqual(connection.received, []);
  assert.deepEqual(events, [["open"]]);
  assert.equal(socket.bufferedAmount, 0);
  // Beyond the network's own buffer, the sender's one fills.
  const large = "x".repeat(65_535);
  socket.send(large);
  socket.send("3");
  await null;
  assert.equal(socket.bufferedAmount, large.length + 1);
  connection.resume();
  await eventually(() => connection.received.length === 4 && events.length === 3);
  assert.deepEqual(connection.received, ["1", "2", large, "3"]);
  assert.deepEqual(events.slice(1), [
    ["message", "a"],
    ["message", "b"],
  ]);
  assert.equal(socket.bufferedAmount, 0);
});

test("while the whole network is silent attempts hang, and a kill is not noticed", async () => {
  const server = new TestServer();
  const { connection, events } = await connect(server);
  server.silence();
  const late = new server.WebSocket("ws://test/late");
  server.kill();
  await assert.rejects(server.connection({ timeout: 20 }), /1 attempt so far, 0 refused/);
  assert.equal(connection.readyState, 3);
  assert.deepEqual(events, [["open"]]);
  server.resume();
  assert.equal((await server.connection()).url, "ws://test/late");
  await opened(late);
  assert.deepEqual(events, [["open"], ["close", 1006, "", false]]);
});

test("latency applies in both directions, and keeps the order", async () => {
  const server = new TestServer({ latency: 20 });
  const begin = performance.now();
  const { socket, connection, events } = await connect(server);
  // setTimeout may be early by a fraction.
  assert.ok(performance.now() - begin > 38);
  connection.send("slow");
  server.latency = 0;
  connection.send("quick");
  await eventually(() => events.length === 3);
  assert.deepEqual(events.slice(1), [
    ["message", "slow"],
    ["message", "quick"],
  ]);
  socket.close();
  await event(socket, "close");
});

test("a server selects the subprotocol, and an attempt fails if it selects none", async () => {
  const server = new TestServer({ protocols: ["b", "a"] });
  const { socket, connection } = await connect(server, "ws://test", ["c", "a", "b"]);
  assert.equal(socket.protocol, "a");
  assert.equal(connection.protocol, "a");
  const failing = new server.WebSocket("ws://test", "c");
  assert.deepEqual((await event(failing, "close")).code, 1006);
  const choosing = new TestServer({ protocols: (offered) => offered.at(-1) });
  assert.equal((await connect(choosing, "ws://test", ["x", "y"])).socket.protocol, "y");
  assert.equal((await connect(choosing)).socket.protocol, "");
});

test("two sides that answer each other at once do not block the process", async () => {
  const server = new TestServer();
  const { socket, connection } = await connect(server);
  connection.onmessage = ({ data }) => connection.readyState === 1 && connection.send(data);
  socket.onmessage = ({ data }) => socket.readyState === 1 && socket.send(data);
  socket.send("again");
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(connection.received.length > 10);
  assert.ok(connection.received.length <= 10_000);
  socket.close();
  await event(socket, "close");
});

test("an error in onconnection is an unhandled rejection", async (t) => {
  const error = new Error("in onconnection");
  const server = new TestServer({
    onconnection() {
      throw error;
    },
  });
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  t.after(() => {
    for (const other of others) process.on("unhandledRejection", other);
  });
  const rejected = new Promise((resolve) => process.once("unhandledRejection", resolve));
  new server.WebSocket("ws://test");
  assert.equal(await rejected, error);
});

test("misuse is named", async () => {
  const server = new TestServer();
  const { connection } = await connect(server);
  const circular = {};
  circular.self = circular;
  for (const [call, name, message] of [
    [() => new TestServer({ latencyy: 1 }), "TypeError", "TestServer: unknown option: latencyy"],
    [() => new TestServer({ latency: -1 }), "RangeError", /latency must be .* got -1/],
    [() => new TestServer({ timeout: 0 }), "RangeError", /timeout must be .* got 0/],
    [() => new TestServer({ protocols: "chat" }), "TypeError", /protocols must be an array/],
    [() => new TestServer({ onconnection: 1 }), "TypeError", /onconnection must be a function/],
    [() => server.refuse(-1), "RangeError", /times must be .* got -1/],
    [() => server.send(undefined), "TypeError", /TestServer.send: .* got undefined/],
    [() => connection.send(5), "TypeError", /TestConnection.send: .* got number/],
    [() => connection.send(null), "TypeError", /got null/],
    [() => connection.send(new Map()), "TypeError", /a Map cannot be serialized as JSON/],
    [() => connection.send(Promise.resolve()), "TypeError", /a Promise cannot/],
    [() => connection.send(circular), "TypeError", /circular/],
    [() => connection.send(new Uint8Array(new SharedArrayBuffer(1))), "TypeError", /shared/],
    [() => connection.close(1006), "RangeError", /got 1006; terminate\(\) is an end with 1006/],
    [() => connection.close(1000, "\u00e9".repeat(62)), "RangeError", /at most 123 bytes/],
    [() => connection.close(undefined, "why"), "RangeError", /a reason requires a code/],
    [() => connection.message({ time: 1 }), "TypeError", /unknown option: time/],
  ]) {
    assert.throws(call, { name, message }, String(call));
  }
  connection.terminate();
  assert.throws(() => connection.send("late"), {
    name: "InvalidStateError",
    message: "TestConnection.send: the connection is closed (1006)",
  });
});

// --- The interface of WebSocket. ---

test("a client closes with a code and a reason, after what it has sent", async () => {
  const server = new TestServer();
  const { socket, connection, events } = await connect(server);
  const closed = event(connection, "close");
  socket.send("before");
  socket.close(3001, "enough");
  assert.equal(socket.readyState, 2);
  socket.send("after");
  assert.equal(socket.bufferedAmount, 11);
  connection.send("too late");
  const { code, reason, wasClean } = await closed;
  assert.deepEqual([code, reason, wasClean], [3001, "enough", true]);
  assert.deepEqual(connection.received, ["before"]);
  await event(socket, "close");
  assert.equal(socket.readyState, 3);
  // bufferedAmount is not reset.
  assert.equal(socket.bufferedAmount, 5);
  assert.deepEqual(events, [["open"], ["close", 3001, "enough", true]]);
  socket.close();
});

test("the server closes with a code and a reason, after what it has sent", async () => {
  const server = new TestServer();
  const { socket, connection, events } = await connect(server);
  connection.send("before");
  socket.send("on its way");
  connection.close(1013, "retry-after=3");
  assert.equal(connection.readyState, 2);
  await event(connection, "close");
  await eventually(() => socket.readyState === 3);
  assert.deepEqual(connection.received, ["on its way"]);
  assert.deepEqual(events, [
    ["open"],
    ["message", "before"],
    ["close", 1013, "retry-after=3", true],
  ]);
  const other = await connect(server);
  other.connection.close();
  await event(other.socket, "close");
  assert.deepEqual(other.events, [["open"], ["close", 1005, "", true]]);
  // Both at once.
  const both = await connect(server);
  both.connection.close(4001);
  both.socket.close(4002);
  await event(both.socket, "close");
  assert.deepEqual(both.events, [["open"], ["close", 4001, "", true]]);
  assert.equal(both.connection.closed.code, 4002);
});

test("a close while connecting, or without a server, is an error and 1006", async () => {
  const server = new TestServer();
  const early = new server.WebSocket("ws://test");
  const types = [];
  early.onerror = () => types.push(`error ${early.readyState}`);
  early.onclose = ({ code }) => types.push(`close ${code}`);
  early.close(3000);
  assert.equal(early.readyState, 2);
  await event(early, "close");
  assert.deepEqual(types, ["error 3", "close 1006"]);
  assert.deepEqual(server.attempts, []);
  server.refuse();
  const refused = new server.WebSocket("ws://test");
  assert.equal(refused.readyState, 0);
  await Promise.all([event(refused, "error"), event(refused, "close")]);
  assert.equal(refused.readyState, 3);
  // Without an error, as in Chromium: the connection was not failed by the browser.
  const { socket, connection, events } = await connect(server);
  connection.terminate();
  await event(socket, "close");
  assert.deepEqual(events, [["open"], ["close", 1006, "", false]]);
});

test("the class has the interface of WebSocket", async () => {
  const { WebSocket } = new TestServer();
  assert.equal(WebSocket.name, "WebSocket");
  assert.equal(WebSocket.length, 1);
  assert.deepEqual([WebSocket.CONNECTING, WebSocket.OPEN], [0, 1]);
  const socket = new WebSocket("http://test");
  assert.deepEqual([socket.CLOSING, socket.CLOSED], [2, 3]);
  assert.equal(Object.prototype.toString.call(socket), "[object WebSocket]");
  assert.ok(socket instanceof EventTarget);
  assert.equal(socket.url, "ws://test/");
  assert.equal(socket.extensions, "");
  assert.equal(socket.binaryType, "blob");
  socket.binaryType = "none";
  assert.equal(socket.binaryType, "blob");
  assert.equal(socket.onopen, null);
  socket.onopen = 5;
  assert.equal(socket.onopen, null);
  for (const [call, name] of [
    [() => new WebSocket(), "TypeError"],
    [() => new WebSocket("/relative"), "SyntaxError"],
    [() => new WebSocket("ftp://test"), "SyntaxError"],
    [() => new WebSocket("ws://test#fragment"), "SyntaxError"],
    [() => new WebSocket("ws://test", ["a", "a"]), "SyntaxError"],
    [() => new WebSocket("ws://test", "a b"), "SyntaxError"],
    [() => socket.send(), "TypeError"],
    [() => socket.send("early"), "InvalidStateError"],
    [() => socket.close(1001), "InvalidAccessError"],
    [() => socket.close(1006), "InvalidAccessError"],
    [() => socket.close(1000, "\u00e9".repeat(62)), "SyntaxError"],
  ]) {
    assert.throws(call, { name }, String(call));
  }
  await opened(socket);
});

test("binary data arrives as a Blob or as an ArrayBuffer", async () => {
  const server = new TestServer();
  const { socket, connection } = await connect(server);
  connection.send(Uint8Array.of(1, 2));
  const { data: blob } = await event(socket, "message");
  assert.ok(blob instanceof Blob);
  assert.deepEqual(new Uint8Array(await blob.arrayBuffer()), Uint8Array.of(1, 2));
  socket.binaryType = "arraybuffer";
  connection.send(Uint8Array.of(3));
  const { data, origin } = await event(socket, "message");
  assert.deepEqual(data, Uint8Array.of(3).buffer);
  assert.equal(origin, "ws://test");
});

test("anything is sent as a string, with lone surrogates replaced", async () => {
  const { socket, connection } = await connect(new TestServer());
  for (const one of [5, null, undefined, { an: "object" }, "a\ud800b\u00e9"]) socket.send(one);
  assert.equal(socket.bufferedAmount, 1 + 4 + 9 + 15 + 7);
  await eventually(() => connection.received.length === 5);
  assert.deepEqual(connection.received, [
    "5",
    "null",
    "undefined",
    "[object Object]",
    "a\ufffdb\u00e9",
  ]);
  assert.equal(socket.bufferedAmount, 0);
});

test("as the global WebSocket it is the one of a SteadySocket", async (t) => {
  const server = new TestServer();
  const { WebSocket } = globalThis;
  globalThis.WebSocket = server.WebSocket;
  t.after(() => {
    globalThis.WebSocket = WebSocket;
  });
  const socket = new SteadySocket("ws://test");
  t.after(() => socket.close());
  socket.send("global");
  assert.equal(await (await server.connection()).message(), "global");
});

// --- What apps test with it. ---

/** As in docs/guides/testing.md: Node fakes no performance.now(). */
function fakeTimers(t) {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  t.mock.method(performance, "now", () => Date.now());
}

/** Lets time pass. A tick runs timers late that begin in it; what they cause needs the event loop. */
async function pass(t, milliseconds) {
  for (let passed = 0; passed < milliseconds; passed += 100) {
    t.mock.timers.tick(100);
    await new Promise(setImmediate);
  }
}

test("a socket reconnects after terminate(), on fake timers", async (t) => {
  fakeTimers(t);
  const server = new TestServer();
  const socket = open(t, server, { reconnect: { initialDelay: 10_000, maxDelay: 10_000 } });
  const first = await server.connection();
  await next(socket, "open");
  first.terminate();
  const { retryIn } = await next(socket, "statechange");
  assert.equal(socket.state, "waiting");
  assert.ok(retryIn <= 10_000);
  socket.send("queued");
  assert.equal(server.attempts.length, 1);
  await pass(t, retryIn);
  const second = await server.connection();
  assert.equal(await second.message(), "queued");
});

test("a heartbeat finds a half-open connection, on fake timers", async (t) => {
  fakeTimers(t);
  const server = new TestServer({
    onconnection(connection) {
      connection.onmessage = () => connection.send({ type: "pong" });
    },
  });
  const socket = open(t, server, { heartbeat: { interval: 15_000, timeout: 5_000 } });
  const errors = [];
  socket.onerror = ({ code }) => errors.push(code);
  const connection = await server.connection();
  await pass(t, 60_000);
  assert.deepEqual(await connection.json(), { type: "ping" });
  assert.ok(connection.received.length >= 4);
  connection.silence();
  await pass(t, 21_000);
  assert.deepEqual(errors, ["heartbeat_timeout"]);
  assert.equal(server.attempts.length, 2);
  assert.equal(socket.state, "open");
});

test("the server's retry-after is the delay before the next attempt", async (t) => {
  const server = new TestServer();
  const socket = open(t, server);
  const connection = await server.connection();
  connection.close(1013, "retry-after=30");
  const { code, reason } = await next(socket, "close");
  assert.deepEqual([code, reason], [1013, "retry-after=30"]);
  assert.equal(socket.state, "waiting");
  assert.ok(socket.retryIn > 29_000, `${socket.retryIn}`);
});

test("after 4401 an attempt has a fresh token", async (t) => {
  let tokens = 0;
  const server = new TestServer({
    onconnection(connection) {
      if (connection.url.endsWith("=1")) connection.close(4401, "expired");
    },
  });
  const socket = open(t, server, {}, async () => `ws://test/?token=${++tokens}`);
  const { code, willRetry } = await next(socket, "close");
  assert.deepEqual([code, willRetry], [4401, true]);
  await reached(socket, "open");
  socket.send("hello");
  assert.deepEqual(
    server.attempts.map(({ url }) => url),
    ["ws://test/?token=1", "ws://test/?token=2"],
  );
  assert.equal(await server.connections[0].message(), "hello");
});

test("nothing of a session is lost or repeated over a kill, whatever was on its way", async (t) => {
  const received = [];
  const sessions = createSessions({
    onsession(session) {
      session.onmessage = (data) => {
        received.push(data);
        session.send(`echo ${data}`);
      };
    },
  });
  const server = new TestServer({
    protocols: sessions.pick,
    onconnection: (connection) => sessions.accept(connection, { user: { name: "Ann" } }),
  });
  const socket = open(t, server, { session: true });
  const states = [];
  socket.addEventListener("session", ({ state }) => states.push(state));
  const echoes = [];
  socket.onmessage = ({ data }) => echoes.push(data);
  const expected = [];
  for (let round = 0; round < 5; ++round) {
    const connection = await server.connection();
    await next(socket, "session");
    if (round === 2) connection.silence();
    for (let i = 0; i < 10; ++i) {
      const text = `message ${expected.length}`;
      expected.push(text);
      socket.send(text);
      // Somewhere on its way.
      for (let jobs = 0; jobs < i % 4; ++jobs) await null;
    }
    server.kill();
    connection.resume();
  }
  await server.connection();
  await socket.delivered();
  await eventually(() => echoes.length === expected.length);
  assert.deepEqual(received, expected);
  assert.deepEqual(
    echoes,
    expected.map((text) => `echo ${text}`),
  );
  assert.deepEqual(states, ["new", ...Array(5).fill("resumed")]);
  assert.equal(server.connections[0].protocol, "steady.1");
});
