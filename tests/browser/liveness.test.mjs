// What a page lives through: networks that go and come, the background, being frozen, the cache of
// pages for "back", and sleep.
//
// What this Chromium does for real is what is tested. It closes the connections of a page that it
// freezes, or puts into the cache; it tells of that when the page is awake.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { serveSite } from "../support/site.mjs";

const ping = '{"type":"ping"}';
/** A wait that does not end by itself within a test: it takes 30 seconds. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };
/** Chromium reports the connections of a page that is frozen, or in the cache. */
const cachedPage = /^WebSocket connection to .* failed: Page entered Back-Forward Cache/;
/** The same for a heartbeat: the first look is after 15 seconds. */
const slowBeat = { interval: 60_000, timeout: 30_000 };

/** A server that sends everything back. */
const startEcho = (t) =>
  LocalServer.start(t, {
    greet: (connection) => connection.on("message", (data) => connection.send(`${data}`)),
  });

async function setUp(t) {
  const [server, site] = [await startEcho(t), await serveSite(t)];
  const tab = await chromium.open(t, site);
  // A network that goes later holds only the connections that are made from now on.
  await tab.setOffline(false);
  return { tab, server, site };
}

/**
 * Makes `socket` in the page, `events`, a list of its events and the page's, and `times`, when each
 * was last there, and resolves when it is open. Math.random() is 0.5: no random delay is short by
 * chance.
 */
async function connect(tab, url, options) {
  const make = async ([socketUrl, socketOptions]) => {
    const { SteadySocket } = await import("/steadysocket.js");
    Math.random = () => 0.5;
    const socket = new SteadySocket(socketUrl, [], socketOptions);
    const events = [];
    const times = {};
    const listen = (target, types) => {
      for (const type of types) {
        target.addEventListener(type, (event) => {
          const name = [type, event.state ?? event.code].filter(Boolean).join(" ");
          events.push(name);
          times[name] = performance.now();
        });
      }
    };
    listen(globalThis, ["offline", "online"]);
    listen(document, ["visibilitychange", "freeze", "resume"]);
    listen(socket, ["open", "statechange", "close", "error"]);
    Object.assign(globalThis, { socket, events, times });
  };
  await tab.evaluate(make, [url, options]);
  await told(tab, "open");
}

/** Resolves when the page has had this event since the last forget(). */
const told = (tab, event) =>
  tab.until((wanted) => globalThis.events.includes(wanted), event, `the event ${event}`);
/** What was told, and forgets it. */
const forget = (tab) => tab.evaluate(() => globalThis.events.splice(0));
const ofSocket = (events) => events.filter((event) => !/^o(n|ff)line$/.test(event));
const retryIn = (tab) => tab.evaluate(() => globalThis.socket.retryIn);
const stateOf = (tab) => tab.evaluate(() => globalThis.socket.state);

/** Resolves as the promise does, which is long before any timer of `slow` and `slowBeat`. */
async function soon(promise) {
  const began = performance.now();
  await promise;
  assert.ok(performance.now() - began < 5_000);
}

/** Closes the socket's connection, and resolves when it waits for the next attempt. */
async function makeWait(tab, server) {
  await forget(tab);
  server.connections.at(-1).close(1001);
  await told(tab, "close 1001");
  assert.equal(await stateOf(tab), "waiting");
  assert.ok((await retryIn(tab)) > 20_000);
}

test("a socket that waits is suspended without a network, and connects at once with one", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow });
  await makeWait(tab, server);
  await forget(tab);
  await tab.setOffline(true);
  await told(tab, "statechange suspended");
  assert.equal(await retryIn(tab), undefined);
  await tab.setOffline(false);
  await soon(told(tab, "open"));
  assert.deepEqual(ofSocket(await forget(tab)), [
    "statechange suspended",
    "statechange connecting",
    "statechange open",
    "open",
  ]);
  assert.equal(server.connections.length, 2);
});

test("a socket that the user has suspended stays so when there is a network again", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow });
  await tab.evaluate(() => globalThis.socket.suspend());
  await tab.setOffline(true);
  await told(tab, "offline");
  await tab.setOffline(false);
  await told(tab, "online");
  assert.equal(await stateOf(tab), "suspended");
  await tab.evaluate(() => globalThis.socket.resume());
  await tab.until(() => globalThis.socket.state === "open");
  assert.equal(server.connections.length, 2);
});

test("an open connection outlives a network that is away for a moment, and is asked", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  // Chromium keeps the connection, and lets nothing through meanwhile.
  await tab.setOffline(true);
  await told(tab, "offline");
  assert.equal(await stateOf(tab), "open");
  await tab.setOffline(false);
  await soon(server.until(() => server.received.length === 1));
  assert.deepEqual(server.received, [ping]);
  await tab.until(() => globalThis.socket.stats().roundTrip !== undefined);
  assert.equal(await stateOf(tab), "open");
  assert.equal(server.connections.length, 1);
});

test("an open connection without a network is found dead, and replaced when there is one", async (t) => {
  const { tab, server } = await setUp(t);
  const heartbeat = { interval: 60_000, timeout: 300 };
  await connect(tab, server.url(), { reconnect: slow, heartbeat });
  await forget(tab);
  await tab.setOffline(true);
  await told(tab, "close 1006");
  await tab.setOffline(false);
  await soon(told(tab, "open"));
  assert.deepEqual(ofSocket(await forget(tab)), [
    "error heartbeat_timeout",
    "statechange suspended",
    "close 1006",
    "statechange connecting",
    "statechange open",
    "open",
  ]);
  assert.equal(server.connections.length, 2);
});

test("a socket that is made without a network connects as soon as there is one", async (t) => {
  const { tab, server } = await setUp(t);
  tab.expected.push(/WebSocket connection to .*ERR_INTERNET_DISCONNECTED/);
  await tab.evaluate(() => import("/steadysocket.js"));
  await tab.setOffline(true);
  const opened = connect(tab, server.url(), { reconnect: slow });
  await tab.until(() => globalThis.socket?.state === "suspended");
  await tab.setOffline(false);
  await soon(opened);
  assert.equal(server.connections.length, 1);
});

test("a page that comes to the foreground asks an open connection at once", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  await tab.hide();
  await told(tab, "visibilitychange");
  assert.equal(await tab.evaluate(() => document.visibilityState), "hidden");
  assert.deepEqual(server.received, []);
  await tab.show();
  await soon(server.until(() => server.received.length === 1));
  assert.deepEqual(server.received, [ping]);
  assert.equal(await tab.evaluate(() => document.visibilityState), "visible");
  await tab.hide();
  assert.equal(await stateOf(tab), "open");
  assert.equal(server.connections.length, 1);
});

test("a page that comes to the foreground ends a wait, and no suspension", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow });
  await tab.hide();
  await told(tab, "visibilitychange");
  await makeWait(tab, server);
  await forget(tab);
  await tab.show();
  await soon(told(tab, "open"));
  assert.equal(server.connections.length, 2);
  await tab.hide();
  await tab.evaluate(() => globalThis.socket.suspend());
  await told(tab, "close 1005");
  await forget(tab);
  await tab.show();
  await told(tab, "visibilitychange");
  assert.equal(await stateOf(tab), "suspended");
  assert.equal(server.handshakes.length, 2);
});

test("a page that comes to the foreground does not end a wait that the server asked for", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: { initialDelay: 1_000 } });
  await tab.hide();
  await told(tab, "visibilitychange");
  server.connections[0].close(1013, "retry-after=20");
  await told(tab, "close 1013");
  await forget(tab);
  await tab.show();
  await told(tab, "visibilitychange");
  await tab.hide();
  assert.equal(await stateOf(tab), "waiting");
  assert.ok((await retryIn(tab)) > 10_000);
  // The user's word counts for more.
  await tab.evaluate(() => globalThis.socket.connect());
  await soon(told(tab, "open"));
  assert.equal(server.handshakes.length, 2);
});

test("a page that was frozen connects at once, whether it was open or waiting", async (t) => {
  const { tab, server } = await setUp(t);
  tab.expected.push(cachedPage);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  await tab.hide();
  await told(tab, "visibilitychange");
  const freezeAndThaw = async () => {
    await tab.setLifecycle("frozen");
    await told(tab, "freeze");
    await tab.setLifecycle("active");
    await told(tab, "resume");
    await soon(told(tab, "open"));
  };
  for (const count of [2, 4]) {
    await forget(tab);
    await freezeAndThaw();
    assert.equal(server.connections.length, count);
    await makeWait(tab, server);
    await forget(tab);
    await freezeAndThaw();
    assert.equal(server.connections.length, count + 1);
  }
});

// A page that is frozen loses its connections, so for one that keeps them its thread stands still:
// that is what the sleep of a machine looks like from inside. Forgets the events before, and resolves
// to the time at the end.
const standStill = (tab, duration) =>
  tab.evaluate((milliseconds) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    globalThis.events.length = 0;
    return performance.now();
  }, duration);

test("a healthy connection is kept over a stand-still longer than the heartbeat's patience", async (t) => {
  const { tab, server } = await setUp(t);
  const heartbeat = { interval: 100, timeout: 1_500 };
  await connect(tab, server.url(), { reconnect: slow, heartbeat });
  for (let times = 0; times < 2; ++times) {
    const before = server.received.length;
    await standStill(tab, 2 * (heartbeat.interval + heartbeat.timeout));
    await server.until(() => server.received.length > before + 1);
  }
  assert.deepEqual(new Set(server.received), new Set([ping]));
  assert.equal(await stateOf(tab), "open");
  assert.equal(server.connections.length, 1);
});

test("a connection that died during a stand-still is found within interval and timeout", async (t) => {
  const { tab, server } = await setUp(t);
  const proxy = await SilentProxy.start(t, server.port);
  const heartbeat = { interval: 400, timeout: 1_000 };
  await connect(tab, `ws://127.0.0.1:${proxy.port}/`, { heartbeat });
  proxy.silence();
  const began = await standStill(tab, 2 * (heartbeat.interval + heartbeat.timeout));
  await told(tab, "error heartbeat_timeout");
  const found = await tab.evaluate(() => globalThis.times["error heartbeat_timeout"]);
  // And what a busy machine adds.
  assert.ok(found - began < heartbeat.interval + heartbeat.timeout + 500, `${found - began} ms`);
  await told(tab, "open");
  assert.equal(server.connections.length, 2);
});

test("a connection from which nothing leaves any more is given up while its server talks", async (t) => {
  const server = await LocalServer.start(t, {
    greet(connection) {
      const talking = setInterval(() => connection.send("tick"), 50);
      connection.on("close", () => clearInterval(talking));
    },
  });
  const tab = await chromium.open(t, await serveSite(t));
  const proxy = await SilentProxy.start(t, server.port);
  const heartbeat = { interval: 1_000, timeout: 1_000 };
  await connect(tab, `ws://127.0.0.1:${proxy.port}/`, { heartbeat });
  proxy.stallClients();
  await forget(tab);
  // More than all the system's buffers take.
  await tab.evaluate(() => {
    for (let i = 0; i < 32; ++i) globalThis.socket.send(new Uint8Array(1 << 20));
  });
  await soon(told(tab, "error heartbeat_timeout"));
  await told(tab, "open");
  assert.equal(server.connections.length, 2);
});

test("a page from the back/forward cache connects at once, whether it was open or waiting", async (t) => {
  const { tab, server, site } = await setUp(t);
  tab.expected.push(cachedPage);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  await forget(tab);
  await tab.goto(`${site}other`);
  assert.equal(await tab.goBack(), true, "the page comes from the cache");
  await soon(told(tab, "open"));
  assert.equal(server.connections.length, 2);
  await tab.evaluate(() => globalThis.socket.send("hello"));
  await server.until(() => server.received.includes("hello"));

  await makeWait(tab, server);
  await forget(tab);
  await tab.goto(`${site}other`);
  assert.equal(await tab.goBack(), true, "the page comes from the cache");
  await soon(told(tab, "open"));
  assert.equal(server.connections.length, 3);

  await tab.evaluate(() => globalThis.socket.suspend());
  await told(tab, "close 1005");
  await tab.goto(`${site}other`);
  assert.equal(await tab.goBack(), true, "the page comes from the cache");
  assert.equal(await stateOf(tab), "suspended");
  assert.equal(server.handshakes.length, 3);
});

test("a machine that has slept asks the server at its next look", async (t) => {
  const { tab, server } = await setUp(t);
  // It looks every three seconds; without a sleep it would ask at the third look.
  await connect(tab, server.url(), { heartbeat: { interval: 12_000, timeout: 2_000 } });
  const began = performance.now();
  // The clock on the wall has gone on, the steady one has not.
  await tab.evaluate(() => {
    const now = Date.now;
    Date.now = () => now.call(Date) + 60_000;
  });
  await server.until(() => server.received.length === 1);
  // And what a busy machine adds.
  assert.ok(performance.now() - began < 3_000 + 2_000);
  assert.deepEqual(server.received, [ping]);
  assert.equal(await stateOf(tab), "open");
});
