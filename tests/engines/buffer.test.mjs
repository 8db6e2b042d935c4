// Messages in the buffers of three engines, when a stalled connection is aborted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { engines } from "../support/browsers/index.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { serveSite } from "../support/site.mjs";
import { connect, isIn, send } from "./socket.mjs";

const count = 128;

/**
 * Sends 8 MB into a stalled connection, which the heartbeat aborts. Resolves, once reconnected, to
 * the numbers of the messages dropped as unconfirmed, and of those that the server received.
 */
async function stall(t, engine, unconfirmed) {
  const server = await ServerProcess.start(t);
  const proxy = await SilentProxy.start(t, server.port);
  const tab = await engine.open(t, await serveSite(t));
  await connect(tab, `ws://127.0.0.1:${proxy.port}/pong`, {
    reconnect: { initialDelay: 10 },
    heartbeat: { interval: 400, timeout: 1_000 },
    queue: { unconfirmed, maxBytes: 32 << 20 },
    highWaterMark: 16 << 20,
  });
  proxy.stall();
  const dropped = await tab.evaluate(async (count) => {
    const { socket } = globalThis;
    const dropped = [];
    socket.addEventListener("drop", ({ reason, data }) => {
      if (reason === "unconfirmed") dropped.push(Number.parseInt(data, 10));
    });
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    for (let i = 0; i < count; ++i) socket.send(`${i}:${"x".repeat(64 << 10)}`);
    await closed;
    return dropped;
  }, count);
  await isIn(tab, "open");
  await send(tab, "on the new one");
  await server.until(() => server.received.at(-1) === "on the new one");
  return { dropped, received: server.received.slice(0, -1).map((one) => Number.parseInt(one, 10)) };
}

/** The numbers of the last messages, from `first` on. */
const lastFrom = (first) => Array.from({ length: count - first }, (_, index) => first + index);

for (const engine of engines.filter(({ id }) => id !== "webkit")) {
  test(`Runtime ${engine.name}: messages in its buffer when a connection is aborted are reported one by one`, async (t) => {
    const { dropped, received } = await stall(t, engine, "report");
    assert.ok(dropped.length > 0);
    assert.deepEqual(dropped, lastFrom(dropped[0]));
    assert.deepEqual(received, []);
  });

  test(`Runtime ${engine.name}: messages in its buffer when a connection is aborted are resent with requeue`, async (t) => {
    const { dropped, received } = await stall(t, engine, "requeue");
    assert.deepEqual(dropped, []);
    assert.ok(received.length > 0);
    assert.deepEqual(received, lastFrom(received[0]));
  });
}

for (const engine of engines.filter(({ id }) => id === "webkit")) {
  test(`Runtime ${engine.name}, difference: unsent messages are neither reported nor sent again`, async (t) => {
    for (const unconfirmed of ["report", "requeue"]) {
      const { dropped, received } = await stall(t, engine, unconfirmed);
      assert.deepEqual([dropped, received], [[], []]);
    }
  });
}
