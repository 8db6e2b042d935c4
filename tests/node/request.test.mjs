// Requests to the server, and their replies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";
import { openStub } from "./stub.mjs";

const coded = (code) => ({ name: "SteadySocketError", code });

/** A server that answers { type: "add", a, b } with { sum }, and ignores other messages. */
const adds = (connection) =>
  connection.on("message", (text) => {
    const { type, id, a, b } = JSON.parse(text);
    if (type === "add") connection.send(JSON.stringify({ id, sum: a + b }));
  });

test("a request is fulfilled with the reply that has its id, in any order", async (t) => {
  const server = await LocalServer.start(t, { greet: adds });
  const socket = openSocket(t, server.url());
  const sums = await Promise.all(
    Array.from({ length: 50 }, (_, a) => socket.request({ type: "add", a, b: 1 })),
  );
  assert.deepEqual(
    sums.map(({ sum }) => sum),
    Array.from({ length: 50 }, (_, a) => a + 1),
  );
  assert.equal(new Set(sums.map(({ id }) => id)).size, 50);
});

test("a request made while the server is away is sent when it is back", async (t) => {
  const server = await LocalServer.start(t, { greet: adds });
  await server.stop();
  const socket = openSocket(t, server.url());
  const reply = socket.request({ type: "add", a: 1, b: 2 });
  await reached(socket, "waiting");
  await server.restart();
  assert.equal((await reply).sum, 3);
});

test("a request whose connection ends is rejected, and sent again only with retry: true", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => {
      if (server.connections.length > 1) adds(connection);
    },
  });
  const socket = openSocket(t, server.url());
  await socket.opened;
  const once = socket.request({ type: "add", a: 1, b: 2 });
  const again = socket.request({ type: "add", a: 3, b: 4 }, { retry: true });
  await server.until(() => server.received.length === 2);
  server.connections[0].terminate();
  await assert.rejects(once, coded("unanswered"));
  assert.equal((await again).sum, 7);
  const ids = server.received.map((text) => JSON.parse(text).id);
  assert.equal(ids.length, 3);
  assert.equal(ids[2], ids[1]);
});

test("a request in the browser's buffer when its connection ended is rejected as unanswered", async (t) => {
  const { socket, stub } = await openStub(t);
  const request = socket.request({ type: "x" });
  stub.bufferedAmount = 100;
  const drop = next(socket, "drop");
  stub.onclose({ code: 1006, reason: "", wasClean: false });
  assert.equal((await drop).reason, "unconfirmed");
  await assert.rejects(request, coded("unanswered"));
});

test("an unanswered request is rejected after its timeout, and a late reply is an ordinary message", async (t) => {
  const { socket, stub } = await openStub(t);
  const replies = socket.messages("late");
  await assert.rejects(socket.request({ type: "x", id: 7 }, { timeout: 1 }), coded("timeout"));
  stub.deliver('{"type":"late","id":7}');
  assert.deepEqual((await replies.next()).value, { type: "late", id: 7 });
});

test("the timeout includes time without a connection, and cancels a queued request", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url());
  const lines = record(socket);
  await assert.rejects(socket.request({ type: "x" }, { timeout: 1 }), coded("timeout"));
  assert.equal(socket.bufferedAmount, 0);
  await next(socket, "drop");
  assert.match(lines.at(-1), /^drop 1 cancelled \{"type":"x","id":/);
});

test("a signal rejects a request with its reason, before and after the request is sent", async (t) => {
  const { socket, stub } = await openStub(t);
  const abort = new AbortController();
  const request = socket.request({ type: "x" }, { signal: abort.signal });
  assert.equal(stub.sent.length, 1);
  abort.abort("enough");
  await assert.rejects(request, (reason) => reason === "enough");
  await assert.rejects(
    socket.request({ type: "x" }, { signal: abort.signal }),
    (reason) => reason === "enough",
  );
  assert.equal(stub.sent.length, 1);
});

test("one signal can abort many requests without a warning", async (t) => {
  const warnings = [];
  const warn = ({ name }) => warnings.push(name);
  process.on("warning", warn);
  t.after(() => process.off("warning", warn));
  const { socket } = await openStub(t);
  const abort = new AbortController();
  const { signal } = abort;
  const requests = Array.from({ length: 20 }, () => socket.request({ type: "x" }, { signal }));
  const loop = socket.messages("x", { signal }).next();
  abort.abort("enough");
  for (const one of [...requests, loop, socket.next("x", { signal })]) {
    await assert.rejects(one, (reason) => reason === "enough");
  }
  await new Promise(setImmediate);
  assert.deepEqual(warnings, []);
});

test("close(), the last failed attempt and a full queue settle every request", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url(), { queue: { maxMessages: 1 } });
  const waits = socket.request({ type: "x" });
  await assert.rejects(socket.request({ type: "y" }), coded("queue_full"));
  await socket.opened;
  await server.until(() => server.received.length === 1);
  socket.close();
  await assert.rejects(waits, coded("unanswered"));
  await assert.rejects(socket.request({ type: "x" }), coded("closed"));

  const fatal = openSocket(t, server.url(), { reconnect: false });
  await fatal.opened;
  const lost = fatal.request({ type: "x" }, { retry: true });
  await server.until(() => server.received.length === 2);
  server.connections.at(-1).terminate();
  await assert.rejects(lost, coded("closed"));

  await server.stop();
  const hopeless = openSocket(t, server.url(), { reconnect: false });
  await assert.rejects(hopeless.request({ type: "x" }), coded("closed"));
});

test("a reply with an error rejects its request, with the reply", async (t) => {
  const { socket, stub } = await openStub(t);
  for (const [error, message] of [
    ["no such room", "SteadySocket: no such room"],
    [{ code: 4, message: "full" }, "SteadySocket: full"],
    [0, "SteadySocket: failed"],
  ]) {
    const request = socket.request({ type: "join", id: "a" });
    const reply = { id: "a", error };
    stub.deliver(JSON.stringify(reply));
    await assert.rejects(request, { ...coded("failed"), message, reply });
  }
  const good = socket.request({ type: "join", id: "a" });
  stub.deliver('{"id":"a","error":null,"room":1}');
  assert.equal((await good).room, 1);
});

test("the members that carry ids and errors can be named", async (t) => {
  const { socket, stub } = await openStub(t, {
    requests: { idMember: "ref", replyMember: "reply_to", errorMember: "problem", timeout: 1 },
  });
  const request = socket.request({ type: "x" }, { timeout: 10_000 });
  const { ref } = JSON.parse(stub.sent[0]);
  assert.equal(typeof ref, "string");
  stub.deliver(JSON.stringify({ ref, error: "not this one" }));
  stub.deliver(JSON.stringify({ reply_to: ref, n: 1 }));
  assert.equal((await request).n, 1);
  const failing = socket.request({ type: "x", ref: "r" }, { timeout: 10_000 });
  stub.deliver('{"reply_t\\u006f":"r","problem":"p"}');
  await assert.rejects(failing, coded("failed"));
  await assert.rejects(socket.request({ type: "x" }), coded("timeout"));
});

test("wrong arguments of request are TypeErrors, and nothing is sent", async (t) => {
  const { socket, stub } = await openStub(t);
  const cyclic = {};
  cyclic.self = cyclic;
  for (const message of ["text", 5, null, undefined, [], new ArrayBuffer(1), { id: {} }, cyclic]) {
    await assert.rejects(socket.request(message), TypeError);
  }
  for (const options of [null, { retries: 1 }, { retry: 1 }, { timeout: "1" }, { schema: {} }]) {
    await assert.rejects(socket.request({ type: "x" }, options), TypeError);
  }
  assert.equal(stub.sent.length, 0);
  const first = socket.request({ type: "x", id: "a" });
  await assert.rejects(socket.request({ type: "y", id: "a" }), TypeError);
  stub.deliver('{"id":"a"}');
  await first;
  for (const requests of [5, null, { id: "x" }, { idMember: "" }, { timeout: "1" }]) {
    assert.throws(() => openSocket(t, "ws://host", { requests }), TypeError);
  }
});

test("a reply is also dispatched to the handlers of its type, and as a message event", async (t) => {
  const { socket, stub } = await openStub(t);
  const lines = record(socket);
  const received = socket.next("welcome");
  const request = socket.request({ type: "join", id: 1 });
  stub.deliver('{"type":"welcome","id":1}');
  assert.deepEqual(await request, await received);
  assert.deepEqual(lines, ['message {"type":"welcome","id":1}']);
});

test("a message that may be a reply is parsed once, whichever handlers there are", async (t) => {
  const { socket, stub } = await openStub(t, { requests: { replyMember: "reply_to" } });
  const parse = t.mock.method(JSON, "parse");
  const parsed = (text) => {
    const before = parse.mock.callCount();
    stub.deliver(text);
    return parse.mock.callCount() - before;
  };
  const received = [];
  socket.on("other", (message) => received.push(message));
  const first = socket.request({ type: "join", id: 1 });
  const second = socket.request({ type: "join", id: 2 });
  // There is no handler of its type besides the request.
  assert.equal(parsed('{"type":"welcome","reply_to":1}'), 1);
  socket.on("welcome", (message) => received.push(message));
  const long = `"${"x".repeat(10_000)}"`;
  for (const text of [
    '{"type":"welcome","reply_to":3}',
    '{"reply_to":3,"type":"welcome"}',
    `{"type":"welcome","x":${long},"reply_to":3}`,
    `{"x":${long},"reply_to":3,"type":"other"}`,
    '{"type":"welcome","reply_to":2}',
  ]) {
    assert.equal(parsed(text), 1, text.slice(0, 40));
  }
  // A message without a handler is not parsed once no request is pending.
  assert.equal(parsed(`{"type":"unhandled","x":${long},"reply_to":2}`), 0);
  assert.equal(received.length, 5);
  assert.deepEqual(await first, { type: "welcome", reply_to: 1 });
  assert.equal(await second, received[4]);
});

test("the last of duplicate members decides the type, also if a message may be a reply", async (t) => {
  const { socket, stub } = await openStub(t);
  const received = [];
  for (const type of ["first", "last"]) socket.on(type, () => received.push(type));
  const waiting = socket.request({ id: 1 });
  stub.deliver('{"type":"first","id":2,"type":"last"}');
  stub.deliver('{"type":"first","id":1,"type":"last"}');
  await waiting;
  stub.deliver('{"type":"first","id":2,"type":"last"}');
  assert.deepEqual(received, ["last", "last", "last"]);
});

test("a JSON Pointer also finds the type if a message may be a reply", async (t) => {
  const { socket, stub } = await openStub(t, { typeMember: "/head/kind" });
  const kinds = [];
  socket.on("move", ({ id }) => kinds.push(id));
  const waiting = socket.request({ id: 1 });
  stub.deliver('{"head":{"kind":"move"},"id":2}');
  stub.deliver('{"head":{"kind":"move"},"id":1}');
  await waiting;
  assert.deepEqual(kinds, [2, 1]);
});

test("a message that is not JSON is also reported while a request is pending", async (t) => {
  const { socket, stub } = await openStub(t);
  const lines = record(socket);
  socket.on("move", () => {});
  const waiting = socket.request({ id: 1 });
  stub.deliver('{"type":"move","id":1');
  stub.deliver('{"type":"unhandled","id":1');
  stub.deliver('{"id":1}');
  await waiting;
  assert.deepEqual(
    lines.filter((line) => line.startsWith("error")),
    ["error malformed_message"],
  );
});

test("requests in a batch are answered one by one", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  const both = Promise.all([socket.request({ n: 1, id: 1 }), socket.request({ n: 2, id: 2 })]);
  await eventually(() => stub.sent.length > 0);
  assert.deepEqual(stub.sent, ['[{"n":1,"id":1},{"n":2,"id":2}]']);
  stub.deliver('[{"id":2,"r":"b"},{"id":1,"r":"a"}]');
  assert.deepEqual(
    (await both).map(({ r }) => r),
    ["a", "b"],
  );
});
