import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { DropEvent } from "../support/package.mjs";
import { next, openSocket, reached, routed } from "../support/sockets.mjs";
import { within } from "../support/until.mjs";
import { openStub } from "./stub.mjs";

/** An open socket, connected to an echo server. */
async function echo(t, options) {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url(), options);
  await next(socket, "open");
  return { server, socket };
}

test("messages are dispatched by type, to handlers in the order of subscription", async (t) => {
  const { socket } = await echo(t);
  const received = [];
  socket.on("a", (message) => received.push(`a ${message.n}`));
  socket.on("*", (message) => received.push(`* ${message.type}`));
  socket.on("a", (message) => received.push(`second a ${message.n}`));
  socket.once("b", () => received.push("b once"));
  const off = socket.on("b", () => received.push("b"));
  socket.send({ type: "a", n: 1 });
  socket.send({ type: "b" });
  socket.send({ type: "b" });
  const end = routed(socket, "end");
  socket.send({ type: "end" });
  await end;
  assert.deepEqual(received, [
    "a 1",
    "second a 1",
    "* a",
    "b once",
    "b",
    "* b",
    "b",
    "* b",
    "* end",
  ]);
  off();
  off();
});

test("off removes a handler, also during a dispatch", async (t) => {
  const { socket } = await echo(t);
  const received = [];
  const second = () => received.push("second");
  socket.on("a", () => {
    received.push("first");
    socket.off("a", second);
    socket.on("a", () => received.push("late"));
  });
  socket.on("a", second);
  const end = routed(socket, "end");
  socket.send({ type: "a" });
  socket.send({ type: "end" });
  await end;
  assert.deepEqual(received, ["first"]);
});

test("a message that is not JSON is dispatched as an event, and to no handler of a type", async (t) => {
  const { socket } = await echo(t);
  const routed = [];
  socket.on("*", (message) => routed.push(message));
  const texts = [
    "",
    "hello",
    "{",
    '{"type":',
    "[1]",
    '["type"]',
    "null",
    "42",
    '"type"',
    " {} ",
    "{]",
  ];
  const events = [];
  const all = new Promise((resolve) => {
    socket.addEventListener("message", (event) => {
      events.push(event.data);
      if (events.length === texts.length) resolve();
    });
  });
  for (const text of texts) socket.send(text);
  await within(all, "all messages", () => `received: ${JSON.stringify(events)}`);
  assert.deepEqual(events, texts);
  assert.deepEqual(routed, []);
});

test("types that are names of Object's members are ordinary types", async (t) => {
  const { socket } = await echo(t);
  const received = [];
  for (const type of ["constructor", "__proto__", "toString", "*", ""]) {
    socket.on(type, (message) => received.push(`${type}:${message.type}`));
  }
  const end = routed(socket, "end");
  for (const type of ["__proto__", "constructor", "*", "", "end"]) socket.send({ type });
  await end;
  assert.deepEqual(received, [
    "__proto__:__proto__",
    "*:__proto__",
    "constructor:constructor",
    "*:constructor",
    "*:*",
    ":",
    "*:",
    "*:end",
  ]);
});

test("the member that has the type can have another name", async (t) => {
  const { socket } = await echo(t, { typeMember: "event" });
  const received = routed(socket, "x");
  socket.send({ type: "no", event: "x" });
  assert.deepEqual(await received, { type: "no", event: "x" });
});

test("an error of a handler is reported, and does not affect other handlers", async (t) => {
  const { socket } = await echo(t);
  const reported = [];
  t.mock.method(globalThis, "queueMicrotask", globalThis.queueMicrotask);
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const received = [];
  socket.on("a", () => {
    throw new Error("mine");
  });
  socket.on("a", () => received.push("second"));
  const end = routed(socket, "end");
  socket.send({ type: "a" });
  socket.send({ type: "end" });
  await end;
  assert.deepEqual(received, ["second"]);
  assert.deepEqual(reported, ["mine"]);
  assert.equal(socket.state, "open");
});

test("a handler that is not a function is refused", async (t) => {
  const { socket } = await echo(t);
  assert.throws(() => socket.on("a", undefined), TypeError);
});

test("text arrives completely: U+0000, emoji, replaced lone surrogates, a megabyte", async (t) => {
  const { socket } = await echo(t);
  for (const [text, expected = text] of [
    ["a\u0000b\u0000"],
    ["é日本😀"],
    ["\ud83d!\ude00", "\ufffd!\ufffd"],
    ["\ufeffwith a mark"],
    ["x".repeat(1 << 20)],
  ]) {
    socket.send(text);
    assert.equal((await next(socket, "message")).data, expected);
  }
});

test("binary data of every kind arrives, as a Blob or an ArrayBuffer", async (t) => {
  const { socket } = await echo(t);
  const bytes = new Uint8Array([0, 1, 254, 255]);
  const wide = new Uint8Array([9, ...bytes, 9]);
  for (const data of [
    bytes,
    bytes.buffer,
    wide.subarray(1, 5),
    new DataView(wide.buffer, 1, 4),
    Buffer.from(bytes),
    new Blob([bytes]),
  ]) {
    socket.send(data);
    const event = await next(socket, "message");
    assert.ok(event.data instanceof Blob);
    assert.deepEqual(new Uint8Array(await event.data.arrayBuffer()), bytes);
  }
  socket.binaryType = "arraybuffer";
  socket.send(new Uint8Array(0));
  const event = await next(socket, "message");
  assert.ok(event.data instanceof ArrayBuffer);
  assert.equal(event.data.byteLength, 0);
  assert.equal(event.origin, new URL(socket.url).origin);
});

test("every kind of message is queued in order, as it was when it was sent", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/quiet"));
  const bytes = new Uint8Array([1, 2, 3]);
  assert.equal(socket.send("1").status, "queued");
  socket.send(bytes);
  socket.send(bytes.buffer);
  socket.send(new Blob(["blob"]));
  socket.send({ n: 5 });
  bytes.fill(9);
  assert.equal(socket.bufferedAmount, 1 + 3 + 3 + 4 + 7);
  await server.until(() => server.received.length === 5);
  assert.deepEqual(server.received, [
    "1",
    Buffer.from([1, 2, 3]),
    Buffer.from([1, 2, 3]),
    Buffer.from("blob"),
    '{"n":5}',
  ]);
  assert.equal(socket.bufferedAmount, 0);
});

test("bufferedAmount counts the bytes of a frame's payload", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/quiet"));
  const texts = ["a", "é", "日", "😀", "\ud83d", "a\u0000", "\ud83d\ud83d\ude00"];
  for (const text of texts) {
    const before = socket.bufferedAmount;
    socket.send(text);
    assert.equal(socket.bufferedAmount - before, new TextEncoder().encode(text).length, text);
  }
});

test("objects are sent as JSON, and those that cannot be serialized throw", async (t) => {
  const { socket } = await echo(t);
  const send = async (data) => {
    socket.send(data);
    return (await next(socket, "message")).data;
  };
  assert.equal(await send({ a: [1, null] }), '{"a":[1,null]}');
  assert.equal(await send([1, "2"]), '[1,"2"]');
  assert.equal(await send(new Date(0)), '"1970-01-01T00:00:00.000Z"');
  assert.equal(await send(Object.create(null)), "{}");
  assert.equal(await send(42), "42");
  assert.equal(await send(null), "null");
  assert.equal(await send(undefined), "undefined");
  const cyclic = {};
  cyclic.self = cyclic;
  assert.throws(() => socket.send(cyclic), TypeError);
  assert.throws(() => socket.send({ toJSON: () => undefined }), TypeError);
  assert.throws(() => socket.send({ n: 1n }), TypeError);
});

test("a full queue, by messages or by bytes, rejects each message and reports it once", async (t) => {
  const server = await EchoServer.start(t);
  await server.stop();
  const socket = openSocket(t, server.url(), { queue: { maxMessages: 2, maxBytes: 10 } });
  const dropped = [];
  socket.addEventListener("drop", (event) => {
    assert.ok(event instanceof DropEvent);
    dropped.push([event.reason, event.data, event.id]);
  });
  assert.equal(socket.send("12345678").status, "queued");
  assert.deepEqual(socket.send("123"), { status: "rejected", reason: "queue_full" });
  assert.equal(socket.send("12").status, "queued");
  assert.deepEqual(socket.send(""), { status: "rejected", reason: "queue_full" });
  assert.deepEqual(dropped, []);
  await next(socket, "drop");
  assert.deepEqual(dropped, [
    ["queue_full", "123", 0],
    ["queue_full", "", 0],
  ]);
});

/** A WebSocket whose bufferedAmount is set by the test. */
function heldBy(buffer) {
  return class extends WebSocket {
    get bufferedAmount() {
      return buffer.amount;
    }
    send(data) {
      super.send(data);
      if (buffer.stuck) buffer.amount += data.length;
    }
  };
}

test("above the high-water mark messages wait until the platform's buffer has drained", async (t) => {
  const server = await EchoServer.start(t);
  const buffer = { amount: 0, stuck: true };
  const options = { highWaterMark: 100, WebSocket: heldBy(buffer) };
  const socket = openSocket(t, server.url("/quiet"), options);
  await next(socket, "open");
  assert.equal(socket.send("x".repeat(100)).status, "sent");
  assert.equal(socket.send("1").status, "queued");
  assert.equal(socket.send("2").status, "queued");
  assert.equal(socket.bufferedAmount, 102);
  // The low-water mark is half of the high one.
  buffer.amount = 50;
  buffer.stuck = false;
  await server.until(() => server.received.length === 3);
  assert.deepEqual(server.received.slice(1), ["1", "2"]);
  assert.equal(socket.send("3").status, "sent");
});

test("close sends the messages that wait for the platform's buffer", async (t) => {
  const server = await EchoServer.start(t);
  const options = { highWaterMark: 1, WebSocket: heldBy({ amount: 1 }) };
  const socket = openSocket(t, server.url("/quiet"), options);
  await next(socket, "open");
  socket.send("0");
  for (let i = 1; i < 100; ++i) assert.equal(socket.send(`${i}`).status, "queued");
  socket.close(1000);
  await reached(socket, "closed");
  await server.until(() => server.received.length === 100);
  assert.deepEqual(
    server.received,
    Array.from({ length: 100 }, (_, i) => `${i}`),
  );
});

test("a message that the platform refuses is tried once, rejected and reported", async (t) => {
  const server = await EchoServer.start(t);
  let calls = 0;
  class Throwing extends WebSocket {
    send() {
      ++calls;
      throw new TypeError("no");
    }
  }
  const socket = openSocket(t, server.url(), { WebSocket: Throwing });
  await next(socket, "open");
  assert.deepEqual(socket.send("x"), { status: "rejected", reason: "refused" });
  const { reason, data } = await next(socket, "drop");
  assert.deepEqual([reason, data, calls], ["refused", "x", 1]);
});

test("only lone surrogates themselves are replaced, in the first message and the close reason", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url(), { firstMessage: "\ud83d!hello" });
  assert.equal((await next(socket, "message")).data, "\ufffd!hello");
  socket.close(1000, "\ud83dabc");
  assert.equal((await next(socket, "close")).reason, "\ufffdabc");
});

test("events caused by a handler are dispatched before the next message", async (t) => {
  const server = await EchoServer.start(t);
  let raw;
  class Known extends WebSocket {
    constructor(...args) {
      super(...args);
      raw = this;
    }
  }
  const options = { WebSocket: Known, queue: { maxMessages: 0 } };
  const socket = openSocket(t, server.url("/quiet"), options);
  await next(socket, "open");
  const received = [];
  socket.addEventListener("drop", ({ data }) => received.push(`drop ${data}`));
  socket.addEventListener("message", ({ data }) => {
    received.push(data);
    Object.defineProperty(raw, "readyState", { value: 2, configurable: true });
    if (data === "1") socket.send("rejected");
  });
  // As in `ws` for frames that arrive in one piece.
  raw.onmessage({ data: "1" });
  raw.onmessage({ data: "2" });
  assert.deepEqual(received, ["1", "drop rejected", "2"]);
});

test("an exception of the platform's send rejects the message and reports it", async (t) => {
  const { socket, stub } = await openStub(t);
  stub.send = () => {
    throw new TypeError("odd");
  };
  const drop = next(socket, "drop");
  assert.deepEqual({ ...socket.send("x") }, { status: "rejected", reason: "refused" });
  assert.equal((await drop).reason, "refused");
  assert.equal(socket.state, "open");
});

test("a binary message is converted to a Blob only if there is a message listener", async (t) => {
  const { socket, stub } = await openStub(t);
  const { Blob: native } = globalThis;
  t.after(() => {
    globalThis.Blob = native;
  });
  let made = 0;
  globalThis.Blob = class extends native {
    constructor(...given) {
      super(...given);
      ++made;
    }
  };
  const bytes = new Uint8Array([1, 2, 3]).buffer;
  for (const type of ["open", "close", "error", "statechange", "drop"]) {
    socket.addEventListener(type, () => {});
  }
  socket.on("*", () => {});
  stub.deliver(bytes);
  assert.equal(made, 0);
  const got = [];
  socket.onmessage = ({ data }) => got.push(data);
  stub.deliver(bytes);
  assert.equal(made, 1);
  socket.binaryType = "arraybuffer";
  stub.deliver(bytes);
  assert.equal(made, 1);
  assert.deepEqual(await got[0].arrayBuffer(), bytes);
  assert.equal(got[1], bytes);
});

test("binaryType is read at the event, after events that are dispatched before the message", async (t) => {
  const { socket, stub } = await openStub(t);
  const got = [];
  socket.onmessage = ({ data }) => got.push(data);
  socket.addEventListener("drop", () => {
    socket.binaryType = "arraybuffer";
  });
  stub.send = () => {
    throw new Error("no");
  };
  assert.equal(socket.send("dropped").reason, "refused");
  stub.deliver(new ArrayBuffer(1));
  assert.ok(got[0] instanceof ArrayBuffer, String(got[0]));
});
