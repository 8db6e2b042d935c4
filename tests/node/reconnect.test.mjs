// suspend(), resume() and reconnect(), in every state.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, quick, reached, record } from "../support/sockets.mjs";

/** A delay that does not end within a test. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };

test("suspend and resume work in every state", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url(), { reconnect: slow });
  const lines = record(socket);
  const logged = async (...expected) => {
    while (lines.length < expected.length) await next(socket, "statechange");
    // The close event of an aborted connection is dispatched in the same task.
    await Promise.resolve();
    assert.deepEqual(lines.splice(0), expected);
  };
  // Connecting: resume has no effect, suspend ends the attempt.
  await server.until(() => server.handshakes.length === 1);
  socket.resume();
  assert.equal(socket.state, "connecting");
  socket.suspend();
  assert.equal(socket.state, "suspended");
  assert.equal(socket.readyState, 0);
  assert.equal(socket.retryIn, undefined);
  await logged("statechange connecting", "statechange suspended", "close 1005 retry");
  // Suspended: suspend has no effect, and messages are queued.
  socket.suspend();
  assert.equal(socket.send("waits").status, "queued");
  server.answer = () => undefined;
  socket.resume();
  assert.equal(socket.state, "connecting");
  await next(socket, "open");
  await logged("statechange connecting", "statechange open", "open");
  await server.until(() => server.received.length === 1);
  // Open: resume has no effect, suspend ends the connection.
  socket.resume();
  assert.equal(socket.state, "open");
  const left = server.connections[0];
  socket.suspend();
  await server.until(() => left.readyState === left.CLOSED);
  await logged("statechange suspended", "close 1005 retry");
  assert.equal(server.handshakes.length, 2);
  // Waiting: resume has no effect, suspend cancels the retry.
  server.answer = () => 503;
  socket.connect();
  await reached(socket, "waiting");
  socket.resume();
  assert.equal(socket.state, "waiting");
  assert.ok(socket.retryIn > 0);
  socket.suspend();
  assert.equal(socket.state, "suspended");
  assert.equal(socket.retryIn, undefined);
  // There was no connection to close.
  await reached(socket, "suspended");
  await logged(
    "statechange connecting",
    "error connection_failed",
    "statechange waiting",
    "close 1006 retry",
    "statechange suspended",
  );
  // Suspended: reconnect and connect start an attempt, too.
  server.answer = () => undefined;
  socket.reconnect();
  await next(socket, "open");
  socket.suspend();
  socket.connect();
  await next(socket, "open");
  // Closing and closed: all throw.
  socket.close();
  assert.equal(socket.state, "closing");
  for (const call of ["suspend", "resume", "connect"]) {
    assert.throws(() => socket[call](), { name: "InvalidStateError" }, call);
  }
  await next(socket, "close");
  for (const call of ["suspend", "resume", "connect"]) {
    assert.throws(() => socket[call](), { name: "InvalidStateError" }, call);
  }
  assert.equal(socket.state, "closed");
});

test("a suspended socket can be closed, and reports unsent messages", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  await next(socket, "open");
  socket.suspend();
  socket.send("never");
  socket.close();
  const { reason, data } = await next(socket, "drop");
  assert.deepEqual([reason, data, socket.state], ["closed", "never", "closed"]);
});

test("reconnect replaces an open connection, and dispatches a close event with willRetry", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url(), { reconnect: slow });
  const lines = record(socket);
  await next(socket, "open");
  lines.length = 0;
  const closed = next(socket, "close");
  socket.reconnect();
  assert.equal(socket.state, "connecting");
  assert.equal(socket.send("to the new one").status, "queued");
  const { code, willRetry, reason } = await closed;
  assert.deepEqual([code, willRetry, reason], [1005, true, ""]);
  await next(socket, "open");
  assert.deepEqual(lines, [
    "statechange connecting",
    "close 1005 retry",
    "statechange open",
    "open",
  ]);
  assert.equal(server.connections.length, 2);
  const [old, fresh] = server.connections;
  await server.until(() => old.readyState === old.CLOSED && server.received.length === 1);
  assert.equal(fresh.readyState, fresh.OPEN);
  assert.deepEqual(server.received, ["to the new one"]);
});

test("reconnect while closing, and after close, opens the socket again", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url(), { reconnect: slow });
  await next(socket, "open");
  socket.close(4000, "bye");
  assert.equal(socket.state, "closing");
  socket.reconnect();
  assert.equal(socket.state, "connecting");
  await next(socket, "open");
  socket.close(4000, "bye");
  await next(socket, "close");
  socket.reconnect();
  await next(socket, "open");
  socket.close();
  // In a listener for the closed state.
  const reopen = ({ state }) => state === "closed" && socket.reconnect();
  socket.addEventListener("statechange", reopen);
  const lines = record(socket);
  await next(socket, "open");
  assert.deepEqual(lines, [
    "statechange closing",
    "statechange closed",
    "close 1005",
    "statechange connecting",
    "statechange open",
    "open",
  ]);
  socket.removeEventListener("statechange", reopen);
  socket.send("hello");
  await server.until(() => server.received.length === 1);
  assert.equal(server.connections.length, 4);
});

test("members keep their values after the last attempt, and reconnect() resets retryCount", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => connection.on("message", (data) => connection.send(String(data))),
  });
  const url = server.url("/room");
  const socket = openSocket(
    t,
    async () => url,
    { reconnect: { ...quick, maxAttempts: 2 }, heartbeat: { interval: 20, timeout: 10_000 } },
    ["chat"],
  );
  socket.binaryType = "arraybuffer";
  const members = () => {
    const { protocol, extensions, binaryType, bufferedAmount } = socket;
    return { url: socket.url, protocol, extensions, binaryType, bufferedAmount, ...socket.stats() };
  };
  await next(socket, "message");
  // Only the first ping is answered, so the measurement does not change.
  server.connections[0].removeAllListeners("message");
  const before = members();
  assert.ok(before.roundTrip.last >= 0);
  assert.deepEqual([before.url, before.protocol, before.bufferedAmount], [url, "chat", 0]);
  await server.stop();
  const counts = [];
  socket.addEventListener("close", () => counts.push(socket.retryCount));
  await reached(socket, "closed");
  for (let turns = 0; turns < 2; ++turns) {
    await new Promise(setImmediate);
    assert.deepEqual(members(), before);
    assert.deepEqual([socket.retryCount, socket.retryIn, socket.readyState], [2, undefined, 3]);
  }
  assert.deepEqual(counts, [1, 2, 2]);
  socket.send("late");
  assert.equal(socket.bufferedAmount, 4);
  socket.close();
  assert.deepEqual([socket.retryCount, socket.bufferedAmount], [2, 4]);
  await server.restart();
  socket.reconnect();
  assert.deepEqual([socket.retryCount, members()], [0, before]);
  await socket.opened;
  assert.equal(socket.retryCount, 0);
});

test("no second connection is started during an attempt", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url(), { connectTimeout: 60_000 });
  const lines = record(socket);
  const callAll = () => {
    for (const call of ["connect", "reconnect", "resume", "connect", "reconnect"]) socket[call]();
  };
  callAll();
  socket.addEventListener("statechange", callAll);
  await server.until(() => server.handshakes.length === 1);
  for (let turn = 0; turn < 20; ++turn) {
    callAll();
    await new Promise(setImmediate);
  }
  socket.removeEventListener("statechange", callAll);
  assert.deepEqual(lines, ["statechange connecting"]);
  assert.equal(server.handshakes.length, 1);
  // Suspended and resumed in one task: the first attempt has ended, and one is under way.
  server.answer = () => undefined;
  for (let i = 0; i < 5; ++i) {
    socket.suspend();
    socket.resume();
    callAll();
  }
  await next(socket, "open");
  socket.send("hello");
  await server.until(() => server.received.length === 1);
  const live = server.connections.filter((connection) => connection.readyState === 1);
  assert.equal(live.length, 1);
});
