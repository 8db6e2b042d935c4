// A page's connections when it loses the network, is hidden, frozen, put into the back/forward
// cache, or when the machine sleeps.
//
// Nothing is simulated: Chromium itself closes the connections of a page that it freezes or caches,
// and reports that when the page resumes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { serveSite } from "../support/site.mjs";

const ping = '{"type":"ping"}';
/** A delay that does not end within a test: 30 seconds. */
const slow = { initialDelay: 60_000, maxDelay: 60_000 };
/** Chromium reports the connections of a page that is frozen, or in the cache. */
const cachedPage = /^WebSocket connection to .* failed: Page entered Back-Forward Cache/;
/** A heartbeat that is not due within a test: the first check is after 15 seconds. */
const slowBeat = { interval: 60_000, timeout: 30_000 };

/** A server that sends everything back. */
const startEcho = (t) =>
  LocalServer.start(t, {
    greet: (connection) => connection.on("message", (data) => connection.send(`${data}`)),
  });

async function setUp(t) {
  const [server, site] = [await startEcho(t), await serveSite(t)];
  const tab = await chromium.open(t, site);
  // A later setOffline(true) holds only connections that are made from now on.
  await tab.setOffline(false);
  return { tab, server, site };
}

/**
 * Creates in the page `socket`, `events`, a list of its events and the page's, and `times`, the
 * time of the last event of each kind. Resolves when it is open. Math.random() is 0.5, so that no
 * random delay is short by chance.
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
  await logged(tab, "open");
}

/** Resolves when this event was dispatched since the last takeEvents(). */
const logged = (tab, event) =>
  tab.until((wanted) => globalThis.events.includes(wanted), event, `the event ${event}`);
/** Resolves to the events, and clears the list. */
const takeEvents = (tab) => tab.evaluate(() => globalThis.events.splice(0));
const ofSocket = (events) => events.filter((event) => !/^o(n|ff)line$/.test(event));
const retryIn = (tab) => tab.evaluate(() => globalThis.socket.retryIn);
const stateOf = (tab) => tab.evaluate(() => globalThis.socket.state);

/** Asserts that the promise resolves long before any timer of `slow` and `slowBeat`. */
async function soon(promise) {
  const began = performance.now();
  await promise;
  assert.ok(performance.now() - began < 5_000);
}

/** Closes the socket's connection, and resolves when the next attempt is scheduled. */
async function startWaiting(tab, server) {
  await takeEvents(tab);
  server.connections.at(-1).close(1001);
  await logged(tab, "close 1001");
  assert.equal(await stateOf(tab), "waiting");
  assert.ok((await retryIn(tab)) > 20_000);
}

test("a waiting socket is suspended without a network, and connects at once when it is back", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow });
  await startWaiting(tab, server);
  await takeEvents(tab);
  await tab.setOffline(true);
  await logged(tab, "statechange suspended");
  assert.equal(await retryIn(tab), undefined);
  await tab.setOffline(false);
  await soon(logged(tab, "open"));
  assert.deepEqual(ofSocket(await takeEvents(tab)), [
    "statechange suspended",
    "statechange connecting",
    "statechange open",
    "open",
  ]);
  assert.equal(server.connections.length, 2);
});

test("a socket that the user has suspended stays suspended when the network is back", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow });
  await tab.evaluate(() => globalThis.socket.suspend());
  await tab.setOffline(true);
  await logged(tab, "offline");
  await tab.setOffline(false);
  await logged(tab, "online");
  assert.equal(await stateOf(tab), "suspended");
  await tab.evaluate(() => globalThis.socket.resume());
  await tab.until(() => globalThis.socket.state === "open");
  assert.equal(server.connections.length, 2);
});

test("an open connection survives a short loss of the network, and is then pinged", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  // Chromium keeps the connection, but holds its data.
  await tab.setOffline(true);
  await logged(tab, "offline");
  assert.equal(await stateOf(tab), "open");
  await tab.setOffline(false);
  await soon(server.until(() => server.received.length === 1));
  assert.deepEqual(server.received, [ping]);
  await tab.until(() => globalThis.socket.stats().roundTrip !== undefined);
  assert.equal(await stateOf(tab), "open");
  assert.equal(server.connections.length, 1);
});

test("a connection that is dead without a network is aborted, and replaced when it is back", async (t) => {
  const { tab, server } = await setUp(t);
  const heartbeat = { interval: 60_000, timeout: 300 };
  await connect(tab, server.url(), { reconnect: slow, heartbeat });
  await takeEvents(tab);
  await tab.setOffline(true);
  await logged(tab, "close 1006");
  await tab.setOffline(false);
  await soon(logged(tab, "open"));
  assert.deepEqual(ofSocket(await takeEvents(tab)), [
    "error heartbeat_timeout",
    "statechange suspended",
    "close 1006",
    "statechange connecting",
    "statechange open",
    "open",
  ]);
  assert.equal(server.connections.length, 2);
});

test("a socket created without a network connects as soon as there is one", async (t) => {
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

test("a page that comes to the foreground pings an open connection at once", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  await tab.hide();
  await logged(tab, "visibilitychange");
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

test("a page that comes to the foreground ends a retry delay, but no suspension", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: slow });
  await tab.hide();
  await logged(tab, "visibilitychange");
  await startWaiting(tab, server);
  await takeEvents(tab);
  await tab.show();
  await soon(logged(tab, "open"));
  assert.equal(server.connections.length, 2);
  await tab.hide();
  await tab.evaluate(() => globalThis.socket.suspend());
  await logged(tab, "close 1005");
  await takeEvents(tab);
  await tab.show();
  await logged(tab, "visibilitychange");
  assert.equal(await stateOf(tab), "suspended");
  assert.equal(server.handshakes.length, 2);
});

test("a page that comes to the foreground does not end a delay that the server requested", async (t) => {
  const { tab, server } = await setUp(t);
  await connect(tab, server.url(), { reconnect: { initialDelay: 1_000 } });
  await tab.hide();
  await logged(tab, "visibilitychange");
  server.connections[0].close(1013, "retry-after=20");
  await logged(tab, "close 1013");
  await takeEvents(tab);
  await tab.show();
  await logged(tab, "visibilitychange");
  await tab.hide();
  assert.equal(await stateOf(tab), "waiting");
  assert.ok((await retryIn(tab)) > 10_000);
  // A call of connect() does.
  await tab.evaluate(() => globalThis.socket.connect());
  await soon(logged(tab, "open"));
  assert.equal(server.handshakes.length, 2);
});

test("a page that was frozen reconnects at once, whether its socket was open or waiting", async (t) => {
  const { tab, server } = await setUp(t);
  tab.expected.push(cachedPage);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  await tab.hide();
  await logged(tab, "visibilitychange");
  const freezeAndThaw = async () => {
    await tab.setLifecycle("frozen");
    await logged(tab, "freeze");
    await tab.setLifecycle("active");
    await logged(tab, "resume");
    await soon(logged(tab, "open"));
  };
  for (const count of [2, 4]) {
    await takeEvents(tab);
    await freezeAndThaw();
    assert.equal(server.connections.length, count);
    await startWaiting(tab, server);
    await takeEvents(tab);
    await freezeAndThaw();
    assert.equal(server.connections.length, count + 1);
  }
});

// Blocks the page's thread, which looks like a sleep of the machine. (A frozen page would lose its
// connections.) Clears the events, and resolves to the time at the end.
const blockThread = (tab, duration) =>
  tab.evaluate((milliseconds) => {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
    globalThis.events.length = 0;
    return performance.now();
  }, duration);

test("a healthy connection survives a stall that is longer than the heartbeat's timeout", async (t) => {
  const { tab, server } = await setUp(t);
  const heartbeat = { interval: 100, timeout: 1_500 };
  await connect(tab, server.url(), { reconnect: slow, heartbeat });
  for (let times = 0; times < 2; ++times) {
    const before = server.received.length;
    await blockThread(tab, 2 * (heartbeat.interval + heartbeat.timeout));
    await server.until(() => server.received.length > before + 1);
  }
  assert.deepEqual(new Set(server.received), new Set([ping]));
  assert.equal(await stateOf(tab), "open");
  assert.equal(server.connections.length, 1);
});

test("a connection that died during a stall is detected within interval plus timeout", async (t) => {
  const { tab, server } = await setUp(t);
  const proxy = await SilentProxy.start(t, server.port);
  const heartbeat = { interval: 400, timeout: 1_000 };
  await connect(tab, `ws://127.0.0.1:${proxy.port}/`, { heartbeat });
  proxy.silence();
  const began = await blockThread(tab, 2 * (heartbeat.interval + heartbeat.timeout));
  await logged(tab, "error heartbeat_timeout");
  const found = await tab.evaluate(() => globalThis.times["error heartbeat_timeout"]);
  // With a margin for a busy machine.
  assert.ok(found - began < heartbeat.interval + heartbeat.timeout + 500, `${found - began} ms`);
  await logged(tab, "open");
  assert.equal(server.connections.length, 2);
});

test("a connection that can send nothing is aborted even while it receives", async (t) => {
  const server = await LocalServer.start(t, {
    greet(connection) {
      const ticking = setInterval(() => connection.send("tick"), 50);
      connection.on("close", () => clearInterval(ticking));
    },
  });
  const tab = await chromium.open(t, await serveSite(t));
  const proxy = await SilentProxy.start(t, server.port);
  const heartbeat = { interval: 1_000, timeout: 1_000 };
  await connect(tab, `ws://127.0.0.1:${proxy.port}/`, { heartbeat });
  proxy.stallClients();
  await takeEvents(tab);
  // More than all the system's buffers hold.
  await tab.evaluate(() => {
    for (let i = 0; i < 32; ++i) globalThis.socket.send(new Uint8Array(1 << 20));
  });
  await soon(logged(tab, "error heartbeat_timeout"));
  await logged(tab, "open");
  assert.equal(server.connections.length, 2);
});

test("a page from the back/forward cache reconnects at once, from open and from waiting", async (t) => {
  const { tab, server, site } = await setUp(t);
  tab.expected.push(cachedPage);
  await connect(tab, server.url(), { reconnect: slow, heartbeat: slowBeat });
  await takeEvents(tab);
  await tab.goto(`${site}other`);
  assert.equal(await tab.goBack(), true, "the page comes from the cache");
  await soon(logged(tab, "open"));
  assert.equal(server.connections.length, 2);
  await tab.evaluate(() => globalThis.socket.send("hello"));
  await server.until(() => server.received.includes("hello"));

  await startWaiting(tab, server);
  await takeEvents(tab);
  await tab.goto(`${site}other`);
  assert.equal(await tab.goBack(), true, "the page comes from the cache");
  await soon(logged(tab, "open"));
  assert.equal(server.connections.length, 3);

  await tab.evaluate(() => globalThis.socket.suspend());
  await logged(tab, "close 1005");
  await tab.goto(`${site}other`);
  assert.equal(await tab.goBack(), true, "the page comes from the cache");
  assert.equal(await stateOf(tab), "suspended");
  assert.equal(server.handshakes.length, 3);
});

test("after a sleep of the machine the server is pinged at the next check", async (t) => {
  const { tab, server } = await setUp(t);
  // Checks are three seconds apart; without a sleep the third one would ping.
  await connect(tab, server.url(), { heartbeat: { interval: 12_000, timeout: 2_000 } });
  const began = performance.now();
  // The wall clock has advanced during the sleep, the monotonic one has not.
  await tab.evaluate(() => {
    const now = Date.now;
    Date.now = () => now.call(Date) + 60_000;
  });
  await server.until(() => server.received.length === 1);
  // With a margin for a busy machine.
  assert.ok(performance.now() - began < 3_000 + 2_000);
  assert.deepEqual(server.received, [ping]);
  assert.equal(await stateOf(tab), "open");
});
