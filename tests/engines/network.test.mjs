// The package in three engines: killed servers, lost networks, pages in the background and in the
// back/forward cache.
import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { engines } from "../support/browsers/index.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { serveSite } from "../support/site.mjs";
import { connect, isIn, logged, send, takeLog } from "./socket.mjs";

const policy =
  "default-src 'none'; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'; connect-src ws:";

const quick = { initialDelay: 20, maxDelay: 100 };
/** A delay that does not end within a test: 30 seconds. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };

/** A tab, and a server that it reaches through a proxy. */
async function setUp(t, engine) {
  const server = await ServerProcess.start(t);
  const proxy = await SilentProxy.start(t, server.port);
  const site = await serveSite(t, policy);
  const url = (path) => `ws://127.0.0.1:${proxy.port}${path}`;
  const tab = await engine.open(t, site);
  tab.expected.push(engine.refusedConnection);
  return { server, proxy, site, url, tab };
}

const numbered = (from, to) => Array.from({ length: to - from }, (_, index) => `${from + index}`);
const messages = (log) => log.filter((one) => one.startsWith("message "));

for (const engine of engines) {
  const promise = (sentence, run) => test(`Runtime ${engine.name}: ${sentence}`, run);

  promise("messages sent while the server is away arrive once, in order", async (t) => {
    const { server, tab } = await setUp(t, engine);
    await connect(tab, server.url(), { reconnect: quick });
    await send(tab, ...numbered(0, 10));
    await server.until(() => server.received.length === 10);
    await server.kill();
    await logged(tab, "close 1006  false true");
    const statuses = await send(tab, ...numbered(10, 60));
    assert.deepEqual([...new Set(statuses)], ["queued"]);
    await server.restart();
    await isIn(tab, "open");
    await send(tab, ...numbered(60, 70));
    await server.until(() => server.received.length === 70);
    assert.deepEqual(server.received, numbered(0, 70));
  });

  promise("the heartbeat detects a silently dead connection, which is replaced", async (t) => {
    const { server, proxy, url, tab } = await setUp(t, engine);
    const heartbeat = { interval: 400, timeout: 1_000 };
    await connect(tab, url("/pong"), { reconnect: quick, heartbeat });
    await tab.until(() => globalThis.socket.stats().roundTrip !== undefined, null, "a pong");
    await takeLog(tab);
    proxy.silence();
    await logged(tab, "open");
    const log = await takeLog(tab);
    assert.deepEqual(
      log.filter((one) => !one.startsWith("message ")),
      ["error heartbeat_timeout", "close 1006  false true", "open"],
    );
    await send(tab, "on the new one");
    await server.until(() => server.received.includes("on the new one"));
  });

  promise(
    "nothing is lost without a network, and it reconnects at once when one is back",
    async (t) => {
      const { server, proxy, url, tab } = await setUp(t, engine);
      // An engine that cannot be set offline has no `online` event either, so the socket retries.
      await connect(tab, url("/echo"), { reconnect: engine.canBeOffline ? slow : quick });
      if (engine.canBeOffline) await tab.setOffline(true);
      await proxy.refuse();
      if (engine.canBeOffline) await isIn(tab, "suspended");
      else await logged(tab, "error connection_failed");
      await send(tab, ...numbered(0, 20));
      await takeLog(tab);
      await proxy.pass();
      if (engine.canBeOffline) await tab.setOffline(false);
      const began = performance.now();
      await logged(tab, "open");
      assert.ok(performance.now() - began < 10_000);
      await server.until(() => server.received.length === 20);
      assert.deepEqual(server.received, numbered(0, 20));
    },
  );

  promise("a hidden page keeps receiving, and reconnects when it is shown", async (t) => {
    const { server, tab } = await setUp(t, engine);
    await connect(tab, server.url(), { reconnect: slow });
    await tab.hide();
    for (const number of numbered(0, 20)) server.sendAll(number);
    await logged(tab, "message 19");
    const received = messages(await takeLog(tab));
    assert.deepEqual(
      received,
      numbered(0, 20).map((number) => `message ${number}`),
    );
    await server.kill();
    await isIn(tab, "waiting");
    await server.restart();
    await send(tab, "sent while hidden");
    assert.equal(await tab.evaluate(() => globalThis.socket.state), "waiting");
    const began = performance.now();
    await tab.show();
    await logged(tab, "message sent while hidden");
    assert.ok(performance.now() - began < 10_000);
  });

  promise("a page restored from the cache resumes a socket that was suspended", async (t) => {
    const server = await LocalServer.start(t);
    const site = await serveSite(t, policy);
    const tab = await engine.open(t, site);
    await connect(tab, server.url());
    await tab.evaluate(() => {
      addEventListener("pageshow", ({ persisted }) => {
        globalThis.persisted = persisted;
        globalThis.socket.resume();
      });
      globalThis.socket.suspend();
    });
    await server.until(() => server.connections[0].readyState === WebSocket.CLOSED);
    await tab.goto(`${site}elsewhere`);
    await tab.goBack();
    assert.equal(await tab.evaluate(() => globalThis.persisted), true);
    await isIn(tab, "open");
    assert.equal(server.connections.length, 2);
  });
}

for (const engine of engines.filter(({ id }) => id === "firefox")) {
  const sentence = 'a page with an open connection is not cached for "back"';
  test(`Runtime ${engine.name}, difference: ${sentence}`, async (t) => {
    const { server, site, tab } = await setUp(t, engine);
    await connect(tab, server.url());
    await tab.goto(`${site}elsewhere`);
    await tab.goBack();
    assert.equal(await tab.evaluate(() => typeof globalThis.socket), "undefined");
  });
}

for (const engine of engines.filter(({ id }) => id !== "firefox")) {
  const sentence = "a page restored from the cache reconnects at once";
  test(`Runtime ${engine.name}: ${sentence}`, async (t) => {
    const { server, site, tab } = await setUp(t, engine);
    await connect(tab, server.url("/echo"), { reconnect: slow });
    await tab.evaluate(() => {
      addEventListener("pageshow", ({ persisted }) => {
        globalThis.persisted = persisted;
      });
    });
    await takeLog(tab);
    await tab.goto(`${site}elsewhere`);
    const began = performance.now();
    await tab.goBack();
    assert.equal(await tab.evaluate(() => globalThis.persisted), true);
    await logged(tab, "open");
    assert.ok(performance.now() - began < 10_000);
    await send(tab, "back again");
    await logged(tab, "message back again");
  });
}
