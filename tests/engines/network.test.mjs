// The package in three engines: servers that die, networks that go and come, pages in the background
// and in the cache for "back".
import assert from "node:assert/strict";
import { test } from "node:test";
import { WebSocket } from "ws";
import { engines } from "../support/browsers/index.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { serveSite } from "../support/site.mjs";
import { connect, forget, hasTold, isIn, send } from "./socket.mjs";

const policy =
  "default-src 'none'; img-src 'self' data:; script-src 'self' 'wasm-unsafe-eval'; connect-src ws:";

const quick = { initialDelay: 20, maxDelay: 100 };
/** A wait that does not end by itself within a test: it takes 30 seconds. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };

/** A tab, and a server that it comes to over a proxy. */
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
const messages = (told) => told.filter((one) => one.startsWith("message "));

for (const engine of engines) {
  const promise = (sentence, run) => test(`Runtime ${engine.name}: ${sentence}`, run);

  promise("what is sent while the server is away arrives once, in order", async (t) => {
    const { server, tab } = await setUp(t, engine);
    await connect(tab, server.url(), { reconnect: quick });
    await send(tab, ...numbered(0, 10));
    await server.until(() => server.received.length === 10);
    await server.kill();
    await hasTold(tab, "close 1006  false true");
    const statuses = await send(tab, ...numbered(10, 60));
    assert.deepEqual([...new Set(statuses)], ["queued"]);
    await server.restart();
    await isIn(tab, "open");
    await send(tab, ...numbered(60, 70));
    await server.until(() => server.received.length === 70);
    assert.deepEqual(server.received, numbered(0, 70));
  });

  promise(
    "a connection that is silently dead is found by the heartbeat, and replaced",
    async (t) => {
      const { server, proxy, url, tab } = await setUp(t, engine);
      const heartbeat = { interval: 400, timeout: 1_000 };
      await connect(tab, url("/pong"), { reconnect: quick, heartbeat });
      await tab.until(() => globalThis.socket.stats().roundTrip !== undefined, null, "a pong");
      await forget(tab);
      proxy.silence();
      await hasTold(tab, "open");
      const told = await forget(tab);
      assert.deepEqual(
        told.filter((one) => !one.startsWith("message ")),
        ["error heartbeat_timeout", "close 1006  false true", "open"],
      );
      await send(tab, "on the new one");
      await server.until(() => server.received.includes("on the new one"));
    },
  );

  promise(
    "without a network nothing is lost, and with one again it connects at once",
    async (t) => {
      const { server, proxy, url, tab } = await setUp(t, engine);
      // The engine that cannot be told of a network has to try until it finds one.
      await connect(tab, url("/echo"), { reconnect: engine.canBeOffline ? slow : quick });
      if (engine.canBeOffline) await tab.setOffline(true);
      await proxy.refuse();
      if (engine.canBeOffline) await isIn(tab, "suspended");
      else await hasTold(tab, "error connection_failed");
      await send(tab, ...numbered(0, 20));
      await forget(tab);
      await proxy.pass();
      if (engine.canBeOffline) await tab.setOffline(false);
      const began = performance.now();
      await hasTold(tab, "open");
      assert.ok(performance.now() - began < 10_000);
      await server.until(() => server.received.length === 20);
      assert.deepEqual(server.received, numbered(0, 20));
    },
  );

  promise("a hidden page goes on hearing, and comes back when it is shown", async (t) => {
    const { server, tab } = await setUp(t, engine);
    await connect(tab, server.url(), { reconnect: slow });
    await tab.hide();
    for (const number of numbered(0, 20)) server.sendAll(number);
    await hasTold(tab, "message 19");
    const heard = messages(await forget(tab));
    assert.deepEqual(
      heard,
      numbered(0, 20).map((number) => `message ${number}`),
    );
    await server.kill();
    await isIn(tab, "waiting");
    await server.restart();
    await send(tab, "said while hidden");
    assert.equal(await tab.evaluate(() => globalThis.socket.state), "waiting");
    const began = performance.now();
    await tab.show();
    await hasTold(tab, "message said while hidden");
    assert.ok(performance.now() - began < 10_000);
  });

  promise(
    "a page whose socket was suspended comes back from the cache, and resumes it",
    async (t) => {
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
    },
  );
}

for (const engine of engines.filter(({ id }) => id === "firefox")) {
  const sentence = 'a page with an open connection is not kept for "back"';
  test(`Runtime ${engine.name}, difference: ${sentence}`, async (t) => {
    const { server, site, tab } = await setUp(t, engine);
    await connect(tab, server.url());
    await tab.goto(`${site}elsewhere`);
    await tab.goBack();
    assert.equal(await tab.evaluate(() => typeof globalThis.socket), "undefined");
  });
}

for (const engine of engines.filter(({ id }) => id !== "firefox")) {
  const sentence = "a page that comes back from the cache connects at once";
  test(`Runtime ${engine.name}: ${sentence}`, async (t) => {
    const { server, site, tab } = await setUp(t, engine);
    await connect(tab, server.url("/echo"), { reconnect: slow });
    await tab.evaluate(() => {
      addEventListener("pageshow", ({ persisted }) => {
        globalThis.persisted = persisted;
      });
    });
    await forget(tab);
    await tab.goto(`${site}elsewhere`);
    const began = performance.now();
    await tab.goBack();
    assert.equal(await tab.evaluate(() => globalThis.persisted), true);
    await hasTold(tab, "open");
    assert.ok(performance.now() - began < 10_000);
    await send(tab, "back again");
    await hasTold(tab, "message back again");
  });
}
