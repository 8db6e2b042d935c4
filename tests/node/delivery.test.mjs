// What a message may want of the queue, and what became of it in the end.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { next, openSocket, reached, record, routed } from "../support/sockets.mjs";
import { openStub } from "../support/stub.mjs";

/** A socket whose server is not there. */
async function openAlone(test, options) {
  const server = await EchoServer.start(test);
  await server.stop();
  const socket = openSocket(test, server.url("/quiet"), options);
  await reached(socket, "waiting");
  return { server, socket };
}

const drops = (lines) => lines.filter((line) => line.startsWith("drop"));

/** Resolves when the condition holds, which is looked at with every event of this type. */
async function until(socket, type, condition) {
  while (!condition()) await next(socket, type);
}

test("key, priority and ttl decide what waits, and every drop is told with its reason", async (t) => {
  const { server, socket } = await openAlone(t);
  const lines = record(socket);
  socket.send({ x: 1 }, { key: "position" });
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

test("what may not wait is dropped where it would have to", async (t) => {
  const { server, socket } = await openAlone(t);
  const told = next(socket, "drop");
  assert.deepEqual(socket.send("now", { volatile: true }), {
    status: "dropped",
    reason: "not_now",
  });
  assert.deepEqual(socket.send("this session", { sessionOnly: true }), {
    status: "dropped",
    reason: "session_ended",
  });
  const { reason, data, id } = await told;
  assert.deepEqual([reason, data, id], ["not_now", "now", 0]);
  await server.restart();
  await reached(socket, "open");
  assert.equal(socket.send("now", { volatile: true }).status, "sent");
  assert.equal(socket.send("this session", { sessionOnly: true }).status, "sent");
  await server.until(() => server.received.length === 2);
});

test("overflow policies", async (t) => {
  const { socket } = await openAlone(t, { queue: { maxMessages: 2, overflow: "drop_oldest" } });
  const lines = record(socket);
  for (const text of ["1", "2", "3"]) assert.equal(socket.send(text).status, "queued");
  await next(socket, "drop");
  assert.deepEqual(drops(lines), ["drop 1 queue_full 1"]);

  const newest = await openAlone(t, { queue: { maxMessages: 1, overflow: "drop_newest" } });
  assert.equal(newest.socket.send("1").status, "queued");
  assert.deepEqual(newest.socket.send("2"), { status: "dropped", reason: "queue_full" });
});

test("a message that waits can be taken back, and says what became of it", async (t) => {
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

test("only what is tracked has an outcome, and an object stays what it was when it was sent", async (t) => {
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

test("options of send that are wrong throw, and nothing is sent", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/quiet"));
  await reached(socket, "open");
  for (const [options, message] of [
    [{ ttl: -1 }, /ttl of send must be a number of 0 or more, not -1/],
    [{ ttl: "1s" }, /ttl of send .* not "1s"/],
    [{ ttl: Number.NaN }, /ttl/],
    [{ key: 5 }, /key of send must be a text, not 5/],
    [{ priority: "urgent" }, /priority of send must be "normal" or "high", not "urgent"/],
    [{ high: true }, /no option high of send/],
    [{ volatile: "no" }, /volatile of send must be true or false, not "no"/],
    [{ binary: true }, /no option binary of send/],
    [null, /options of send must be an object/],
    ["x", /options of send must be an object/],
  ]) {
    assert.throws(() => socket.send("no", options), { name: "TypeError", message });
  }
  socket.send("yes", { ttl: Number.POSITIVE_INFINITY, key: undefined, volatile: undefined });
  await server.until(() => server.received.length > 0);
  assert.deepEqual(server.received, ["yes"]);
});

for (const unconfirmed of ["report", "requeue"]) {
  test(`what the platform still had when a stalled connection is given up: ${unconfirmed}`, async (t) => {
    const server = await ServerProcess.start(t);
    const proxy = await SilentProxy.start(t, server.port);
    const socket = openSocket(t, `ws://127.0.0.1:${proxy.port}/pong`, {
      heartbeat: { interval: 200, timeout: 1_000 },
      queue: { unconfirmed, maxBytes: 32 << 20 },
      highWaterMark: 16 << 20,
    });
    await reached(socket, "open");
    const lines = record(socket);
    proxy.stall();
    // More than the system's buffers take.
    const count = 128;
    const text = (i) => `${i}:${"x".repeat(64 << 10)}`;
    for (let i = 0; i < count; ++i) {
      const how = i % 3 === 0 ? socket.send(text(i), { track: true }) : socket.send(text(i));
      assert.equal(how.status, "sent");
    }
    assert.ok(socket.bufferedAmount > 0);
    await next(socket, "close");
    const told = drops(lines).map((line) => /^drop \d+ (\w+) (\d+):/.exec(line).slice(1));
    if (unconfirmed === "report") {
      // The newest, in order, all of them, and nothing else.
      assert.ok(told.length > 0);
      const first = count - told.length;
      assert.deepEqual(
        told,
        told.map((_, i) => ["unconfirmed", String(first + i)]),
      );
      socket.send("after");
      await server.until(() => server.received.includes("after"));
    } else {
      assert.deepEqual(told, []);
      await server.until(() => server.received.some((one) => one.startsWith(`${count - 1}:`)));
      const numbers = server.received.map((one) => Number(one.split(":", 1)[0]));
      // What is repeated is whole and in order, up to the last.
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => count - numbers.length + i),
      );
    }
  });
}

test("binary data that a dead connection had is what was sent, not what became of it", async (t) => {
  const { socket, stub } = await openStub(t);
  const bytes = new Uint8Array([1, 2, 3]);
  socket.send(bytes);
  socket.send("text");
  bytes.fill(9);
  stub.bufferedAmount = 7;
  stub.readyState = 3;
  const told = [];
  socket.addEventListener("drop", ({ reason, data }) => told.push([reason, data]));
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  await next(socket, "close");
  assert.deepEqual(told, [
    ["unconfirmed", new Uint8Array([1, 2, 3])],
    ["unconfirmed", "text"],
  ]);
});

test("what has left the browser's buffer is let go of", async (t) => {
  const { socket, stub } = await openStub(t);
  const message = "x".repeat(10_000);
  // The buffer is never empty: the last message is always in it.
  stub.bufferedAmount = message.length;
  for (let i = 0; i < 10_000; ++i) assert.equal(socket.send(`${i}${message}`).status, "sent");
  const told = [];
  socket.addEventListener("drop", ({ data }) => told.push(data));
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  await next(socket, "close");
  assert.deepEqual(told, [`9999${message}`]);
});

test("drained waits for the queue and the browser's buffer, and always ends", async (t) => {
  const { socket, stub } = await openStub(t);
  await socket.drained();
  stub.bufferedAmount = 5;
  socket.send("12345");
  let isDrained = false;
  const drained = socket.drained().then(() => {
    isDrained = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDrained, false);
  stub.bufferedAmount = 0;
  await drained;

  stub.bufferedAmount = 1;
  const never = socket.drained();
  socket.close();
  stub.onclose({ code: 1000, reason: "", wasClean: true });
  await assert.rejects(never, { name: "InvalidStateError" });
  await assert.rejects(socket.drained(), { name: "InvalidStateError" });
});

test("close with flush sends what waits, over another connection if it takes one", async (t) => {
  const { server, socket } = await openAlone(t);
  socket.send("first");
  socket.send("second");
  socket.close({ code: 3000, reason: "done", flush: true, deadline: 10_000 });
  assert.equal(socket.readyState, socket.CLOSING);
  assert.deepEqual(socket.send("late"), { status: "rejected", reason: "closed" });
  await server.restart();
  await reached(socket, "closed");
  await server.until(() => server.received.length >= 2);
  assert.deepEqual(server.received, ["first", "second"]);
});

test("a flush that does not succeed ends with its deadline, and tells what it could not send", async (t) => {
  const { socket } = await openAlone(t);
  const lines = record(socket);
  socket.send("never");
  socket.close({ flush: true, deadline: 50 });
  await reached(socket, "closed");
  assert.deepEqual(drops(lines), ["drop 1 closed never"]);
});

test("a bad way to close throws, and the socket stays open", async (t) => {
  const { socket } = await openStub(t);
  assert.throws(() => socket.close({ code: 1001 }), { name: "InvalidAccessError" });
  assert.throws(() => socket.close({ code: 3000, reason: "x".repeat(124) }), {
    name: "SyntaxError",
  });
  for (const deadline of [0, -1, 1e12]) {
    assert.throws(() => socket.close({ flush: true, deadline }), { name: "RangeError" });
  }
  assert.equal(socket.state, "open");
});

/** A network that is cut: the platform's WebSocket says so. */
function cut(stub) {
  stub.readyState = 3;
  stub.onclose({ code: 1006, reason: "", wasClean: false });
}

test("options of a send that threw do not stick to the next message", async (t) => {
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

test("a message of before the end is not taken for one of after a reconnect", async (t) => {
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

test("no message has the number that one of before a reconnect was dropped with", async (t) => {
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

test("only own options decide whether there is an outcome", async (t) => {
  const { socket, stub } = await openStub(t);
  const inherited = Object.create({ track: true });
  assert.equal("outcome" in socket.send("x", inherited), false);
  cut(stub);
  await reached(socket, "waiting");
  assert.equal("outcome" in socket.send("x", inherited), false);
});

test("wrong options of close throw, and nothing is closed", async (t) => {
  const { socket } = await openAlone(t);
  socket.send("precious");
  for (const deadline of [Number.NaN, "soon", {}]) {
    assert.throws(() => socket.close({ flush: true, deadline }), { name: "TypeError" });
  }
  assert.throws(() => socket.close({ flush: "yes" }), { name: "TypeError" });
  assert.throws(() => socket.close({ flsh: true }), { message: /no option flsh of close/ });
  assert.equal(socket.state, "waiting");
});

test("a batch behind a text is what the browser still had", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  socket.send("a text of its own, longer than the batch".padEnd(100, "."));
  socket.send({ n: 1 });
  socket.send({ n: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stub.sent.length, 2);
  stub.bufferedAmount = stub.sent[1].length;
  const told = [];
  socket.addEventListener("drop", ({ data, reason }) => told.push([reason, data]));
  const closed = next(socket, "close");
  cut(stub);
  await closed;
  assert.deepEqual(told, [
    ["unconfirmed", '{"n":1}'],
    ["unconfirmed", '{"n":2}'],
  ]);
});

test("a flush waits for a session that waits for the server", async (t) => {
  const server = await EchoServer.start(t);
  await server.stop();
  const socket = openSocket(t, server.url("/echo"), {
    async beginSession(session) {
      const echo = routed(socket, "login");
      session.send({ type: "login" });
      await echo;
    },
  });
  await reached(socket, "waiting");
  const echoes = [];
  socket.on("precious", (message) => echoes.push(message));
  socket.send({ type: "precious" });
  socket.close({ flush: true, deadline: 10_000 });
  await server.restart();
  await reached(socket, "closed");
  await server.until(() => server.received.length >= 2);
  assert.deepEqual(server.received, ['{"type":"login"}', '{"type":"precious"}']);
});

test("what the ws package had in its buffer when the connection was reset is told", async (t) => {
  const server = await EchoServer.start(t);
  const proxy = await SilentProxy.start(t, server.port);
  const socket = openSocket(t, `ws://127.0.0.1:${proxy.port}/quiet`, {
    highWaterMark: 64 << 20,
    reconnect: { initialDelay: 60_000, maxDelay: 60_000 },
  });
  await reached(socket, "open");
  proxy.stall();
  const outcomes = [];
  const tracked = [];
  const count = 200;
  for (let i = 0; i < count; ++i) {
    const { outcome } = socket.send("x".repeat(64 << 10), { track: true });
    tracked.push(outcome.then(({ status }) => outcomes.push(status)));
  }
  // What has gone to the system's buffers is known to have left.
  await Promise.race(tracked);
  const held = socket.bufferedAmount;
  assert.ok(held > 64 << 10);
  const closed = next(socket, "close");
  proxy.reset();
  await closed;
  await Promise.all(tracked);
  const lost = outcomes.filter((status) => status === "dropped").length;
  assert.ok(lost >= Math.floor(held / (64 << 10)) - 1, `${lost} for ${held} bytes`);
});

test("what has left is let go of, also if nothing follows, and if it is nothing", async (t) => {
  const { socket, stub } = await openStub(t);
  const told = [];
  socket.addEventListener("drop", ({ data }) => told.push(data));
  // A browser's buffer is not empty before the task is over.
  stub.send = (data) => {
    stub.bufferedAmount += data.length;
  };
  assert.equal(socket.send(new Uint8Array(8 << 20)).status, "sent");
  stub.bufferedAmount = 0;
  await socket.drained();
  for (let i = 0; i < 20_000; ++i) assert.equal(socket.send("").status, "sent");
  // As if the last of it was there again: it is not remembered.
  stub.bufferedAmount = 1;
  const closed = next(socket, "close");
  cut(stub);
  await closed;
  assert.ok(told.length <= 2_000, `${told.length} are remembered`);
  assert.deepEqual(
    [...new Set(told)].filter((data) => typeof data !== "string"),
    [],
  );
});
