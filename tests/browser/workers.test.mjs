// A page, a frame, and workers of every kind, under a strict policy. Each answers the requests of
// the page (workers/scene.js).
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { isInJavaScript } from "../support/package.mjs";
import { scriptSources, serveSite } from "../support/site.mjs";

const folder = new URL("./workers/", import.meta.url);
const scripts = Object.fromEntries(
  readdirSync(folder).map((name) => [`/at/${name}`, readFileSync(new URL(name, folder), "utf8")]),
);

/** Starts each kind: run in the page, sets `port`. */
const starters = {
  page: async ({ url }) => {
    history.replaceState(null, "", "/at/page");
    const script = Object.assign(document.createElement("script"), { type: "module", src: url });
    const loaded = new Promise((resolve) => script.addEventListener("load", resolve));
    document.body.append(script);
    await loaded;
  },
  dedicated: ({ url, type }) => {
    globalThis.worker = new Worker(url, { type });
    globalThis.port = globalThis.worker;
  },
  shared: ({ url, type }) => {
    globalThis.port = new SharedWorker(url, { type }).port;
  },
  frame: async ({ url }) => {
    const frame = Object.assign(document.createElement("iframe"), { src: "/at/page" });
    const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
    document.body.append(frame);
    await loaded;
    const ready = new Promise((resolve) => addEventListener("message", resolve, { once: true }));
    const script = frame.contentDocument.createElement("script");
    frame.contentDocument.body.append(Object.assign(script, { type: "module", src: url }));
    await ready;
    const { port1, port2 } = new MessageChannel();
    frame.contentWindow.postMessage("", "*", [port2]);
    Object.assign(globalThis, { frame, port: port1 });
  },
  service: async ({ url, type }) => {
    const registration = await navigator.serviceWorker.register(url, { type });
    const worker = registration.installing ?? registration.active;
    while (worker.state !== "activated") {
      await new Promise((resolve) => {
        worker.addEventListener("statechange", resolve, { once: true });
      });
    }
    const { port1, port2 } = new MessageChannel();
    worker.postMessage("", [port2]);
    globalThis.port = port1;
  },
};

const ask = (page, what, argument) =>
  page.evaluate(
    (question) =>
      new Promise((resolve) => {
        globalThis.port.onmessage = ({ data }) => resolve(data);
        globalThis.port.postMessage(question);
      }),
    [what, argument],
  );

const echo = (connection) =>
  connection.on("message", (data, binary) => connection.send(data, { binary }));

async function prepare(t) {
  const server = await LocalServer.start(t, { greet: echo });
  const policy =
    `default-src 'none'; img-src data:; ${scriptSources}; ` +
    `worker-src 'self'; frame-src 'self'; connect-src ${server.url("/").slice(0, -1)}`;
  const site = await serveSite(t, policy, scripts);
  const page = await chromium.open(t);
  page.expected.push(chromium.refusedConnection);
  await page.goto(site);
  return { server, site, page };
}

const numbers = [...Array(20).keys()];
const isClosed = ({ readyState }) => readyState === 3;

/** Opens two sockets in the realm, and restarts their server. */
async function survivesRestart(page, server) {
  await ask(page, "open", server.url("/"));
  await server.stop();
  assert.deepEqual(await ask(page, "away"), ["queued"]);
  await server.restart();
  assert.deepEqual(await ask(page, "back"), [numbers, numbers]);
}

const kinds = [
  { name: "page", start: starters.page, script: "page.js" },
  { name: "dedicated module worker", start: starters.dedicated, script: "dedicated-module.js" },
  { name: "dedicated classic worker", start: starters.dedicated, script: "dedicated-classic.js" },
  { name: "shared module worker", start: starters.shared, script: "shared-module.js" },
  { name: "shared classic worker", start: starters.shared, script: "shared-classic.js" },
  { name: "frame", start: starters.frame, script: "frame.js" },
  { name: "service worker that is a module", start: starters.service, script: "service.js" },
].map((kind) => ({
  ...kind,
  label: `${chromium.name}, ${kind.name}`,
  given: {
    url: `/at/${kind.script}`,
    type: kind.script.includes("classic") ? "classic" : "module",
  },
}));

/** The expected counts of compilations and instantiations in a realm. */
const once = isInJavaScript ? 0 : 1;
const compiled = { Module: once, Instance: once, compile: 0, instantiate: 0 };

for (const { label, start, given } of kinds) {
  test(`Runtime ${label}: two sockets on one module survive a restart of the server`, async (t) => {
    const { server, page } = await prepare(t);
    await page.evaluate(start, given);
    await survivesRestart(page, server);
    assert.deepEqual(await ask(page, "compiled"), compiled);
    assert.deepEqual(await ask(page, "close"), [
      [1000, true],
      [1000, true],
    ]);
  });

  test(`Runtime ${label}: its location is the base of relative URLs`, async (t) => {
    const { site, page } = await prepare(t);
    await page.evaluate(start, given);
    const base = site.replace("http:", "ws:");
    assert.deepEqual(await ask(page, "resolved", "live?room=1"), [`${base}at/live?room=1`]);
    assert.deepEqual(await ask(page, "resolved", "/live"), [`${base}live`]);
  });
}

const [, dedicated, , sharedModule, sharedClassic, frame, service] = kinds;

test(`Runtime ${dedicated.label}: its connections end when it is terminated`, async (t) => {
  const { server, page } = await prepare(t);
  await page.evaluate(dedicated.start, dedicated.given);
  await ask(page, "open", server.url("/"));
  assert.equal(server.connections.filter(isClosed).length, 0);
  await page.evaluate(() => globalThis.worker.terminate());
  await server.until(() => server.connections.filter(isClosed).length === 2);
});

test(`Runtime ${frame.label}: its connections end when it is removed`, async (t) => {
  const { server, page } = await prepare(t);
  await page.evaluate(frame.start, frame.given);
  await ask(page, "open", server.url("/"));
  assert.equal(server.connections.filter(isClosed).length, 0);
  await page.evaluate(() => globalThis.frame.remove());
  await server.until(() => server.connections.filter(isClosed).length === 2);
});

for (const { label, start, given } of [sharedModule, sharedClassic]) {
  test(`Runtime ${label}: its sockets live until both pages are closed`, async (t) => {
    const { server, site, page } = await prepare(t);
    await page.evaluate(start, given);
    await ask(page, "open", server.url("/"));
    const other = page.beside(await page.page.browserContext().newPage());
    await other.goto(site);
    await other.evaluate(start, given);
    await ask(other, "open", server.url("/"));
    assert.deepEqual(await ask(other, "compiled"), compiled);
    await page.page.close();
    await server.stop();
    assert.deepEqual(await ask(other, "away"), ["queued"]);
    await server.restart();
    assert.deepEqual(await ask(other, "back"), Array(4).fill(numbers));
    await other.page.close();
    await server.until(() => server.connections.every(isClosed));
    assert.equal(server.connections.length, 8);
  });
}

test(`Runtime ${service.label}: its connections end when it stops, and it starts again in a new realm`, async (t) => {
  const { server, page } = await prepare(t);
  await page.evaluate(service.start, service.given);
  await ask(page, "open", server.url("/"));
  const session = await page.page.createCDPSession();
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await server.until(() => server.connections.filter(isClosed).length === 2);
  // The next message starts it again, in a new realm.
  await page.evaluate(service.start, service.given);
  assert.equal((await ask(page, "compiled")).Module, 0);
  await survivesRestart(page, server);
});
