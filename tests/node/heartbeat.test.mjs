// A connection that is dead without a word: found by a heartbeat, and by nothing else.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServerProcess } from "../support/server-process.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { next, openSocket, reached, reachedBy, record } from "../support/sockets.mjs";

// An answer takes longer on a busy machine.
const quickBeat = { interval: 200, timeout: 2_000 };
const ping = '{"type":"ping"}';

test("a half-open connection is found and replaced, and what is sent meanwhile arrives", async (t) => {
  const server = await ServerProcess.start(t);
  const proxy = await SilentProxy.start(t, server.port);
  const socket = openSocket(t, `ws://127.0.0.1:${proxy.port}/echo`, { heartbeat: quickBeat });
  await reached(socket, "open");
  const lines = record(socket);
  proxy.silence();
  // Nothing tells that it goes nowhere.
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

test("without a heartbeat nothing is sent that was not sent by the user", async (t) => {
  const server = await ServerProcess.start(t);
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
  const server = await ServerProcess.start(t);
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

test("messages break the silence, whoever reads them", async (t) => {
  const server = await ServerProcess.start(t);
  const interval = 1000;
  const socket = openSocket(t, server.url("/echo"), { heartbeat: { interval } });
  await reached(socket, "open");
  let heard = 0;
  socket.on("beat", () => ++heard);
  // Three intervals.
  const sending = setInterval(() => socket.send({ type: "beat" }), interval / 20);
  t.after(() => clearInterval(sending));
  while (heard < 60) await next(socket, "message");
  await server.until(() => server.received.length >= 60);
  assert.ok(!server.received.includes(ping));
});

test("a ping is what the user says it is", async (t) => {
  for (const [message, sent] of [
    ["marco", "marco"],
    [{ op: 1 }, '{"op":1}'],
    [undefined, ping],
  ]) {
    const server = await ServerProcess.start(t);
    const socket = openSocket(t, server.url("/echo"), { heartbeat: { ...quickBeat, message } });
    const { data } = await next(socket, "message");
    assert.equal(data, sent);
    socket.close();
  }
});

test("a heartbeat ends with the socket", async (t) => {
  const server = await ServerProcess.start(t);
  const socket = openSocket(t, server.url("/echo"), { heartbeat: quickBeat });
  await next(socket, "message");
  socket.close();
  await reached(socket, "closed");
  assert.deepEqual(socket.stats(), {});
});
