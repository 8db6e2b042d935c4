// The heartbeat, which detects connections that are dead without an event.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { next, openSocket, reached, reachedBy, record } from "../support/sockets.mjs";
import { openStub } from "./stub.mjs";

// An answer takes longer on a busy machine.
const quickBeat = { interval: 200, timeout: 2_000 };
const ping = '{"type":"ping"}';

test("a half-open connection is detected and replaced, and messages queued meanwhile arrive", async (t) => {
  const server = await EchoServer.start(t);
  const proxy = await SilentProxy.start(t, server.port);
  const socket = openSocket(t, `ws://127.0.0.1:${proxy.port}/echo`, { heartbeat: quickBeat });
  await reached(socket, "open");
  const lines = record(socket);
  proxy.silence();
  // The platform cannot know that it is lost.
  assert.equal(socket.send("lost").status, "sent");
  const closed = next(socket, "close");
  const { reason } = await reachedBy(socket, "waiting");
  assert.equal(reason, "no answer within the heartbeat timeout");
  assert.equal(socket.send("kept").status, "queued");
  const { code, wasClean, willRetry } = await closed;
  assert.deepEqual([code, wasClean, willRetry], [1006, false, true]);
  assert.deepEqual(lines.slice(0, 3), [
    "error heartbeat_timeout",
    "statechange waiting",
    "close 1006 retry",
  ]);
  await server.until(() => server.received.includes("kept"));
  assert.ok(!server.received.includes("lost"));
  assert.equal(socket.state, "open");
});

test("without a heartbeat the socket sends nothing by itself", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/echo"));
  await reached(socket, "open");
  for (const text of ["a", "b"]) {
    const answer = next(socket, "message");
    socket.send(text);
    await answer;
  }
  await server.until(() => server.received.length >= 2);
  assert.deepEqual(server.received, ["a", "b"]);
  assert.deepEqual(socket.stats(), {});
});

test("a silent server that answers stays connected, and its round trip is measured", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/echo"), { heartbeat: quickBeat });
  await reached(socket, "open");
  const lines = record(socket);
  for (let pings = 0; pings < 4; ++pings) await next(socket, "message");
  await server.until(() => server.received.length >= 4);
  assert.deepEqual(new Set(server.received), new Set([ping]));
  assert.deepEqual(new Set(lines), new Set([`message ${ping}`]));
  const { last, smoothed, jitter } = socket.stats().roundTrip;
  for (const time of [last, smoothed, jitter]) {
    assert.ok(time >= 0 && time < quickBeat.timeout, String(time));
  }
});

test("received messages postpone the ping, whichever handler reads them", async (t) => {
  const server = await EchoServer.start(t);
  const interval = 1000;
  const socket = openSocket(t, server.url("/echo"), { heartbeat: { interval } });
  await reached(socket, "open");
  let received = 0;
  socket.on("beat", () => ++received);
  // Three intervals.
  const sending = setInterval(() => socket.send({ type: "beat" }), interval / 20);
  t.after(() => clearInterval(sending));
  while (received < 60) await next(socket, "message");
  await server.until(() => server.received.length >= 60);
  assert.ok(!server.received.includes(ping));
});

/** Calls `step` every 10 ms until it returns true. */
function repeat(t, step) {
  return new Promise((resolve) => {
    const repeating = setInterval(() => step() && resolve(), 10);
    t.after(() => clearInterval(repeating));
  });
}

test("reading stats() and retryIn does not hide a received message from the heartbeat", async (t) => {
  const { socket, stub } = await openStub(t, { heartbeat: { interval: 200 } });
  socket.on("beat", () => {});
  let beats = 0;
  await repeat(t, () => {
    stub.deliver('{"type":"beat"}');
    assert.deepEqual(socket.stats(), {});
    assert.equal(socket.retryIn, undefined);
    return ++beats === 60;
  });
  assert.deepEqual(stub.sent, []);
});

test("a message on one socket does not postpone the ping of another", async (t) => {
  const heartbeat = { interval: 400, timeout: 2_000 };
  const talking = await openStub(t, { heartbeat });
  const silent = await openStub(t, { heartbeat });
  talking.socket.on("beat", () => {});
  const closed = next(silent.socket, "close");
  // Reported to the kernel before its next input.
  silent.stub.bufferedAmount = 5;
  const pinged = repeat(t, () => {
    talking.stub.deliver('{"type":"beat"}');
    talking.socket.send("queued or not", { ttl: 1_000 });
    silent.socket.send("buffered");
    return silent.stub.sent.includes(ping);
  });
  await Promise.race([pinged, closed]);
  assert.ok(silent.stub.sent.includes(ping));
});

test("the message of a ping is configurable", async (t) => {
  for (const [message, sent] of [
    ["marco", "marco"],
    [{ op: 1 }, '{"op":1}'],
    [undefined, ping],
  ]) {
    const server = await EchoServer.start(t);
    const socket = openSocket(t, server.url("/echo"), { heartbeat: { ...quickBeat, message } });
    const { data } = await next(socket, "message");
    assert.equal(data, sent);
    socket.close();
  }
});

/** A server that sends all the time, and answers pings. */
function startTalkative(t) {
  return LocalServer.start(t, {
    greet(connection) {
      const ticking = setInterval(() => connection.send('{"type":"tick"}'), 20);
      connection.on("close", () => clearInterval(ticking));
      connection.on("message", (data) => {
        if (String(data) === ping) connection.send('{"type":"pong"}');
      });
    },
  });
}

test("with heartbeat.reply, a server that sends but receives nothing is detected", async (t) => {
  const server = await startTalkative(t);
  const proxy = await SilentProxy.start(t, server.port);
  const socket = openSocket(t, `ws://127.0.0.1:${proxy.port}/`, {
    heartbeat: { ...quickBeat, reply: "pong" },
  });
  const pong = socket.next("pong");
  await reached(socket, "open");
  // It sends, and is pinged all the same.
  await pong;
  assert.ok(socket.stats().roundTrip.last < quickBeat.timeout);
  proxy.loseSent();
  assert.equal(socket.send("lost").status, "sent");
  await socket.next("tick");
  const { reason } = await reachedBy(socket, "waiting");
  assert.equal(reason, "no answer within the heartbeat timeout");
  socket.send("kept");
  await server.until(() => server.received.some((data) => String(data) === "kept"));
  assert.ok(!server.received.some((data) => String(data) === "lost"));
});

test("heartbeat.reply matches in a batch, and messages that are not JSON", async (t) => {
  for (const [reply, answer, options] of [
    ["pong", '[{"type":"tick"},{"type":"pong"}]', { batch: true }],
    ["PONG", "PONG", {}],
    ["pong", '{"id":1,"kind":"pong"}', { typeMember: "kind" }],
  ]) {
    const server = await LocalServer.start(t, {
      greet: (connection) => connection.on("message", () => connection.send(answer)),
    });
    const socket = openSocket(t, server.url(), { ...options, heartbeat: { ...quickBeat, reply } });
    while (socket.stats().roundTrip === undefined) await next(socket, "message");
    socket.close();
  }
});

test("a connection that can send nothing is aborted even while it receives", async (t) => {
  const server = await startTalkative(t);
  const proxy = await SilentProxy.start(t, server.port);
  const heartbeat = { interval: 400, timeout: 800 };
  const socket = openSocket(t, `ws://127.0.0.1:${proxy.port}/`, { heartbeat });
  await reached(socket, "open");
  await socket.next("tick");
  proxy.stallClients();
  // The system's buffers hold some of it.
  while (socket.bufferedAmount === 0) {
    socket.send(new Uint8Array(1 << 20));
    await socket.next("tick");
  }
  const { reason } = await reachedBy(socket, "waiting");
  assert.equal(reason, "nothing could be sent within the heartbeat interval and timeout");
  await server.until(() => server.connections.length === 2);
});

test("heartbeat.reply is validated", () => {
  const make = (reply) => () => openSocket({ after() {} }, "ws://h", { heartbeat: { reply } });
  assert.throws(make(1), new TypeError("SteadySocket: heartbeat.reply must be a string, got 1"));
  assert.throws(make("x".repeat(257)), {
    name: "RangeError",
    message: "SteadySocket: heartbeat.reply must be at most 256 bytes",
  });
});

test("a heartbeat ends with the socket, and its measurements are kept", async (t) => {
  const server = await EchoServer.start(t);
  const socket = openSocket(t, server.url("/echo"), { heartbeat: quickBeat });
  await next(socket, "message");
  const stats = socket.stats();
  assert.ok(stats.roundTrip.last >= 0);
  socket.close();
  await reached(socket, "closed");
  assert.deepEqual(socket.stats(), stats);
});
