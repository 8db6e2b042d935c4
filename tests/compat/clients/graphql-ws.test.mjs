// The client graphql-ws with its own server over ws.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "graphql-ws";
import { ServerProcess } from "../../support/server-process.mjs";
import { SilentProxy } from "../../support/silent-proxy.mjs";
import { within } from "../../support/until.mjs";
import { EventLog, label, lastingClass, oneConnectionClass, quickHeartbeat } from "./client.mjs";

const client = label("graphql-ws", "its own server");
const script = new URL("./servers/graphql.mjs", import.meta.url);

function create(t, { port }, webSocketImpl, options = {}) {
  const made = createClient({
    url: `ws://127.0.0.1:${port}/graphql`,
    webSocketImpl,
    lazy: false,
    connectionParams: { name: "Ann" },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 20)),
    // Otherwise there is no retry after a refused attempt.
    shouldRetry: () => true,
    onNonLazyError: () => {},
    ...options,
  });
  // dispose waits for a connection, which may never open.
  t.after(() => made.dispose().catch(() => {}));
  return made;
}

async function query(made, text) {
  const { value } = await made.iterate({ query: text }).next();
  return value.data;
}

test(`${client}: reconnect: false: subscriptions and queries continue`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const OneConnection = oneConnectionClass(t);
  const made = create(t, server, OneConnection);
  const counts = new EventLog();
  const closed = new EventLog();
  made.on("closed", closed.add);
  const first = counts.next((count) => count === 3);
  const unsubscribe = made.subscribe(
    { query: "subscription { count }" },
    { next: ({ data }) => counts.add(data.count), error: counts.add, complete: () => {} },
  );
  t.after(unsubscribe);
  await first;
  const before = await query(made, "{ pid name }");
  assert.equal(before.name, "Ann");

  const lost = closed.next();
  await server.kill();
  assert.equal((await lost).code, 1006);
  const again = counts.next((count) => count === 3);
  await server.restart();
  await again;
  const after = await query(made, "{ pid name }");
  assert.equal(after.name, "Ann");
  assert.notEqual(after.pid, before.pid);

  assert.equal(OneConnection.made.pop().state, "open");
  assert(OneConnection.made.every(({ state }) => state === "closed"));
});

test(`${client}: a query is answered after the server's restart`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const made = create(t, server, oneConnectionClass(t));
  await query(made, "{ pid }");
  const closed = new EventLog();
  made.on("closed", closed.add);
  const lost = closed.next();
  await server.kill();
  await lost;
  const answer = query(made, "{ name }");
  await server.restart();
  assert.deepEqual({ ...(await answer) }, { name: "Ann" });
});

test(`${client}: a ping of its protocol detects a dead connection`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const proxy = await SilentProxy.start(t, server.port);
  const OneConnection = oneConnectionClass(t, quickHeartbeat({ type: "ping" }));
  const made = create(t, proxy, OneConnection);
  const pongs = new EventLog();
  const closed = new EventLog();
  made.on("pong", pongs.add);
  made.on("closed", closed.add);
  const pong = pongs.next();
  await query(made, "{ pid }");
  await pong;
  const lost = closed.next();
  proxy.silence();
  await lost;
  assert.equal((await query(made, "{ name }")).name, "Ann");
  assert(OneConnection.made.length > 1);
});

test(`${client}: retryAttempts: 0: a new connection has no subscriptions`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const Lasting = lastingClass(t);
  const made = create(t, server, Lasting, { retryAttempts: 0, shouldRetry: undefined });
  const counts = new EventLog();
  const ended = new Promise((resolve) => {
    made.subscribe(
      { query: "subscription { count }" },
      { next: ({ data }) => counts.add(data.count), error: resolve, complete: () => {} },
    );
  });
  await counts.next();
  await server.kill();
  assert.equal((await within(ended, "the end of the subscription")).code, 1006);
  await server.restart();
  await server.until(() => server.received.length === 2);
  assert.deepEqual(server.received, ["connection_init", "connection_init"]);
  assert.equal(Lasting.made.length, 1);
});
