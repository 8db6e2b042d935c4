// Requests of the server, and the replies of handlers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";
import { eventually, within } from "../support/until.mjs";
import { openStub } from "./stub.mjs";

const coded = (code) => ({ name: "SteadySocketError", code });

test("a server's requests are answered with the result of the handler", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  await socket.opened;
  const end = socket.handle("where", async ({ who }) => ({ type: "there", who, x: 1 }));
  socket.handle("count", () => 3);
  socket.handle("nothing", () => {});
  const send = (message) => server.connections[0].send(JSON.stringify(message));
  send({ type: "where", who: "ann", id: 1 });
  send({ type: "where", who: "no request" });
  send({ type: "count", id: "two" });
  send({ type: "nothing", id: 3 });
  await server.until(() => server.received.length === 3);
  assert.deepEqual(
    server.received.map((text) => JSON.parse(text)),
    [{ result: 3, id: "two" }, { id: 3 }, { type: "there", who: "ann", x: 1, id: 1 }].sort(
      (a, b) =>
        server.received.indexOf(JSON.stringify(a)) - server.received.indexOf(JSON.stringify(b)),
    ),
  );
  assert.throws(() => socket.handle("where", () => {}), TypeError);
  end();
  socket.handle("where", () => "again");
  end();
  assert.throws(() => socket.handle("where", () => {}), TypeError);
  assert.throws(() => socket.handle("other", "no function"), TypeError);
  socket.handle("other", () => "other");
});

test("an error of a handler is the answer to a request, or reported if there is none", async (t) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(String(error));
  t.after(() => delete globalThis.reportError);
  const { socket, stub } = await openStub(t);
  socket.handle("throws", () => {
    throw new Error("broken");
  });
  stub.deliver('{"type":"throws","id":1}');
  stub.deliver('{"type":"throws"}');
  await eventually(() => stub.sent.length > 0 && reported.length > 0);
  assert.deepEqual(JSON.parse(stub.sent[0]), { error: { message: "broken" }, id: 1 });
  assert.deepEqual(reported, ["Error: broken"]);
});

test("a result that cannot be serialized is answered with an error, and not reported", async (t) => {
  // Without this, Node would report errors as uncaught exceptions.
  const reported = [];
  globalThis.reportError = (error) => reported.push(String(error));
  t.after(() => delete globalThis.reportError);
  const { socket, stub } = await openStub(t);
  const lines = record(socket);
  const cyclic = {};
  cyclic.self = cyclic;
  const results = [
    [() => ({ big: 1n }), /BigInt/],
    [() => 1n, /BigInt/],
    [() => cyclic, /circular/],
    [() => ({ toJSON: () => assert.fail("no text") }), /^no text$/],
    [() => ({ toJSON: () => undefined }), /cannot be serialized as JSON/],
    [
      () => Object.defineProperty({}, "x", { enumerable: true, get: () => assert.fail("x") }),
      /^x$/,
    ],
    [() => new Proxy({}, { get: () => assert.fail("proxy") }), /^proxy$/],
  ];
  for (const [index, [result]] of results.entries()) {
    socket.handle(`type ${index}`, result);
    stub.deliver(JSON.stringify({ type: `type ${index}`, id: index }));
  }
  // Accepted by JSON.parse, too deep for JSON.stringify.
  const depth = 100_000;
  socket.handle("echo", ({ deep }) => ({ deep }));
  stub.deliver(`{"type":"echo","id":"deep","deep":${"[".repeat(depth)}${"]".repeat(depth)}}`);
  await eventually(() => stub.sent.length > results.length);
  const replies = new Map(stub.sent.map((text) => [JSON.parse(text).id, JSON.parse(text)]));
  for (const [index, [, message]] of results.entries()) {
    const { error, ...others } = replies.get(index);
    assert.match(error.message, message);
    assert.deepEqual(others, { id: index });
  }
  assert.match(replies.get("deep").error.message, /call stack/);
  assert.deepEqual(reported, []);
  assert.deepEqual(
    lines.filter((line) => !line.startsWith("message ")),
    [],
  );
});

test("any value that a handler throws has a message in the reply", async (t) => {
  const { socket, stub } = await openStub(t);
  const foreign = runInNewContext("new TypeError('of another realm')");
  const thrown = [
    [foreign, "of another realm"],
    [{ message: "no Error" }, "no Error"],
    [Object.assign(new Error("x"), { message: 5n }), "5"],
    [Object.assign(new Error("x"), { message: { toString: () => "made" } }), "made"],
    [new RangeError(""), "RangeError"],
    ["text", "text"],
    [Symbol("s"), "Symbol(s)"],
    [undefined, "undefined"],
    [null, "null"],
    [Object.create(null), "error without a message"],
    [{ message: Object.create(null) }, "error without a message"],
  ];
  for (const [index, [error]] of thrown.entries()) {
    socket.handle(`type ${index}`, () => {
      throw error;
    });
    stub.deliver(JSON.stringify({ type: `type ${index}`, id: index }));
  }
  await eventually(() => stub.sent.length >= thrown.length);
  assert.deepEqual(
    stub.sent.map((text) => JSON.parse(text)),
    thrown.map(([, message], id) => ({ error: { message }, id })),
  );
});

test("a reply whose connection has ended is dropped, with a drop event", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => {
      if (server.connections.length === 1) connection.send('{"type":"slow","id":1}');
    },
  });
  const socket = openSocket(t, server.url());
  const lines = record(socket);
  let finish;
  const asked = new Promise((resolve) => {
    socket.handle("slow", () => {
      resolve();
      return new Promise((done) => {
        finish = done;
      });
    });
  });
  await within(asked, "the question");
  server.connections[0].terminate();
  await reached(socket, "waiting");
  await socket.opened;
  const drop = next(socket, "drop");
  finish({ late: true });
  assert.equal((await drop).reason, "connection_ended");
  assert.equal(lines.at(-1), 'drop 0 connection_ended {"late":true,"id":1}');
  assert.deepEqual(server.received, []);
});

test("a reply to a request of the client is not handled as a request of the server", async (t) => {
  const { socket, stub } = await openStub(t);
  socket.handle("join", () => assert.fail("it was a reply"));
  const request = socket.request({ type: "join", id: 1 });
  stub.deliver('{"type":"join","id":1}');
  await request;
  assert.equal(stub.sent.length, 1);
});

test("a late or repeated reply is not handled as a request of the server", async (t) => {
  const { socket, stub } = await openStub(t);
  const asked = [];
  socket.handle("ping", ({ id }) => asked.push(id));
  await assert.rejects(socket.request({ type: "ping" }, { timeout: 1 }), coded("timeout"));
  stub.deliver(stub.sent[0]);
  const request = socket.request({ type: "ping" });
  stub.deliver(stub.sent[1]);
  stub.deliver(stub.sent[1]);
  await request;
  stub.deliver('{"type":"ping","id":"theirs"}');
  assert.deepEqual(asked, ["theirs"]);
});
