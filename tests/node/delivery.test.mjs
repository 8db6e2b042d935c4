// Options of send, and the outcome of a message.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";
import { cut, drops, openAlone } from "./dropping.mjs";
import { openStub } from "./stub.mjs";

/** Resolves when the condition holds; it is evaluated on every event of this type. */
async function until(socket, type, condition) {
  while (!condition()) await next(socket, type);
}

test("key, priority and ttl apply to queued messages, and every drop is reported with its reason", async (t) => {
  const { server, socket } = await openAlone(t);
  const lines = record(socket);
  socket.send({ x: 1 }, { key: "position", track: true });
  socket.send("normal");
  socket.send("high", { priority: "high" });
  socket.send("old", { ttl: 1 });
  assert.equal(socket.send({ x: 2 }, { key: "position" }).status, "queued");
  await until(socket, "drop", () => drops(lines).length === 2);
  assert.deepEqual(drops(lines), ['drop 1 replaced {"x":1}', "drop 4 expired old"]);
  await server.restart();
  await server.until(() => server.received.length === 3);
  assert.deepEqual(server.received, ["high", '{"x":2}', "normal"]);
});

test("messages that may not be queued are dropped without a connection", async (t) => {
  const { server, socket } = await openAlone(t);
  const drop = next(socket, "drop");
  assert.deepEqual(socket.send("now", { volatile: true }), {
    status: "dropped",
    reason: "not_now",
  });
  assert.deepEqual(socket.send("this connection", { connectionOnly: true }), {
    status: "dropped",
    reason: "connection_ended",
  });
  const { reason, data, id } = await drop;
  assert.deepEqual([reason, data, id], ["not_now", "now", 0]);
  await server.restart();
  await reached(socket, "open");
  assert.equal(socket.send("now", { volatile: true }).status, "sent");
  assert.equal(socket.send("this connection", { connectionOnly: true }).status, "sent");
  await server.until(() => server.received.length === 2);
});

test("a full queue drops the oldest or the newest message, by its overflow policy", async (t) => {
  const { socket } = await openAlone(t, { queue: { maxMessages: 2, overflow: "drop_oldest" } });
  const lines = record(socket);
  for (const text of ["1", "2", "3"]) assert.equal(socket.send(text).status, "queued");
  await next(socket, "drop");
  assert.deepEqual(drops(lines), ["drop 1 queue_full 1"]);

  const newest = await openAlone(t, { queue: { maxMessages: 1, overflow: "drop_newest" } });
  assert.equal(newest.socket.send("1").status, "queued");
  assert.deepEqual(newest.socket.send("2"), { status: "dropped", reason: "queue_full" });
});

test("a queued message can be cancelled, and its outcome is reported", async (t) => {
  const { server, socket } = await openAlone(t, { queue: { maxBytes: 1 << 20 } });
  const sent = socket.send("stays", { track: true });
  const back = socket.send(new Uint8Array([1, 2]), { track: true });
  const dropped = next(socket, "drop");
  assert.equal(back.status, "queued");
  assert.equal(back.cancel(), true);
  assert.equal(back.cancel(), false);
  assert.deepEqual(await back.outcome, { status: "dropped", reason: "cancelled" });
  assert.deepEqual((await dropped).data, new Uint8Array([1, 2]));
  await server.restart();
  assert.deepEqual(await sent.outcome, { status: "sent" });
  assert.equal(sent.cancel(), false);

  const direct = socket.send("direct", { track: true });
  assert.equal(direct.status, "sent");
  assert.deepEqual(await direct.outcome, { status: "sent" });
  const large = socket.send("x".repeat(2 << 20), { track: true, volatile: true });
  assert.equal(large.status, "sent");
  await server.stop();
  await reached(socket, "waiting");
  const waits = socket.send("never", { track: true });
  const rejected = socket.send("x".repeat(2 << 20), { track: true });
  assert.deepEqual(await rejected.outcome, { status: "dropped", reason: "queue_full" });
  socket.close();
  assert.deepEqual(await waits.outcome, { status: "dropped", reason: "closed" });
  const late = socket.send("late", { track: true });
  assert.deepEqual(await late.outcome, { status: "dropped", reason: "closed" });
});

test("only tracked messages have an outcome, and an object is sent as it was at the call", async (t) => {
  const { server, socket } = await openAlone(t);
  assert.equal("outcome" in socket.send("x", {}), false);
  const point = { x: 1 };
  const bytes = new Uint8Array([1]);
  socket.send(point, { priority: "high" });
  socket.send(bytes, { priority: "high" });
  point.x = bytes[0] = 2;
  await server.restart();
  await server.until(() => server.received.length === 3);
  assert.deepEqual(server.received, ['{"x":1}', Buffer.from([1]), "x"]);
});

test("invalid options of send throw, and nothing is sent", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/quiet"));
  await reached(socket, "open");
  for (const [options, message] of [
    [{ ttl: -1 }, /ttl of send must be a number of 0 or more, got -1/],
    [{ ttl: "1s" }, /ttl of send .* got "1s"/],
    [{ ttl: Number.NaN }, /ttl/],
    [{ key: 5 }, /key of send must be a string, got 5/],
    [{ priority: "urgent" }, /priority of send must be "normal" or "high", got "urgent"/],
    [{ high: true }, /unknown option: high of send/],
    [{ volatile: "no" }, /volatile of send must be true or false, got "no"/],
    [{ binary: true }, /unknown option: binary of send/],
    [null, /options of send must be an object/],
    ["x", /options of send must be an object/],
  ]) {
    assert.throws(() => socket.send("no", options), { name: "TypeError", message });
  }
  socket.send("yes", { ttl: Number.POSITIVE_INFINITY, key: undefined, volatile: undefined });
  await server.until(() => server.received.length > 0);
  assert.deepEqual(server.received, ["yes"]);
});

test("options of a send that threw do not apply to the next message", async (t) => {
  const { socket, stub } = await openStub(t, {
    reconnect: { initialDelay: 60_000, maxDelay: 60_000 },
  });
  cut(stub);
  await reached(socket, "waiting");
  const lines = record(socket);
  const shared = new SharedArrayBuffer(8);
  assert.throws(() => socket.send(shared, { ttl: 0, key: "k" }), TypeError);
  assert.throws(() => socket.send(shared), TypeError);
  assert.equal(socket.send("important").status, "queued");
  socket.send("last", { ttl: 0 });
  await until(socket, "drop", () => drops(lines).length > 0);
  assert.deepEqual(drops(lines), ["drop 2 expired last"]);
});

test("a message sent before close cannot be cancelled or sent after reconnect()", async (t) => {
  const { server, socket } = await openAlone(t);
  const old = socket.send("old");
  socket.close();
  await reached(socket, "closed");
  await server.restart();
  socket.reconnect();
  const fresh = socket.send("new");
  assert.equal(fresh.status, "queued");
  assert.notEqual(fresh.id, old.id);
  assert.equal(old.cancel(), false);
  await server.until(() => server.received.length === 1);
  assert.deepEqual(server.received, ["new"]);
});

test("no message after reconnect() has the id of one that was dropped before", async (t) => {
  const { socket, stub } = await openStub(t, { reconnect: false });
  stub.bufferedAmount = 100;
  socket.send("was sent", { track: true });
  const drop = next(socket, "drop");
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  const { id } = await drop;
  await reached(socket, "closed");
  socket.reconnect();
  const waits = socket.send("waits");
  assert.equal(waits.status, "queued");
  assert.ok(waits.id > id);
  assert.equal(socket.cancel(id), false);
});

test("an inherited track option has no effect", async (t) => {
  const { socket, stub } = await openStub(t);
  const inherited = Object.create({ track: true });
  assert.equal("outcome" in socket.send("x", inherited), false);
  cut(stub);
  await reached(socket, "waiting");
  assert.equal("outcome" in socket.send("x", inherited), false);
});
