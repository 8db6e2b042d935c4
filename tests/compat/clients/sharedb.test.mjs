// The client of sharedb with its own backend.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { Connection } from "sharedb/lib/client/index.js";
import { ServerProcess } from "../../support/server-process.mjs";
import { SilentProxy } from "../../support/silent-proxy.mjs";
import { once } from "../../support/until.mjs";
import { label, lastingClass, oneConnectionClass, quickHeartbeat } from "./client.mjs";

const client = label("sharedb", "its own backend");
const script = new URL("./servers/sharedb.mjs", import.meta.url);

async function startServer(t) {
  const folder = await mkdtemp(join(tmpdir(), "steadysocket-sharedb-"));
  t.after(() => rm(folder, { recursive: true }));
  return ServerProcess.start(t, script, join(folder, "database.json"));
}

/** The document that the tests share, subscribed to over this connection. */
async function subscribe(connection) {
  const doc = connection.get("texts", "one");
  await promisify(doc.subscribe).call(doc);
  return doc;
}

const append = (doc, text) =>
  promisify(doc.submitOp).call(doc, [{ p: ["list", doc.data.list.length], li: text }]);

/** Edits over a restart of the server; `connection` must reconnect by itself. */
async function survive(t, server, connection) {
  const doc = await subscribe(connection);
  await promisify(doc.create).call(doc, { list: [] });
  await append(doc, "before");

  const lost = once(connection, "disconnected");
  await server.kill();
  await lost;
  const submitted = append(doc, "meanwhile");
  await server.restart();
  await submitted;

  const Other = oneConnectionClass(t);
  const other = await subscribe(new Connection(new Other(server.url("/"))));
  assert.deepEqual(other.data.list, ["before", "meanwhile"]);
  const changed = once(doc, "op");
  await append(other, "after");
  await changed;
  assert.deepEqual(doc.data.list, ["before", "meanwhile", "after"]);
}

test(`${client}: over one SteadySocket, documents survive a restart`, async (t) => {
  const server = await startServer(t);
  const Lasting = lastingClass(t);
  await survive(t, server, new Connection(new Lasting(server.url("/"))));
  assert.equal(Lasting.made[0].state, "open");
});

test(`${client}: a heartbeat of { a: "pp" } detects a dead connection`, async (t) => {
  const server = await startServer(t);
  const proxy = await SilentProxy.start(t, server.port);
  const Lasting = lastingClass(t, quickHeartbeat({ a: "pp" }));
  const connection = new Connection(new Lasting(`ws://127.0.0.1:${proxy.port}/`));
  const doc = await subscribe(connection);
  await promisify(doc.create).call(doc, { list: [] });
  await once(connection, "pong");
  const lost = once(connection, "disconnected");
  proxy.silence();
  await lost;
  await append(doc, "after");
  assert.deepEqual(doc.data.list, ["after"]);
});

test(`${client}: reconnect: false: documents survive if a new socket is bound`, async (t) => {
  const server = await startServer(t);
  const OneConnection = oneConnectionClass(t);
  const open = () => new OneConnection(server.url("/"));
  const connection = new Connection(open());
  connection.on("disconnected", () => setTimeout(() => connection.bindToSocket(open()), 20));
  t.after(() => connection.removeAllListeners("disconnected"));
  await survive(t, server, connection);
  assert.equal(OneConnection.made.pop().state, "open");
  assert(OneConnection.made.every(({ state }) => state === "closed"));
});
