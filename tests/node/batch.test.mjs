import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerProcess } from "../support/server-process.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";
import { openStub } from "../support/stub.mjs";

const numbers = (count) => Array.from({ length: count }, (_, n) => n);

test("objects that are sent in one task leave as one array, and come back one by one", async (t) => {
  const server = await ServerProcess.start(t);
  const socket = openSocket(t, server.url(), { batch: true });
  await next(socket, "open");
  const heard = [];
  const end = new Promise((resolve) => socket.on("end", resolve));
  socket.on("n", ({ n }) => heard.push(n));
  for (const n of numbers(100)) assert.equal(socket.send({ type: "n", n }).status, "queued");
  socket.send({ type: "end" });
  await end;
  assert.deepEqual(heard, numbers(100));
  await server.until(() => server.received.length >= 2);
  assert.deepEqual(
    server.received.map((text) => JSON.parse(text).length),
    [64, 37],
  );
});

test("what waits while there is no connection leaves in batches after a restart", async (t) => {
  const server = await ServerProcess.start(t);
  const socket = openSocket(t, server.url(), { batch: true });
  await next(socket, "open");
  await server.kill();
  await next(socket, "close");
  const heard = [];
  const end = new Promise((resolve) => socket.on("end", resolve));
  socket.on("n", ({ n }) => heard.push(n));
  for (const n of numbers(200)) socket.send({ type: "n", n });
  socket.send({ type: "end" });
  await server.restart();
  await end;
  assert.deepEqual(heard, numbers(200));
  await server.until(() => server.received.length >= 4);
  assert.equal(server.received.length, 4);
});

test("texts and bytes keep their place between batches; an array is not taken for one", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  socket.send({ n: 1 });
  socket.send({ n: 2 });
  socket.send("text");
  socket.send(new Uint8Array([1]));
  socket.send([3]);
  socket.close();
  assert.deepEqual(
    stub.sent.map((data) => (typeof data === "string" ? data : [...data])),
    ['[{"n":1},{"n":2}]', "text", [1], "[[3]]"],
  );
});

test("a batch has bounds in messages and in bytes", async (t) => {
  const { socket, stub } = await openStub(t, { batch: { maxMessages: 3, maxBytes: 30 } });
  for (const n of numbers(4)) socket.send({ n });
  assert.deepEqual(stub.sent, ['[{"n":0},{"n":1},{"n":2}]']);
  socket.send({ text: "é".repeat(10) });
  socket.close();
  assert.deepEqual(stub.sent.slice(1), ['{"n":3}', '{"text":"éééééééééé"}']);
});

test("a subprotocol that the server picks decides", async (t) => {
  for (const protocol of ["batches", "plain"]) {
    const { socket, stub } = await openStub(
      t,
      { batch: { subprotocol: "batches" } },
      { protocols: ["batches", "plain"], protocol },
    );
    const heard = [];
    socket.on("n", ({ n }) => heard.push(n));
    socket.send({ n: 1 });
    socket.send({ n: 2 });
    stub.deliver('[{"type":"n","n":1},{"type":"n","n":2}]');
    socket.close();
    const isBatched = protocol === "batches";
    assert.deepEqual(stub.sent, isBatched ? ['[{"n":1},{"n":2}]'] : ['{"n":1}', '{"n":2}']);
    assert.deepEqual(heard, isBatched ? [1, 2] : []);
  }
});

test("every element of a batch is a message event; one that is malformed ends the batch", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  const lines = record(socket);
  stub.deliver(' [ {"type":"a"} , [1] , "x" , no');
  await next(socket, "error");
  assert.deepEqual(lines, [
    'message {"type":"a"}',
    "message [1]",
    'message "x"',
    "message no",
    "error malformed_message",
  ]);
  stub.deliver("[]");
  stub.deliver('{"type":"a"}');
  assert.equal(lines.length, 6);
  assert.equal(socket.state, "open");
});

test("nothing of a batch is told after close, and what its handlers did is told in between", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  const heard = [];
  socket.addEventListener("statechange", ({ state }) => heard.push(state));
  socket.on("n", ({ n }) => {
    heard.push(n);
    if (n === 2) socket.close();
  });
  stub.deliver('[{"type":"n","n":1},{"type":"n","n":2},{"type":"n","n":3}]');
  stub.onclose({ code: 1000, reason: "", wasClean: true });
  await reached(socket, "closed");
  assert.deepEqual(heard, [1, 2, "closing", "closed"]);
});

test("nothing is told after close, whoever closes", async (t) => {
  const closers = {
    error: (socket, close) => socket.addEventListener("error", close),
    route: (socket, close) => socket.on("b", close),
    message: (socket, close) =>
      socket.addEventListener("message", ({ data }) => data.includes("bad") && close()),
  };
  for (const [name, listen] of Object.entries(closers)) {
    for (const batch of [true, false]) {
      const { socket, stub } = await openStub(t, { batch });
      const heard = [];
      socket.on("a", ({ n }) => heard.push(n));
      listen(socket, () => socket.close());
      const texts = [
        '{"type":"a","n":1}',
        '{"type":"a","n":bad}',
        '{"type":"b"}',
        '{"type":"a","n":2}',
      ];
      if (batch) stub.deliver(`[${texts.join()}]`);
      else for (const text of texts) stub.deliver(text);
      assert.deepEqual(heard, [1], `${name}, batch: ${batch}`);
    }
  }
});
