import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket, { WebSocketServer } from "ws";
import { EchoServer } from "../support/echo.mjs";
import { SteadySocket } from "../support/package.mjs";
import { codeBlocks, sectionOf } from "../support/pages.mjs";
import { next, openSocket, reached, record, routed } from "../support/sockets.mjs";
import { once, Waiting } from "../support/until.mjs";
import { openStub } from "./stub.mjs";

const numbers = (count) => Array.from({ length: count }, (_, n) => n);

test("objects sent in one task leave as one array, and a received array is dispatched one by one", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url(), { batch: true });
  await next(socket, "open");
  const received = [];
  const end = routed(socket, "end");
  socket.on("n", ({ n }) => received.push(n));
  for (const n of numbers(100)) assert.equal(socket.send({ type: "n", n }).status, "queued");
  socket.send({ type: "end" });
  await end;
  assert.deepEqual(received, numbers(100));
  await server.until(() => server.received.length >= 2);
  assert.deepEqual(
    server.received.map((text) => JSON.parse(text).length),
    [64, 37],
  );
});

test("messages queued without a connection leave in batches after a restart", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url(), { batch: true });
  await next(socket, "open");
  await server.stop();
  await next(socket, "close");
  const received = [];
  const end = routed(socket, "end");
  socket.on("n", ({ n }) => received.push(n));
  for (const n of numbers(200)) socket.send({ type: "n", n });
  socket.send({ type: "end" });
  await server.restart();
  await end;
  assert.deepEqual(received, numbers(200));
  await server.until(() => server.received.length >= 4);
  assert.equal(server.received.length, 4);
});

test("strings and bytes keep their place between batches; an array is not taken for a batch", async (t) => {
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

test("a batch is limited in messages and in bytes", async (t) => {
  const { socket, stub } = await openStub(t, { batch: { maxMessages: 3, maxBytes: 30 } });
  for (const n of numbers(4)) socket.send({ n });
  assert.deepEqual(stub.sent, ['[{"n":0},{"n":1},{"n":2}]']);
  socket.send({ text: "é".repeat(10) });
  socket.close();
  assert.deepEqual(stub.sent.slice(1), ['{"n":3}', '{"text":"éééééééééé"}']);
});

/** The section about batches of a page in docs/, and its first code block. */
function batchesIn(name) {
  const section = sectionOf(`docs/${name}`, "Batches");
  return { section, code: codeBlocks(section)[0].code };
}

/** The frames that a ws server receives from the documented example. */
async function framesOfExample(t, options = {}) {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", ...options });
  t.after(() => server.close());
  await once(server, "listening");
  const frames = [];
  const waiting = new Waiting();
  server.on("connection", (connection) => {
    connection.on("message", (data) => {
      frames.push(JSON.parse(String(data)));
      waiting.look();
    });
  });
  const { code } = batchesIn("guides/batching.md");
  const address = "wss://example.org/game";
  assert.ok(code.includes(address));
  const url = `ws://127.0.0.1:${server.address().port}`;
  class Socket extends SteadySocket {
    constructor(at, protocols, given) {
      super(at.replace(address, url), protocols, { WebSocket, ...given });
      t.after(() => this.close());
    }
  }
  new Function("SteadySocket", code)(Socket);
  await waiting.until(() => frames.flat().length === 2);
  return frames;
}

const moves = [
  { type: "move", x: 1 },
  { type: "move", x: 2 },
];

test("the documented example sends one message per frame to a plain ws server, which selects the first", async (t) => {
  assert.deepEqual(await framesOfExample(t), moves);
});

test("the documented example sends batches to a server that selects as the docs show", async (t) => {
  const { section } = batchesIn("guides/batching.md");
  const [, source] = /`handleProtocols: ([^`]*)`/.exec(section);
  const handleProtocols = new Function(`return ${source}`)();
  assert.deepEqual(await framesOfExample(t, { handleProtocols }), [moves]);
  assert.equal(handleProtocols(new Set(["game.batch", "game"])), "game.batch");
  assert.equal(handleProtocols(new Set(["game"])), "game");
});

test("the documentation offers the subprotocol of batches last, in C++ as in JavaScript", async () => {
  for (const name of ["guides/batching.md", "guides/cpp-messages.md"]) {
    const { code } = batchesIn(name);
    assert.match(code, /[[{]"game", "game\.batch"[\]}]/, name);
  }
});

test("the subprotocol that the server selects decides", async (t) => {
  for (const protocol of ["batches", "plain"]) {
    const { socket, stub } = await openStub(
      t,
      { batch: { subprotocol: "batches" } },
      { protocols: ["plain", "batches"], protocol },
    );
    const received = [];
    socket.on("n", ({ n }) => received.push(n));
    socket.send({ n: 1 });
    socket.send({ n: 2 });
    stub.deliver('[{"type":"n","n":1},{"type":"n","n":2}]');
    socket.close();
    const isBatched = protocol === "batches";
    assert.deepEqual(stub.sent, isBatched ? ['[{"n":1},{"n":2}]'] : ['{"n":1}', '{"n":2}']);
    assert.deepEqual(received, isBatched ? [1, 2] : []);
  }
});

test("every element of a batch is a message event, up to one that is malformed", async (t) => {
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

test("no element of a batch is dispatched after close; events caused by handlers come in between", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  const received = [];
  socket.addEventListener("statechange", ({ state }) => received.push(state));
  socket.on("n", ({ n }) => {
    received.push(n);
    if (n === 2) socket.close();
  });
  stub.deliver('[{"type":"n","n":1},{"type":"n","n":2},{"type":"n","n":3}]');
  stub.onclose({ code: 1000, reason: "", wasClean: true });
  await reached(socket, "closed");
  assert.deepEqual(received, [1, 2, "closing", "closed"]);
});

test("no message is dispatched after close, whichever handler closes", async (t) => {
  const closers = {
    error: (socket, close) => socket.addEventListener("error", close),
    route: (socket, close) => socket.on("b", close),
    message: (socket, close) =>
      socket.addEventListener("message", ({ data }) => data.includes("bad") && close()),
  };
  for (const [name, listen] of Object.entries(closers)) {
    for (const batch of [true, false]) {
      const { socket, stub } = await openStub(t, { batch });
      const received = [];
      socket.on("a", ({ n }) => received.push(n));
      listen(socket, () => socket.close());
      const texts = [
        '{"type":"a","n":1}',
        '{"type":"a","n":bad}',
        '{"type":"b"}',
        '{"type":"a","n":2}',
      ];
      if (batch) stub.deliver(`[${texts.join()}]`);
      else for (const text of texts) stub.deliver(text);
      assert.deepEqual(received, [1], `${name}, batch: ${batch}`);
    }
  }
});
