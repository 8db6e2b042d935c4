// @trpc/client's wsLink with the ws adapter of @trpc/server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createTRPCClient, createWSClient, wsLink } from "@trpc/client";
import { ServerProcess } from "../../support/server-process.mjs";
import { SilentProxy } from "../../support/silent-proxy.mjs";
import { within } from "../../support/until.mjs";
import { EventLog, label, lastingClass, oneConnectionClass, quickHeartbeat } from "./client.mjs";

const client = label("@trpc/client", "@trpc/server");
const script = new URL("./servers/trpc.mjs", import.meta.url);

function create(t, { port }, WebSocket, options = {}) {
  const connection = createWSClient({
    url: `ws://127.0.0.1:${port}/`,
    WebSocket,
    connectionParams: { name: "Ann" },
    retryDelayMs: () => 20,
    ...options,
  });
  t.after(() => connection.close());
  return { connection, trpc: createTRPCClient({ links: [wsLink({ client: connection })] }) };
}

test(`${client}: reconnect: false: subscriptions and calls continue`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const OneConnection = oneConnectionClass(t);
  const closed = new EventLog();
  const { trpc } = create(t, server, OneConnection, { onClose: closed.add });
  const counts = new EventLog();
  const first = counts.next((count) => count === 3);
  const subscription = trpc.count.subscribe(undefined, { onData: counts.add });
  t.after(() => subscription.unsubscribe());
  await first;
  const before = await trpc.pid.query();
  assert.equal(await trpc.name.query(), "Ann");

  const lost = closed.next();
  await server.kill();
  assert.equal((await lost).code, 1006);
  const answer = trpc.pid.query();
  const again = counts.next((count) => count === 3);
  await server.restart();
  await again;
  assert.notEqual(await answer, before);
  assert.equal(await trpc.name.query(), "Ann");

  assert.equal(OneConnection.made.pop().state, "open");
  assert(OneConnection.made.every(({ state }) => state === "closed"));
});

test(`${client}: a heartbeat of "PING" detects a dead connection`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const proxy = await SilentProxy.start(t, server.port);
  const OneConnection = oneConnectionClass(t, quickHeartbeat("PING"));
  const closed = new EventLog();
  const { trpc } = create(t, proxy, OneConnection, { onClose: closed.add });
  await trpc.pid.query();
  const answered = new Promise((resolve) => {
    OneConnection.made[0].addEventListener("message", ({ data }) => data === "PONG" && resolve());
  });
  await within(answered, "the answer to a heartbeat");
  const lost = closed.next();
  proxy.silence();
  await lost;
  assert.equal(await trpc.name.query(), "Ann");
  assert(OneConnection.made.length > 1);
});

test(`${client}: if both reconnect, every failure opens another socket`, async (t) => {
  const server = await ServerProcess.start(t, script);
  const Lasting = lastingClass(t);
  const closed = new EventLog();
  const { connection, trpc } = create(t, server, Lasting, { onClose: closed.add });
  await trpc.pid.query();
  const many = closed.next(() => Lasting.made.length === 8);
  await server.kill();
  await many;
  await connection.close();
  const pending = Lasting.made.filter(({ state }) => state === "connecting" || state === "waiting");
  assert(pending.length >= 6, `${pending.length} pending sockets`);
});
