// examples/session-redis/: two servers in their own processes, over a real Redis.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cp, mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { kill } from "../support/children.mjs";
import { consumerFolder } from "../support/package.mjs";
import { Redis } from "../support/redis.mjs";
import { Waiting, within } from "../support/until.mjs";
import { Client } from "./client.mjs";

const example = fileURLToPath(new URL("../../examples/session-redis/", import.meta.url));
const project = fileURLToPath(new URL("../../build/session-redis/", import.meta.url));

// Copies the example beside the packed package, as in a user's project.
before(async () => {
  await rm(project, { recursive: true, force: true });
  await mkdir(join(project, "node_modules"), { recursive: true });
  for (const file of ["package.json", "server.mjs", "store.mjs"]) {
    await cp(join(example, file), join(project, file));
  }
  for (const name of ["redis", "ws"]) {
    await symlink(join(example, "node_modules", name), join(project, "node_modules", name));
  }
  const installed = join(consumerFolder, "node_modules/steadysocket");
  await symlink(installed, join(project, "node_modules/steadysocket"));
});

/** Starts a server on a free port until the test ends. */
async function startServer(t, redis) {
  const stdio = ["ignore", "pipe", "inherit"];
  const child = spawn(process.execPath, [join(project, "server.mjs"), "0", redis.url], { stdio });
  t.after(() => kill(child));
  const port = new Promise((resolve) => {
    createInterface(child.stdout).on("line", (line) => resolve(/port (\d+)/.exec(line)[1]));
  });
  return { child, url: `ws://127.0.0.1:${await within(port, "the port")}` };
}

/** Keeps a client connected to the server that `url` returns, until the test ends. */
function keepConnected(t, client, url, onframe) {
  let webSocket;
  let isStopped = false;
  const connect = () => {
    if (isStopped) return;
    webSocket = new WebSocket(url(), ["steady.1"]);
    const link = { send: (frame) => webSocket.send(frame), close: () => webSocket.terminate() };
    webSocket.on("error", () => {});
    webSocket.on("open", () => client.connect(link));
    webSocket.on("message", (data) => {
      client.take(link, String(data));
      client.acknowledge();
      onframe();
    });
    webSocket.on("close", () => {
      client.disconnect();
      setTimeout(connect, 10);
    });
  };
  connect();
  t.after(() => {
    isStopped = true;
    webSocket.terminate();
  });
  return { cut: () => webSocket.terminate() };
}

test("when one of two servers is killed, the client continues with the other", async (t) => {
  const redis = await Redis.start(t);
  const servers = [await startServer(t, redis), await startServer(t, redis)];
  let server = servers[0];
  const waiting = new Waiting();
  const received = [];
  const client = new Client(() => randomBytes(16).toString("base64url"));
  client.onmessage = (text) => received.push(text);
  client.onunconfirmed = (text) => assert.fail(`unconfirmed: ${text}`);
  const connection = keepConnected(
    t,
    client,
    () => server.url,
    () => waiting.look(),
  );
  const sent = [];
  const send = (count) => {
    for (let i = 0; i < count; ++i) {
      sent.push(`entry ${sent.length + 1}`);
      client.send(sent.at(-1));
    }
  };
  const arrived = (count) =>
    waiting.until(
      () => received.length >= count,
      () => `${received.length}`,
    );

  send(200);
  await arrived(50);
  // Messages in flight are handled by at most one of them.
  server = servers[1];
  servers[0].child.kill("SIGKILL");
  send(200);
  await arrived(250);
  // A new process takes over from a running one, which then takes over again with old state in
  // memory.
  servers.push(await startServer(t, redis));
  server = servers[2];
  connection.cut();
  send(200);
  await arrived(450);
  server = servers[1];
  connection.cut();
  await arrived(600);
  await waiting.until(() => client.unacknowledged === 0);
  assert.deepEqual(received, sent);
  assert.equal(client.losses, 0);

  // Another client receives the list: it has no duplicates.
  const list = [];
  const reader = new Client(() => randomBytes(16).toString("base64url"));
  reader.onmessage = (text) => list.push(text);
  keepConnected(
    t,
    reader,
    () => servers[2].url,
    () => waiting.look(),
  );
  await waiting.until(() => list.length >= 600);
  assert.deepEqual(list, sent);
  // Before Redis is stopped.
  for (const { child } of servers) await kill(child);
});

test("Redis stores binary data, an undefined user and a forgotten session", async (t) => {
  const redis = await Redis.start(t);
  const { createClient } = await import(join(project, "node_modules/redis/dist/index.js"));
  const { redisStore } = await import(join(project, "store.mjs"));
  const client = await createClient({ url: redis.url })
    .on("error", () => {})
    .connect();
  t.after(() => client.destroy());
  const store = redisStore(client);
  assert.equal(await store.load("id"), undefined);
  const claim = { generation: 3, owner: "", successor: "A", keep: 60_000 };
  assert.equal(await store.fence("id", claim), undefined);
  assert.equal(await store.load("id"), undefined);
  assert.equal(await store.fence("id", claim), false);
  const start = { user: undefined, epoch: "e", handled: 0, acknowledged: 0, state: "kept" };
  assert.equal(await store.save("id", "B", start, 60_000), false);
  assert.equal(await store.save("id", "A", start, 60_000), true);
  const bytes = new Uint8Array([0, 255, 16]);
  for (const [index, data] of ["a", bytes, "\x10ü"].entries()) {
    assert.equal(await store.append("id", "A", { number: index + 1, data }), true);
  }
  assert.equal(await store.append("id", "B", { number: 4, data: "x" }), false);
  assert.equal(await store.save("id", "A", { handled: 7, acknowledged: 1 }, 60_000), true);
  const saved = {
    ...{ user: null, epoch: "e", handled: 7, acknowledged: 1, state: "kept", owner: "A" },
    messages: [
      { number: 2, data: bytes },
      { number: 3, data: "\x10ü" },
    ],
  };
  // The same owner claims it again, then another one.
  const again = { ...claim, generation: 4, owner: "A", successor: "C" };
  assert.deepEqual(await store.fence("id", again), { ...saved, generation: 3 });
  const other = { ...claim, generation: 5, successor: "D" };
  assert.deepEqual(await store.fence("id", other), { ...saved, generation: 4 });
  await assert.rejects(store.commit({ id: "id", owner: "A" }, 8, "list", "x"), { code: "moved" });
  await store.commit({ id: "id", owner: "D" }, 8, "list", "x");
  await store.commit({ id: "id", owner: "D" }, 8, "list", "x");
  assert.equal(await client.lLen("list"), 1);
  assert.equal((await store.load("id")).handled, 8);
  assert.equal(await store.save("id", "D", { handled: 8, state: "forgotten" }, 50), true);
  assert.deepEqual((await store.load("id")).messages, []);
  while (await store.load("id")) await new Promise(setImmediate);
});
