// Messages that were in the platform's buffer when their connection ended.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { EchoServer } from "../support/echo.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";
import { cut, drops } from "./dropping.mjs";
import { openStub } from "./stub.mjs";

for (const unconfirmed of ["report", "requeue"]) {
  test(`messages in the platform's buffer when a stalled connection is aborted: ${unconfirmed}`, async (t) => {
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
    // More than the system's buffers hold.
    const count = 128;
    const text = (i) => `${i}:${"x".repeat(64 << 10)}`;
    for (let i = 0; i < count; ++i) {
      const result = i % 3 === 0 ? socket.send(text(i), { track: true }) : socket.send(text(i));
      assert.equal(result.status, "sent");
    }
    assert.ok(socket.bufferedAmount > 0);
    await next(socket, "close");
    const dropped = drops(lines).map((line) => /^drop \d+ (\w+) (\d+):/.exec(line).slice(1));
    if (unconfirmed === "report") {
      // The newest, in order, all of them, and nothing else.
      assert.ok(dropped.length > 0);
      const first = count - dropped.length;
      assert.deepEqual(
        dropped,
        dropped.map((_, i) => ["unconfirmed", String(first + i)]),
      );
      socket.send("after");
      await server.until(() => server.received.includes("after"));
    } else {
      assert.deepEqual(dropped, []);
      await server.until(() => server.received.some((one) => one.startsWith(`${count - 1}:`)));
      const numbers = server.received.map((one) => Number(one.split(":", 1)[0]));
      // Repeated messages are complete and in order, up to the last.
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => count - numbers.length + i),
      );
    }
  });
}

test("unconfirmed binary data is reported as it was sent, even if its buffer has changed", async (t) => {
  const { socket, stub } = await openStub(t);
  const bytes = new Uint8Array([1, 2, 3]);
  const dropped = [];
  // Copies of the data are kept only if there is a listener for drops.
  socket.addEventListener("drop", ({ reason, data }) => dropped.push([reason, data]));
  socket.send(bytes);
  socket.send("text");
  bytes.fill(9);
  stub.bufferedAmount = 7;
  stub.readyState = 3;
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  await next(socket, "close");
  assert.deepEqual(dropped, [
    ["unconfirmed", new Uint8Array([1, 2, 3])],
    ["unconfirmed", "text"],
  ]);
});

test("messages that have left the browser's buffer are released", async (t) => {
  const { socket, stub } = await openStub(t);
  const message = "x".repeat(10_000);
  // The buffer is never empty: the last message is always in it.
  stub.bufferedAmount = message.length;
  for (let i = 0; i < 10_000; ++i) assert.equal(socket.send(`${i}${message}`).status, "sent");
  const dropped = [];
  socket.addEventListener("drop", ({ data }) => dropped.push(data));
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  await next(socket, "close");
  assert.deepEqual(dropped, [`9999${message}`]);
});

test("a batch after a string is reported as unconfirmed, message by message", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  socket.send("a separate string, longer than the batch".padEnd(100, "."));
  socket.send({ n: 1 });
  socket.send({ n: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(stub.sent.length, 2);
  stub.bufferedAmount = stub.sent[1].length;
  const dropped = [];
  socket.addEventListener("drop", ({ data, reason }) => dropped.push([reason, data]));
  const closed = next(socket, "close");
  cut(stub);
  await closed;
  assert.deepEqual(dropped, [
    ["unconfirmed", '{"n":1}'],
    ["unconfirmed", '{"n":2}'],
  ]);
});

test("messages in the buffer of the ws package when a connection is reset are reported", async (t) => {
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
  // Messages passed to the system's buffers count as sent.
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

test("sent messages are released, also if none follows, and if they are empty", async (t) => {
  const { socket, stub } = await openStub(t);
  const dropped = [];
  socket.addEventListener("drop", ({ data }) => dropped.push(data));
  // A browser's buffer is not empty before the task ends.
  stub.send = (data) => {
    stub.bufferedAmount += data.length;
  };
  assert.equal(socket.send(new Uint8Array(8 << 20)).status, "sent");
  stub.bufferedAmount = 0;
  await socket.drained();
  for (let i = 0; i < 20_000; ++i) assert.equal(socket.send("").status, "sent");
  // As if one byte were still buffered: the large message is not kept for it.
  stub.bufferedAmount = 1;
  const closed = next(socket, "close");
  cut(stub);
  await closed;
  assert.ok(dropped.length <= 2_000, `${dropped.length} are kept`);
  assert.deepEqual(
    [...new Set(dropped)].filter((data) => typeof data !== "string"),
    [],
  );
});

test("a large message is released when the platform has sent it, also if none follows", async (t) => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const { socket, stub } = await openStub(t, { heartbeat: false });
  const bytes = 1 << 20;
  stub.send = () => {
    stub.bufferedAmount = bytes;
  };
  const sent = (() => {
    const data = new ArrayBuffer(bytes);
    assert.equal(socket.send(data).status, "sent");
    return new WeakRef(data);
  })();
  assert.equal(stub.bufferedAmount, bytes);
  stub.bufferedAmount = 0;
  await eventually(() => {
    collect();
    return sent.deref() === undefined;
  });
});
