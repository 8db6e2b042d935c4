import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { StateChangeEvent, SteadyCloseEvent, SteadySocket } from "../support/package.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import {
  next,
  openSocket,
  quick,
  reached,
  reachedBy,
  record,
  routed,
} from "../support/sockets.mjs";
import { eventually, within } from "../support/until.mjs";

test("a socket connects and opens, and dispatches statechange and open in order", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url());
  assert.equal(socket.state, "connecting");
  assert.equal(socket.readyState, SteadySocket.CONNECTING);
  const lines = record(socket);
  await next(socket, "open");
  assert.deepEqual(lines, ["statechange connecting", "statechange open", "open"]);
  assert.equal(socket.readyState, SteadySocket.OPEN);
  assert.equal(socket.url, server.url());
});

test("protocol is the subprotocol that the server selected", async (t) => {
  const server = await ServerProcess.start(t);
  const socket = openSocket(t, server.url(), {}, ["chat.v1", "chat.v2"]);
  assert.equal(socket.protocol, "");
  await next(socket, "open");
  assert.equal(socket.protocol, "chat.v2");
});

test("messages sent while the server is down arrive in order, once, when it is back", async (t) => {
  const server = await ServerProcess.start(t);
  const socket = openSocket(t, server.url("/quiet"));
  await next(socket, "open");
  assert.deepEqual(socket.send("before"), { status: "sent" });
  await server.until(() => server.received.length === 1);
  await server.kill();
  await reached(socket, "waiting");
  for (let i = 0; i < 500; ++i) assert.equal(socket.send(`${i}`).status, "queued");
  assert.ok(socket.bufferedAmount > 500);
  await server.restart();
  await server.until(() => server.received.length >= 501);
  assert.equal(socket.send("after").status, "sent");
  await server.until(() => server.received.length >= 502);
  const expected = ["before", ...Array.from({ length: 500 }, (_, i) => `${i}`), "after"];
  assert.deepEqual(server.received, expected);
});

test("over many kills nothing arrives twice or out of order, and queued messages arrive", async (t) => {
  const server = await ServerProcess.start(t);
  const socket = openSocket(t, server.url("/quiet"), { reconnect: { ...quick, stableAfter: 0 } });
  let sent = 0;
  const queued = [];
  for (let life = 0; life < 5; ++life) {
    const already = server.received.length;
    await reached(socket, "open");
    for (let i = 0; i < 50; ++i) socket.send(`${sent++}`);
    await server.until(() => server.received.length > already);
    await server.kill();
    await reached(socket, "waiting");
    for (let i = 0; i < 50; ++i) {
      assert.equal(socket.send(`${sent}`).status, "queued");
      queued.push(sent++);
    }
    await server.restart();
    await server.until(() => server.received.at(-1) === `${sent - 1}`);
  }
  const numbers = server.received.map(Number);
  assert.ok(
    numbers.every((n, i) => i === 0 || n > numbers[i - 1]),
    "in order and once",
  );
  const arrived = new Set(numbers);
  assert.ok(queued.every((n) => arrived.has(n)));
});

test("without a server the state is waiting, with a reason, and connect() retries at once", async (t) => {
  const server = await EchoServer.start(t);
  await server.stop();
  const socket = openSocket(t, server.url(), {
    reconnect: { initialDelay: 60_000, maxDelay: 60_000 },
  });
  const lines = record(socket);
  const [close, change] = await Promise.all([next(socket, "close"), reachedBy(socket, "waiting")]);
  assert.equal(socket.state, "waiting");
  assert.match(change.reason, /ECONNREFUSED/);
  assert.ok(close instanceof SteadyCloseEvent);
  assert.equal(close.code, 1006);
  assert.equal(close.willRetry, true);
  assert.deepEqual(lines.slice(0, 3), [
    "statechange connecting",
    "error connection_failed",
    "statechange waiting",
  ]);
  assert.ok(socket.retryIn > 0 && socket.retryIn <= 60_000);
  assert.equal(socket.readyState, SteadySocket.CONNECTING);
  await server.restart();
  socket.connect();
  await next(socket, "open");
  assert.equal(socket.retryIn, undefined);
});

test("an attempt that hangs is aborted", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/hang"), { connectTimeout: 50 });
  await next(socket, "statechange");
  const [error, change] = await Promise.all([next(socket, "error"), next(socket, "statechange")]);
  assert.equal(error.code, "connect_timeout");
  assert.ok(change instanceof StateChangeEvent);
  assert.equal(change.state, "waiting");
  assert.match(change.reason, /no connection/);
});

test("a fatal close code of the server ends the socket, a restart does not", async (t) => {
  const server = await EchoServer.start(t);
  const refused = openSocket(t, server.url("/close?code=4001&reason=banned"));
  const close = await next(refused, "close");
  assert.equal(close.code, 4001);
  assert.equal(close.reason, "banned");
  assert.equal(close.willRetry, false);
  assert.equal(refused.state, "closed");

  const retried = openSocket(t, server.url("/echo"));
  await next(retried, "open");
  server.closeAll(1012, "restart; retry-after=0");
  assert.equal((await next(retried, "close")).willRetry, true);
  await next(retried, "open");
});

test("after the last attempt the socket is closed and reports unsent messages", async (t) => {
  const server = await EchoServer.start(t);
  await server.stop();
  const socket = openSocket(t, server.url(), { reconnect: { ...quick, maxAttempts: 2 } });
  const lines = record(socket);
  const { id } = socket.send("never");
  await next(socket, "drop");
  assert.equal(lines.filter((line) => line === "close 1006 retry").length, 2);
  assert.deepEqual(lines.slice(-3), [
    "statechange closed",
    "close 1006",
    `drop ${id} closed never`,
  ]);
});

test("reconnect: false makes one attempt", async (t) => {
  const server = await EchoServer.start(t);
  await server.stop();
  const socket = openSocket(t, server.url(), { reconnect: false });
  assert.equal((await next(socket, "close")).willRetry, false);
});

test("the first message is sent first on every connection", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/quiet"), { firstMessage: { type: "join" } });
  socket.send("1");
  await server.until(() => server.received.length === 2);
  server.closeAll(1001);
  await reached(socket, "waiting");
  socket.send("2");
  await server.until(() => server.received.length === 4);
  const join = '{"type":"join"}';
  assert.deepEqual(server.received, [join, "1", join, "2"]);
});

test("close sends the code and the reason, and the socket is then closed for good", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url());
  await next(socket, "open");
  socket.close(4321, "bye");
  assert.equal(socket.state, "closing");
  assert.equal(socket.readyState, SteadySocket.CLOSING);
  socket.close(4322, "twice");
  const close = await next(socket, "close");
  assert.deepEqual(
    [close.code, close.reason, close.wasClean, close.willRetry],
    [4321, "bye", true, false],
  );
  assert.equal(socket.readyState, SteadySocket.CLOSED);
  socket.close();
  assert.throws(() => socket.connect(), { name: "InvalidStateError" });
  assert.equal(socket.bufferedAmount, 0);
  assert.equal(socket.protocol, "");
});

test("close before open ends the attempt and reports queued messages", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url());
  const lines = record(socket);
  socket.send("waits");
  socket.close();
  await next(socket, "drop");
  assert.deepEqual(lines.slice(-3), ["statechange closed", "close 1006", "drop 1 closed waits"]);
});

test("a closed socket rejects messages and reports each once", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url());
  await next(socket, "open");
  socket.close();
  assert.deepEqual(socket.send("closing"), { status: "rejected", reason: "closed" });
  await next(socket, "close");
  assert.deepEqual(socket.send("closed"), { status: "rejected", reason: "closed" });
  const dropped = [];
  socket.addEventListener("drop", (event) => dropped.push(event.data));
  await next(socket, "drop");
  assert.deepEqual(dropped, ["closed"]);
});

test("no event is dispatched from inside a method", async (t) => {
  const server = await EchoServer.start(t);
  let inside = false;
  const calls = [];
  const watch = (socket) => {
    for (const type of ["open", "close", "error", "statechange", "drop", "message"]) {
      socket.addEventListener(type, () => {
        assert.equal(inside, false);
        calls.push(type);
      });
    }
    return socket;
  };
  const call = (action) => {
    inside = true;
    try {
      action();
    } finally {
      inside = false;
    }
  };
  let socket;
  call(() => {
    socket = watch(openSocket(t, server.url(), { queue: { maxMessages: 1 } }));
    socket.send("1");
    socket.send("one too many");
  });
  await next(socket, "message");
  call(() => socket.send("2"));
  call(() => socket.close());
  call(() => socket.send("late"));
  await next(socket, "close");
  assert.ok(["open", "close", "statechange", "drop", "message"].every((t) => calls.includes(t)));
});

test("handlers may send, close, subscribe and create other sockets", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url());
  let other;
  socket.addEventListener("open", () => {
    socket.send({ type: "ping" });
    socket.on("ping", () => {
      other = openSocket(t, server.url());
      socket.close(1000, "done");
      socket.send("too late");
    });
  });
  const close = await next(socket, "close");
  assert.equal(close.reason, "done");
  await reached(other, "open");
});

test("the on… handlers and the constants are those of WebSocket", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url());
  const calls = [];
  assert.equal(socket.onopen, null);
  socket.onopen = () => calls.push("replaced");
  socket.addEventListener("open", () => calls.push("listener"));
  const onopen = function (event) {
    calls.push(`${event.type} ${this === socket}`);
  };
  socket.onopen = onopen;
  assert.equal(socket.onopen, onopen);
  socket.onmessage = ({ data }) => {
    calls.push(data);
    socket.onmessage = "not a function";
    socket.close();
  };
  socket.send("hello");
  const closed = new Promise((resolve) => {
    socket.onclose = resolve;
  });
  await within(closed, "onclose");
  assert.deepEqual(calls, ["open true", "listener", "hello"]);
  assert.equal(socket.onmessage, null);
  assert.deepEqual([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED], [0, 1, 2, 3]);
  assert.equal(SteadySocket.name, "SteadySocket");
});

test("a listener that resends every dropped message does not block the event loop", async (t) => {
  const server = await EchoServer.start(t);
  const closed = openSocket(t, server.url());
  closed.close();
  await next(closed, "close");
  const full = openSocket(t, server.url("/hang"), { queue: { maxMessages: 0 } });
  for (const socket of [closed, full]) {
    let drops = 0;
    let again = true;
    socket.addEventListener("drop", ({ data }) => {
      drops += 1;
      if (again) socket.send(data);
    });
    const timer = new Promise((resolve) => setTimeout(resolve, 0));
    socket.send("x");
    await timer;
    await eventually(() => drops > 1);
    again = false;
  }
});

test("many sockets work side by side", async (t) => {
  const server = await EchoServer.start(t);
  const sockets = Array.from({ length: 50 }, () => openSocket(t, server.url()));
  await Promise.all(
    sockets.map(async (socket, i) => {
      const received = routed(socket, "mine");
      socket.send({ type: "mine", i });
      assert.deepEqual(await received, { type: "mine", i });
      socket.close();
      await next(socket, "close");
    }),
  );
});

test("a URL is resolved as by WebSocket", (t) => {
  for (const [given, url] of [
    ["http://127.0.0.1:9/a b", "ws://127.0.0.1:9/a%20b"],
    ["HTTPS://EXAMPLE.org", "wss://example.org/"],
    [new URL("wss://example.org/x"), "wss://example.org/x"],
    ["ws://example.org/a\u0000b", "ws://example.org/a%00b"],
  ]) {
    class Unconnected {
      readyState = 0;
      close() {}
    }
    const socket = openSocket(t, given, { WebSocket: Unconnected });
    assert.equal(socket.url, url);
  }
});

test("an invalid argument throws at once, as in WebSocket", () => {
  const make = (url, protocols, options) => () =>
    new SteadySocket(url, protocols, { WebSocket, ...options });
  for (const url of ["", "foo", "ftp://host", "ws://host#f", "ws://", "mailto:a@b"]) {
    assert.throws(make(url), { name: "SyntaxError" }, url);
  }
  for (const protocols of ["", "a b", ["a", "a"], ["a,b"], ["é"], [""]]) {
    assert.throws(make("ws://host", protocols), { name: "SyntaxError" }, String(protocols));
  }
  for (const [options, message] of [
    [{ connectTimeout: "1s" }, /connectTimeout must be a number, got "1s"/],
    [{ reconnect: { maxdelay: 5 } }, /unknown option: reconnect\.maxdelay/],
    [{ recconect: false }, /unknown option: recconect/],
    [{ initialDelay: 5 }, /unknown option: initialDelay/],
    [{ reconnect: true }, /reconnect must be an object, got true/],
    [{ reconnect: null }, /reconnect must be an object, got null/],
    [{ queue: 5 }, /queue must be an object, got 5/],
    [{ typeMember: 5 }, /typeMember must be a string, got 5/],
    [{ batch: 1 }, /batch must be an object, got 1/],
    [{ batch: null }, /batch must be an object, got null/],
    [{ batch: { subprotocol: 1 } }, /batch.subprotocol must be a string, got 1/],
    [{ batch: { constructor: 1 } }, /unknown option: batch\.constructor/],
    [{ heartbeat: 1 }, /heartbeat must be an object, got 1/],
    [{ heartbeat: null }, /heartbeat must be an object, got null/],
    [{ heartbeat: { interval: "15s" } }, /heartbeat.interval must be a number, got "15s"/],
    [{ heartbeat: { message: 5 } }, /heartbeat.message must be a string or an object, got 5/],
    [{ heartbeat: { delay: 5 } }, /unknown option: heartbeat\.delay/],
    [{ firstMessage: null }, /firstMessage must be a string or an object/],
    [{ firstMessage: new Uint8Array(1) }, /firstMessage/],
    [{ WebSocket: "ws" }, /WebSocket must be a class, got "ws"/],
  ]) {
    assert.throws(make("ws://host", [], options), { name: "TypeError", message });
  }
  assert.throws(() => new SteadySocket("ws://host", { WebSocket }), {
    name: "SyntaxError",
    message: /protocols must be a string or a list; options are the third argument/,
  });
  assert.throws(() => new SteadySocket("ws://host", [], null), { message: /options must be/ });
  assert.throws(make("/chat"), { message: /invalid URL: "\/chat"; relative URLs require a page/ });
  assert.throws(make("localhost:8080"), { message: /"localhost:8080"/ });
  for (const [options, message] of [
    [{ connectTimeout: 0 }, /connectTimeout must be more than 0 and at most one day, got 0/],
    [{ closeTimeout: -1 }, /closeTimeout .* got -1/],
    [{ queue: { maxMessages: Number.NaN } }, /queue\.maxMessages must be 0 or more, got NaN/],
    [{ highWaterMark: 0 }, /highWaterMark must be 1 or more, got 0/],
    [{ highWaterMark: 9, lowWaterMark: 9 }, /lowWaterMark .* below highWaterMark, got 9/],
    [{ lowWaterMark: -1 }, /lowWaterMark .* got -1/],
    [{ reconnect: { maxAttempts: -1 } }, /reconnect\.maxAttempts .* got -1/],
    [{ reconnect: { initialDelay: 0 } }, /reconnect\.initialDelay must be more than 0 .* got 0/],
    [{ reconnect: { factor: 0.5 } }, /reconnect\.factor must be 1 or more.* got 0\.5/],
    [{ reconnect: { factor: Number.POSITIVE_INFINITY } }, /factor .* finite, got Infinity/],
    [
      { reconnect: { initialDelay: 100, maxDelay: 10 } },
      /reconnect\.maxDelay must be between reconnect\.initialDelay and one day, got 10/,
    ],
    [{ reconnect: { maxDelay: 1e12 } }, /reconnect\.maxDelay .* got 1000000000000/],
    [{ typeMember: "" }, /typeMember must be a name or a JSON Pointer, got ""/],
    [{ typeMember: "/a~" }, /typeMember .* got "\/a~"/],
    [{ typeMember: "/a~2" }, /typeMember .* got "\/a~2"/],
    [{ heartbeat: { interval: 0 } }, /heartbeat\.interval .* got 0/],
    [{ heartbeat: { timeout: 0 } }, /heartbeat\.timeout .* got 0/],
    [{ heartbeat: { message: "" } }, /heartbeat\.message must not be empty/],
    [{ heartbeat: { interval: 1e12 } }, /heartbeat\.interval .* at most one day/],
    [{ batch: { maxMessages: 0 } }, /batch\.maxMessages must be 1 or more, got 0/],
    [{ batch: { subprotocol: "not-offered" } }, /batch\.subprotocol must be one of/],
  ]) {
    const wanted = { name: "RangeError", message };
    assert.throws(make("ws://host", [], options), wanted, JSON.stringify(options));
  }
});

test("without a WebSocket class the constructor throws an error that names the option", () => {
  assert.equal(globalThis.WebSocket, undefined);
  assert.throws(() => new SteadySocket("ws://host"), {
    name: "NotSupportedError",
    message: /options\.WebSocket/,
  });
});
