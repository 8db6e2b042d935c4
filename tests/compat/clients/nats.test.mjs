// @nats-io/nats-core over nats-server.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { wsconnect } from "@nats-io/nats-core";
import { Daemon } from "../../support/daemon.mjs";
import { EventLog, label, lastingClass, oneConnectionClass } from "./client.mjs";

const client = label("@nats-io/nats-core", "nats-server");

async function startServer(t) {
  let port;
  const folder = await mkdtemp(join(tmpdir(), "steadysocket-nats-"));
  t.after(() => rm(folder, { recursive: true }));
  return Daemon.start(t, {
    name: "nats-server",
    args: async (port = -1) => {
      const file = join(folder, "nats.conf");
      const webSocket = `websocket { host: "127.0.0.1", port: ${port}, no_tls: true }`;
      await writeFile(file, `host: 127.0.0.1\nport: -1\n${webSocket}\n`);
      return ["-c", file];
    },
    ready(line) {
      port = /websocket clients on .*:(\d+)$/.exec(line)?.[1] ?? port;
      return line.endsWith("Server is ready") ? port : undefined;
    },
  });
}

/** Returns a connected client and its status events. */
async function connect(t, server, SocketClass, options) {
  const made = await wsconnect({
    servers: `ws://127.0.0.1:${server.port}`,
    wsFactory: async (url) => ({ socket: new SocketClass(url), encrypted: false }),
    ...options,
  });
  t.after(() => made.close());
  const statuses = new EventLog();
  (async () => {
    for await (const { type } of made.status()) statuses.add(type);
  })();
  return { made, statuses };
}

test(`${client}: reconnect: false: subscriptions and requests continue`, async (t) => {
  const server = await startServer(t);
  const OneConnection = oneConnectionClass(t);
  const { made, statuses } = await connect(t, server, OneConnection, {
    reconnectTimeWait: 20,
    reconnectJitter: 0,
    maxReconnectAttempts: -1,
  });
  const news = new EventLog();
  made.subscribe("news", { callback: (_error, message) => news.add(message.string()) });
  made.subscribe("upper", {
    callback: (_error, message) => message.respond(message.string().toUpperCase()),
  });
  const one = news.next();
  made.publish("news", "one");
  assert.equal(await one, "one");

  const lost = statuses.next((type) => type === "disconnect");
  await server.kill();
  await lost;
  const reconnected = statuses.next((type) => type === "reconnect");
  await server.restart();
  await reconnected;
  const two = news.next();
  made.publish("news", "two");
  assert.equal(await two, "two");
  assert.equal((await made.request("upper", "three")).string(), "THREE");
  assert.deepEqual(news.all, ["one", "two"]);

  assert.equal(OneConnection.made.pop().state, "open");
  assert(OneConnection.made.every(({ state }) => state === "closed"));
});

test(`${client}: its reconnect: false: there is no reconnect`, async (t) => {
  const server = await startServer(t);
  const Lasting = lastingClass(t);
  const { made } = await connect(t, server, Lasting, { reconnect: false });
  await server.kill();
  await made.closed();
  assert.deepEqual([Lasting.made.length, Lasting.made[0].state], [1, "closed"]);
});
