// The WebSocket interface where there is no page: Node, with the ws package.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { SteadySocket } from "../support/package.mjs";
import { next, openSocket } from "../support/sockets.mjs";

const make = (url, ...rest) => new SteadySocket(url, rest[0], { WebSocket });

test("Member URL: without a page a relative one throws SyntaxError", () => {
  for (const url of ["", "chat", "/chat", "//host/chat", "?query"]) {
    assert.throws(
      () => make(url),
      (error) => error instanceof DOMException && error.name === "SyntaxError",
      url,
    );
  }
});

test("Member URL: http: and https: stand for ws: and wss:, and a fragment throws SyntaxError", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, `http://127.0.0.1:${server.port}/x?y`);
  await next(socket, "open");
  assert.equal(socket.url, server.url("/x?y"));
  assert.equal(server.handshakes[0].path, "/x?y");
  const secure = make("https://127.0.0.1:9/");
  assert.equal(secure.url, "wss://127.0.0.1:9/");
  secure.close();
  assert.throws(() => make("ws://127.0.0.1/#x"), { name: "SyntaxError" });
});

test("Member CloseEvent: has code, reason and wasClean, and is an Event, where the platform has no CloseEvent", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => connection.close(4000, "bye"),
  });
  const event = await next(openSocket(t, server.url()), "close");
  assert.ok(event instanceof Event);
  const { type, code, reason, wasClean } = event;
  assert.deepEqual([type, code, reason, wasClean], ["close", 4000, "bye", true]);
});

test("Member MessageEvent: is the platform's, with data as binaryType says, and the origin", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => connection.on("message", (data) => connection.send(data)),
  });
  const socket = openSocket(t, server.url());
  const shown = [];
  for (const type of ["blob", "arraybuffer", "nodebuffer", "fragments"]) {
    // The last two are of the ws package, and no values of WebSocket.
    socket.binaryType = type;
    socket.send(Buffer.from([1, 2]));
    const event = await next(socket, "message");
    assert.ok(event instanceof MessageEvent);
    assert.equal(event.origin, new URL(server.url()).origin);
    shown.push(Object.prototype.toString.call(event.data));
  }
  const buffer = "[object ArrayBuffer]";
  assert.deepEqual(shown, ["[object Blob]", buffer, buffer, buffer]);
});

test("Member send: Node's buffers, also of a pool, and its Blobs arrive as their own bytes", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  socket.send(Buffer.from("waits"));
  await next(socket, "open");
  socket.send(Buffer.from("pooled").subarray(1, 4));
  socket.send(new Blob(["blob"]));
  socket.send(new Uint16Array([0x6261]));
  await server.until(() => server.received.length === 4);
  assert.deepEqual(server.received.map(String), ["waits", "ool", "blob", "ab"]);
});

test("Member send: memory that is shared or resizable throws TypeError, and what is detached is empty", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  const shared = new SharedArrayBuffer(4);
  const resizable = new ArrayBuffer(4, { maxByteLength: 8 });
  for (const memory of [shared, resizable]) {
    for (const data of [memory, new Uint8Array(memory), new DataView(memory, 1)]) {
      assert.throws(() => socket.send(data), TypeError);
    }
  }
  const detached = new ArrayBuffer(4);
  const views = [new Uint8Array(detached), new DataView(detached)];
  structuredClone(detached, { transfer: [detached] });
  for (const data of [detached, ...views]) socket.send(data);
  await server.until(() => server.received.length === 3);
  assert.deepEqual(
    server.received.map(({ length }) => length),
    [0, 0, 0],
  );
});

test("Member subprotocols: invalid ones throw SyntaxError before the ws package sees them", () => {
  for (const protocols of ["a b", ["a", "a"], [""], {}]) {
    assert.throws(() => make("ws://127.0.0.1:9/", protocols), { name: "SyntaxError" });
  }
});

test("Member constants: an instance, the class and the prototype have them", () => {
  const names = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
  for (const [name, value] of Object.entries(names)) {
    assert.equal(SteadySocket[name], value);
    assert.equal(SteadySocket.prototype[name], value);
  }
});
