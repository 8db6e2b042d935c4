// suspend(), resume() and reconnect(), in every state.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, quick, reached, record } from "../support/sockets.mjs";

/** A wait that does not end by itself within a test. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };

test("suspend and resume hold in every state", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url(), { reconnect: slow });
  const lines = record(socket);
  const told = async (...expected) => {
    while (lines.length < expected.length) await next(socket, "statechange");
    // The close of a connection that is given up comes in the same task.
    await Promise.resolve();
    assert.deepEqual(lines.splice(0), expected);
  };
  // Connecting: resume changes nothing, suspend ends the attempt.
  await server.until(() => server.handshakes.length === 1);
  socket.resume();
  assert.equal(socket.state, "connecting");
  socket.suspend();
  assert.equal(socket.state, "suspended");
  assert.equal(socket.readyState, 0);
  assert.equal(socket.retryIn, undefined);
  await told("statechange connecting", "statechange suspended", "close 1005 retry");
  // Suspended: again changes nothing, and what is sent waits.
  socket.suspend();
  assert.equal(socket.send("waits").status, "queued");
  server.answer = () => undefined;
  socket.resume();
  assert.equal(socket.state, "connecting");
  await next(socket, "open");
  await told("statechange connecting", "statechange open", "open");
  await server.until(() => server.received.length === 1);
  // Open: resume changes nothing, suspend ends the connection.
  socket.resume();
  assert.equal(socket.state, "open");
  const left = server.connections[0];
  socket.suspend();
  await server.until(() => left.readyState === left.CLOSED);
  await told("statechange suspended", "close 1005 retry");
  assert.equal(server.handshakes.length, 2);
  // Waiting: resume changes nothing, suspend ends the wait.
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
  await told(
    "statechange connecting",
    "error connection_failed",
    "statechange waiting",
    "close 1006 retry",
    "statechange suspended",
  );
  // Suspended: reconnect and connect make an attempt as well.
  server.answer = () => undefined;
  socket.reconnect();
  await next(socket, "open");
  socket.suspend();
  socket.connect();
  await next(socket, "open");
  // Closing and closed: both throw.
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

test("a suspended socket can be closed, and says what it did not send", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  await next(socket, "open");
  socket.suspend();
  socket.send("never");
  socket.close();
  const { reason, data } = await next(socket, "drop");
  assert.deepEqual([reason, data, socket.state], ["closed", "never", "closed"]);
});

test("reconnect replaces an open connection, and says so", async (t) => {
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
  // In a listener of the end.
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

test("what a socket says of itself stays when it has given up, and retries begin anew", async (t) => {
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
  const said = () => {
    const { protocol, extensions, binaryType, bufferedAmount } = socket;
    return { url: socket.url, protocol, extensions, binaryType, bufferedAmount, ...socket.stats() };
  };
  await next(socket, "message");
  // Its answer is the first that was measured; no other one comes.
  server.connections[0].removeAllListeners("message");
  const before = said();
  assert.ok(before.roundTrip.last >= 0);
  assert.deepEqual([before.url, before.protocol, before.bufferedAmount], [url, "chat", 0]);
  await server.stop();
  const counts = [];
  socket.addEventListener("close", () => counts.push(socket.retryCount));
  await reached(socket, "closed");
  for (let turns = 0; turns < 2; ++turns) {
    await new Promise(setImmediate);
    assert.deepEqual(said(), before);
    assert.deepEqual([socket.retryCount, socket.retryIn, socket.readyState], [2, undefined, 3]);
  }
  assert.deepEqual(counts, [1, 2, 2]);
  socket.send("late");
  assert.equal(socket.bufferedAmount, 4);
  socket.close();
  assert.deepEqual([socket.retryCount, socket.bufferedAmount], [2, 4]);
  await server.restart();
  socket.reconnect();
  assert.deepEqual([socket.retryCount, said()], [0, before]);
  await socket.opened;
  assert.equal(socket.retryCount, 0);
});

test("a second connection is never made beside an attempt that is under way", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url(), { connectTimeout: 60_000 });
  const lines = record(socket);
  const askAll = () => {
    for (const call of ["connect", "reconnect", "resume", "connect", "reconnect"]) socket[call]();
  };
  askAll();
  socket.addEventListener("statechange", askAll);
  await server.until(() => server.handshakes.length === 1);
  for (let turn = 0; turn < 20; ++turn) {
    askAll();
    await new Promise(setImmediate);
  }
  socket.removeEventListener("statechange", askAll);
  assert.deepEqual(lines, ["statechange connecting"]);
  assert.equal(server.handshakes.length, 1);
  // Suspended and resumed in one task: the first attempt is over, and one is under way.
  server.answer = () => undefined;
  for (let i = 0; i < 5; ++i) {
    socket.suspend();
    socket.resume();
    askAll();
  }
  await next(socket, "open");
  socket.send("hello");
  await server.until(() => server.received.length === 1);
  const live = server.connections.filter((connection) => connection.readyState === 1);
  assert.equal(live.length, 1);
});
