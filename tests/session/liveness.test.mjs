// Connections that silently fail in one or both directions, between a client and a server with
// sessions.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { openSocket } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";
import { createSessions } from "./package.mjs";

const heartbeat = { interval: 300, timeout: 500 };
/** Timers are late on a loaded machine. */
const tolerance = 1_000;

async function openPair(t) {
  const handled = [];
  const received = [];
  let session;
  const sessions = createSessions({
    onsession: (one) => {
      session = one;
      session.onmessage = (data) => handled.push(data);
    },
  });
  const server = await LocalServer.start(t, {
    select: sessions.pick,
    greet: (connection) => sessions.accept(connection),
  });
  const proxy = await SilentProxy.start(t, server.port);
  const socket = openSocket(t, `ws://127.0.0.1:${proxy.port}`, { session: true, heartbeat });
  socket.addEventListener("message", ({ data }) => received.push(data));
  await eventually(() => socket.stats().roundTrip !== undefined);
  return { proxy, socket, handled, received, session: () => session };
}

/** Both sides send numbers until the client closes the connection. Resolves to the elapsed time. */
async function exchangeUntilClosed({ socket, session }) {
  let count = 0;
  const timer = setInterval(() => {
    ++count;
    socket.send(String(count));
    session().send(String(count));
  }, 20);
  const began = performance.now();
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  await closed;
  const took = performance.now() - began;
  clearInterval(timer);
  return { took, count };
}

for (const [failure, breakIt] of [
  ["the client's messages are lost", (proxy) => proxy.loseSent()],
  ["the server's messages are lost", (proxy) => proxy.loseReceived()],
  ["both directions are lost", (proxy) => proxy.silence()],
]) {
  test(`a dead connection is detected within interval + timeout and nothing is lost: ${failure}`, async (t) => {
    const pair = await openPair(t);
    breakIt(pair.proxy);
    const { took, count } = await exchangeUntilClosed(pair);
    const limit = heartbeat.interval + heartbeat.timeout + tolerance;
    assert.ok(took < limit, `${took} ms, not within ${limit} ms`);
    await pair.socket.delivered();
    await eventually(() => pair.received.length >= count);
    const all = Array.from({ length: count }, (_, n) => String(n + 1));
    assert.deepEqual(pair.handled, all);
    assert.deepEqual(pair.received, all);
  });
}
