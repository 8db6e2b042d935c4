// The WebSocket interface without a page: in Node, with the ws package.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { SteadySocket } from "../support/package.mjs";
import { next, openSocket } from "../support/sockets.mjs";
import { openStub } from "./stub.mjs";

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

test("Member URL: http: and https: become ws: and wss:, and a fragment throws SyntaxError", async (t) => {
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

test("Member CloseEvent: is an Event with code, reason and wasClean, if there is no CloseEvent", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => connection.close(4000, "bye"),
  });
  const event = await next(openSocket(t, server.url()), "close");
  assert.ok(event instanceof Event);
  const { type, code, reason, wasClean } = event;
  assert.deepEqual([type, code, reason, wasClean], ["close", 4000, "bye", true]);
});

test("Member MessageEvent: is the platform's, with data by binaryType, and the origin", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => connection.on("message", (data) => connection.send(data)),
  });
  const socket = openSocket(t, server.url());
  const shown = [];
  for (const type of ["blob", "arraybuffer", "nodebuffer", "fragments"]) {
    // The last two are extensions of the ws package.
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

test("Member send: Node's buffers, also pooled ones, and its Blobs arrive as their own bytes", async (t) => {
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

test("Member send: shared or resizable memory throws TypeError, and detached memory is empty", async (t) => {
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

/** Replaces the global Blob by a class like happy-dom's, recognizable only by instanceof. */
function replaceBlob(t) {
  const { Blob: native } = globalThis;
  t.after(() => {
    globalThis.Blob = native;
  });
  globalThis.Blob = class Blob {
    type = "";
    #text;
    constructor([text]) {
      this.#text = text;
    }
    get size() {
      return Buffer.byteLength(this.#text);
    }
    async arrayBuffer() {
      return new TextEncoder().encode(this.#text).buffer;
    }
    toString() {
      return "[object Blob]";
    }
  };
  return class File extends globalThis.Blob {};
}

test("Member send: an instance of the global Blob is sent as one, at once or from the queue", async (t) => {
  const File = replaceBlob(t);
  const { socket, stub } = await openStub(t);
  const blobs = [new Blob(["now"]), new File(["file"]), Object.freeze(new Blob(["frozen"]))];
  for (const blob of blobs) assert.deepEqual(socket.send(blob), { status: "sent" });
  stub.bufferedAmount = 8 << 20;
  assert.equal(socket.send("x".repeat(2 << 20)).status, "queued");
  const before = socket.bufferedAmount;
  blobs.push(new Blob(["wäits"]));
  assert.equal(socket.send(blobs[3]).status, "queued");
  assert.equal(socket.bufferedAmount - before, 6);
  stub.bufferedAmount = 0;
  await socket.drained();
  const sent = stub.sent.filter((data) => typeof data === "object");
  assert.equal(sent.length, blobs.length);
  for (const [index, blob] of blobs.entries()) assert.equal(sent[index], blob);
});

test("Member send: a Blob that the WebSocket would convert to a string is refused", async (t) => {
  replaceBlob(t);
  const { socket, stub } = await openStub(t);
  const drops = [];
  socket.addEventListener("drop", ({ reason, data }) => drops.push([reason, data]));
  // As in Node, jsdom and happy-dom for objects that are not Blobs of their own class.
  stub.send = (data) => stub.sent.push(String(data));
  const blob = new Blob(["now"]);
  assert.deepEqual(socket.send(blob), { status: "rejected", reason: "refused" });
  assert.equal(socket.send("text").status, "sent");
  stub.bufferedAmount = 8 << 20;
  const waiting = ["x".repeat(2 << 20), new Blob(["waits"]), new Blob(["too"])];
  for (const data of waiting) assert.equal(socket.send(data).status, "queued");
  stub.bufferedAmount = 0;
  await socket.drained();
  assert.deepEqual(stub.sent, ["text", waiting[0]]);
  assert.deepEqual(
    drops,
    [blob, ...waiting.slice(1)].map((data) => ["refused", data]),
  );
  // The Blob is unchanged.
  assert.deepEqual(Reflect.ownKeys(blob), ["type"]);
  assert.equal(`${blob}`, "[object Blob]");
});

test("Member send: binary data of another realm arrives as its own bytes", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  const foreign = () =>
    runInNewContext(`
      const bytes = new Uint8Array([0, 97, 98, 99]);
      [bytes.buffer.slice(1), bytes.subarray(1), new DataView(bytes.buffer, 1)]`);
  for (const data of foreign()) socket.send(data);
  await next(socket, "open");
  for (const data of foreign()) assert.equal(socket.send(data).status, "sent");
  await server.until(() => server.received.length === 6);
  assert.deepEqual(
    server.received.map((data) => [Buffer.isBuffer(data), String(data)]),
    Array(6).fill([true, "abc"]),
  );
  const { shared, resizable } = runInNewContext(
    "({ shared: new SharedArrayBuffer(4), resizable: new ArrayBuffer(4, { maxByteLength: 8 }) })",
  );
  for (const memory of [shared, resizable]) {
    assert.throws(() => socket.send(memory), { name: "TypeError", message: /shared or resizable/ });
  }
});

test("Member send: a Blob or a File is also recognized by its tag, as in jsdom", async (t) => {
  const { socket, stub } = await openStub(t);
  const blobs = ["Blob", "File"].map((tag) => ({ [Symbol.toStringTag]: tag, size: 4, type: "" }));
  for (const blob of blobs) Object.setPrototypeOf(blob, { constructor: class {} });
  for (const blob of blobs) assert.equal(socket.send(blob).status, "sent");
  assert.deepEqual(stub.sent, blobs);
});

test("Member subprotocols: invalid ones throw SyntaxError before the ws package sees them", () => {
  for (const protocols of ["a b", ["a", "a"], [""], {}]) {
    assert.throws(() => make("ws://127.0.0.1:9/", protocols), { name: "SyntaxError" });
  }
});

test("Member constants: are on the class and its prototype", () => {
  const names = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
  for (const [name, value] of Object.entries(names)) {
    assert.equal(SteadySocket[name], value);
    assert.equal(SteadySocket.prototype[name], value);
  }
});
