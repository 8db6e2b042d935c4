// Validators of messages, by the Standard Schema specification. Those of real libraries are tested
// in tests/compat/types.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";
import { openStub } from "./stub.mjs";

/** A validator that calls `validate`. */
const schema = (validate) => ({ "~standard": { version: 1, vendor: "test", validate } });
/** Doubles x, if it is a number. */
const doubled = schema(({ type, x }) =>
  typeof x === "number"
    ? { value: { type, x: x * 2 } }
    : { issues: [{ message: "not a number", path: ["x"] }, { message: "no good" }] },
);
const deep = schema(() => ({ issues: [{ message: "bad", path: [{ key: "a" }, 0] }] }));

function move(stub, x) {
  stub.deliver(JSON.stringify({ type: "move", x }));
}

test("handlers, loops and promises get the validator's output", async (t) => {
  const { socket, stub } = await openStub(t, { schemas: { move: doubled } });
  const seen = [];
  socket.on("move", ({ x }) => seen.push(x));
  socket.on("*", ({ x }) => seen.push(["*", x]));
  const once = socket.next("move");
  const loop = socket.messages("move");
  move(stub, 1);
  move(stub, 2);
  assert.deepEqual(seen, [2, ["*", 2], 4, ["*", 4]]);
  assert.equal((await once).x, 2);
  assert.equal((await loop.next()).value.x, 2);
});

test("an invalid message is an error event, and reaches no handler", async (t) => {
  const { socket, stub } = await openStub(t, { schemas: { move: doubled, deep } });
  const lines = record(socket);
  const errors = [];
  socket.addEventListener("error", ({ message }) => errors.push(message));
  socket.on("move", () => assert.fail("it is not valid"));
  socket.on("deep", () => assert.fail("it is not valid"));
  move(stub, "1");
  stub.deliver('{"type":"deep"}');
  await new Promise(setImmediate);
  // There are still message events.
  assert.deepEqual(lines, [
    'message {"type":"move","x":"1"}',
    "error invalid_message",
    'message {"type":"deep"}',
    "error invalid_message",
  ]);
  assert.deepEqual(errors, ['"move": x: not a number; no good', '"deep": a.0: bad']);
  assert.equal(socket.state, "open");
});

test("messages are also validated for a handler of every type", async (t) => {
  const { socket, stub } = await openStub(t, { schemas: { move: doubled } });
  const seen = [];
  const end = socket.on("*", ({ x }) => seen.push(x));
  move(stub, 1);
  move(stub, "no");
  stub.deliver('{"type":"other","x":5}');
  assert.deepEqual(seen, [2, 5]);
  end();
  move(stub, 2);
  assert.deepEqual(seen, [2, 5]);
});

test("messages of a type keep their order if validation is asynchronous", async (t) => {
  const waiting = [];
  const slow = schema((value) => new Promise((resolve) => waiting.push(() => resolve({ value }))));
  const { socket, stub } = await openStub(t, { schemas: { move: slow } });
  const moves = socket.messages("move");
  move(stub, 1);
  move(stub, 2);
  await eventually(() => waiting.length >= 2);
  waiting[1]();
  await new Promise(setImmediate);
  waiting[0]();
  assert.deepEqual([(await moves.next()).value.x, (await moves.next()).value.x], [1, 2]);
});

test("an error of a validator is reported, and does not affect other messages", async (t) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const throws = schema(() => {
    throw new Error("at once");
  });
  const rejects = schema(async () => {
    throw new Error("later");
  });
  const { socket, stub } = await openStub(t, { schemas: { throws, rejects } });
  const seen = [];
  for (const type of ["throws", "rejects", "good"]) socket.on(type, () => seen.push(type));
  for (const type of ["throws", "rejects", "good"]) stub.deliver(JSON.stringify({ type }));
  await eventually(() => reported.length >= 2);
  assert.deepEqual(reported, ["at once", "later"]);
  assert.deepEqual(seen, ["good"]);
});

test("a validator's promise is awaited, whatever its class", async (t) => {
  const invalid = { issues: [{ message: "no" }] };
  const { Promise: Foreign } = runInNewContext("globalThis");
  const answers = {
    foreign: () => Foreign.resolve(invalid),
    // As with zone.js: an async function's promise is not an instance of the global class.
    replaced: async () => invalid,
    twice: () => ({
      // biome-ignore lint/suspicious/noThenProperty: a promise of another library
      then(resolve) {
        resolve(invalid);
        resolve({ value: {} });
      },
    }),
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    callable: () => Object.assign(() => {}, { then: (resolve) => resolve(invalid) }),
  };
  const types = Object.keys(answers);
  const schemas = Object.fromEntries(types.map((type) => [type, schema(answers[type])]));
  const { socket, stub } = await openStub(t, { schemas });
  const errors = [];
  socket.addEventListener("error", ({ message }) => errors.push(message));
  const received = [];
  for (const type of types) socket.on(type, () => received.push(type));
  const { Promise: native } = globalThis;
  globalThis.Promise = class ZoneAwarePromise {};
  try {
    for (const type of types) stub.deliver(JSON.stringify({ type }));
  } finally {
    globalThis.Promise = native;
  }
  await eventually(() => errors.length + received.length >= types.length);
  assert.deepEqual(received, []);
  assert.deepEqual(errors.sort(), types.map((type) => `"${type}": no`).sort());
});

test("a validator's result whose then cannot be read is reported, and reaches no handler", async (t) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  let reads = 0;
  // `then` is read once to recognize the promise, and once more when it is awaited.
  const failing = (at) => () => ({
    // biome-ignore lint/suspicious/noThenProperty: a promise of another library
    get then() {
      if (++reads >= at) throw new Error(`then, read ${at}`);
      return () => {};
    },
  });
  const { socket, stub } = await openStub(t, {
    schemas: { first: schema(failing(1)), second: schema(failing(3)) },
  });
  const received = [];
  for (const type of ["first", "second"]) socket.on(type, () => received.push(type));
  for (const type of ["first", "second"]) stub.deliver(JSON.stringify({ type }));
  await eventually(() => reported.length + received.length >= 2);
  assert.deepEqual(received, []);
  assert.deepEqual(reported, ["then, read 1", "then, read 3"]);
});

test("the reply to a request can have its own validator", async (t) => {
  const { socket, stub } = await openStub(t);
  const good = socket.request({ id: 1 }, { schema: doubled });
  const bad = socket.request({ id: 2 }, { schema: doubled });
  stub.deliver('{"id":1,"x":4}');
  stub.deliver('{"id":2}');
  assert.equal((await good).x, 8);
  await assert.rejects(bad, {
    code: "invalid_message",
    message: "SteadySocket: x: not a number; no good",
    reply: { id: 2 },
  });
});

test("a schema that is not a validator is a TypeError", async (t) => {
  for (const schemas of [5, null, { move: {} }, { move: (x) => x }, { move: { "~standard": 1 } }]) {
    assert.throws(() => openSocket(t, "ws://host", { schemas }), TypeError);
  }
});

test("a server's request is answered even if its validator removes the id", async (t) => {
  const { socket, stub } = await openStub(t, {
    schemas: {
      where: schema(({ who }) => ({ value: { who } })),
      nothing: schema(() => ({ value: null })),
    },
  });
  socket.handle("where", (question) => question);
  socket.handle("nothing", (question) => ({ question }));
  stub.deliver('{"type":"where","who":"ann","id":1}');
  stub.deliver('{"type":"nothing","id":2}');
  await eventually(() => stub.sent.length >= 2);
  assert.deepEqual(stub.sent, ['{"who":"ann","id":1}', '{"question":null,"id":2}']);
});

test("asynchronous validation does not confuse requests and replies", async (t) => {
  const waiting = [];
  const slow = schema((value) => new Promise((resolve) => waiting.push(() => resolve({ value }))));
  const { socket, stub } = await openStub(t, { schemas: { join: slow } });
  const rooms = [];
  socket.on("join", ({ room }) => rooms.push(room));
  socket.handle("join", ({ room }) => ({ room }));
  const request = socket.request({ type: "join", id: 1 });
  stub.deliver('{"type":"join","room":"theirs","id":2}');
  stub.deliver('{"type":"join","room":"ours","id":1}');
  stub.deliver('{"type":"other"}');
  assert.equal((await request).room, "ours");
  for (const validate of waiting) validate();
  await eventually(() => rooms.length >= 2 && stub.sent.length >= 2);
  assert.deepEqual(rooms, ["theirs", "ours"]);
  assert.deepEqual(stub.sent.slice(1), ['{"room":"theirs","id":2}']);
});

test("a request whose validation ends after its connection is not answered on the next one", async (t) => {
  let validate;
  const begun = new Promise((resolve) => {
    validate = (value) => new Promise((done) => resolve(() => done({ value })));
  });
  const server = await LocalServer.start(t, {
    greet: (connection) => {
      if (server.connections.length === 1) connection.send('{"type":"where","id":1}');
    },
  });
  const socket = openSocket(t, server.url(), { schemas: { where: schema(validate) } });
  socket.handle("where", () => "here");
  const finish = await begun;
  server.connections[0].terminate();
  await reached(socket, "waiting");
  await socket.opened;
  const drop = next(socket, "drop");
  finish();
  const { reason, data } = await drop;
  assert.deepEqual([reason, data], ["connection_ended", '{"result":"here","id":1}']);
});
