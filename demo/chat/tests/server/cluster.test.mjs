// Two servers, in processes of their own, that are one chat over a Redis.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Redis } from "../../../../tests/support/redis.mjs";
import { ChatClient } from "../support/client.mjs";
import { ChatServer } from "../support/server.mjs";

const key = (name) => `the key of ${name}`.padEnd(16, ".");
const names = (users) => users.map(({ userName }) => userName).sort();

/** Two servers over one Redis. */
async function startCluster(t, environment = {}) {
  const redis = await Redis.start(t);
  const settings = { CHAT_REDIS_URL: redis.url, CHAT_RATE: "10000", CHAT_BURST: "10000" };
  const servers = await Promise.all(
    [0, 1].map(() => ChatServer.start(t, { ...settings, ...environment })),
  );
  return { redis, servers };
}

async function health(server) {
  const response = await fetch(`http://127.0.0.1:${server.port}/healthz`);
  return { http: response.status, ...(await response.json()) };
}

test("two servers are one chat: users, names, messages, private messages, history", async (t) => {
  const { servers } = await startCluster(t);
  const ann = await ChatClient.join(t, servers[0], "Ann", { key: key("Ann") });
  const bob = await ChatClient.join(t, servers[1], "Bob");
  assert.deepEqual(names(bob.welcome.users), ["Ann", "Bob"]);
  assert.deepEqual((await ann.receives("user-join")).user, bob.welcome.user);

  const other = await ChatClient.connect(t, servers[1]);
  const { error } = await other.ask({ type: "join", userName: "ann" });
  assert.deepEqual([error.code, error.suggestion], ["name_in_use", "ann 2"]);

  const accepted = await ann.says("hello", "m1");
  const published = await bob.receivesText("hello");
  assert.equal(published.position, accepted.position);
  assert.deepEqual(published.from, ann.welcome.user);
  await bob.ask({ type: "private-message", to: "Ann", message: "psst" });
  assert.equal((await ann.receives("private-message")).from.userName, "Bob");

  const carl = await ChatClient.join(t, servers[1], "Carl");
  assert.deepEqual(
    carl.welcome.history.map(({ message }) => message),
    ["hello"],
  );
  await bob.ask({ type: "rename", userName: "Rob" });
  assert.equal((await ann.receives("user-rename")).user.userName, "Rob");
  bob.socket.close(1000);
  assert.equal((await ann.receives("user-leave")).user.userName, "Rob");
  for (const server of servers) assert.equal((await health(server)).online, 2);
});

test("messages sent on both at once have one order on both", async (t) => {
  const { servers } = await startCluster(t);
  const clients = await Promise.all(
    servers.map((server, index) => ChatClient.join(t, server, `Speaker ${index}`)),
  );
  const count = 200;
  await Promise.all(
    clients.map((client, index) =>
      Promise.all(Array.from({ length: count }, (_, number) => client.says(`${index}:${number}`))),
    ),
  );
  await Promise.all(clients.map((client) => client.receivesTexts(2 * count)));
  assert.deepEqual(clients[0].texts, clients[1].texts);
  for (const index of [0, 1]) {
    assert.deepEqual(
      clients[0].texts.filter((text) => text.startsWith(`${index}:`)),
      Array.from({ length: count }, (_, number) => `${index}:${number}`),
    );
  }
});

test("a newer connection on the other server replaces the older one, with what it missed", async (t) => {
  const { servers } = await startCluster(t);
  const bob = await ChatClient.join(t, servers[1], "Bob");
  const ann = await ChatClient.join(t, servers[0], "Ann", { key: key("Ann") });
  await bob.says("for both");
  const since = ann.welcome.position;
  const again = await ChatClient.join(t, servers[1], "Ann", { key: key("Ann"), since });
  assert.equal((await ann.closed).code, 4001);
  assert.deepEqual(again.welcome.user, ann.welcome.user);
  await again.receivesText("for both");
  await again.says("from the other one");
  await bob.receivesText("from the other one");
  assert.ok(bob.received.every(({ type }) => type !== "user-leave"));
});

test("of two simultaneous connections with the same key, one remains", async (t) => {
  const { servers } = await startCluster(t);
  for (let round = 0; round < 10; ++round) {
    const secret = key(`Ann ${round}`);
    const clients = await Promise.all(servers.map((server) => ChatClient.connect(t, server)));
    const join = { type: "join", userName: `Ann ${round}`, key: secret };
    for (const client of clients) client.send(join);
    const first = await Promise.race(
      clients.map(async (client, index) => ({ ...(await client.closed), index })),
    );
    assert.equal(first.code, 4001);
    const remaining = clients[1 - first.index];
    assert.equal((await remaining.says("I remain")).type, "accepted");
    remaining.socket.close(1000);
  }
});

test("users of a killed server reconnect to the other one, or have left after the grace", async (t) => {
  const { servers } = await startCluster(t, { CHAT_GRACE: "1500" });
  const ann = await ChatClient.join(t, servers[0], "Ann");
  const back = await ChatClient.join(t, servers[1], "Back", { key: key("Back") });
  await ChatClient.join(t, servers[1], "Gone", { key: key("Gone") });
  await back.says("before", "m1");
  await servers[1].kill();
  await ann.says("meanwhile");
  const since = (await back.receivesText("before")).position;
  const again = await ChatClient.join(t, servers[0], "Back", { key: key("Back"), since });
  await again.receivesText("meanwhile");
  assert.deepEqual(again.texts, ["meanwhile"]);
  // Repeated, since the answer might have been lost.
  await again.says("before", "m1");
  assert.equal((await ann.receives("user-leave")).user.userName, "Gone");
  await again.says("after");
  await ann.receivesText("after");
  assert.deepEqual(ann.texts, ["before", "meanwhile", "after"]);
  assert.equal(ann.received.filter(({ type }) => type === "user-leave").length, 1);
});

test("Redis is killed and restarts: it is reported, messages wait meanwhile, nothing is lost", async (t) => {
  const { redis, servers } = await startCluster(t);
  const ann = await ChatClient.join(t, servers[0], "Ann");
  const bob = await ChatClient.join(t, servers[1], "Bob");
  await ann.says("before");
  await redis.kill();
  await Promise.all(servers.map((server) => server.logged("journal down")));
  const { http, status } = await health(servers[0]);
  assert.deepEqual([http, status], [503, "unavailable"]);
  const numbers = Array.from({ length: 100 }, (_, number) => `${number}`);
  const waiting = Promise.all(numbers.map((number) => ann.says(number)));
  const answer = bob.says("from the other one");
  // Pings are still answered.
  assert.equal((await bob.ask({ type: "ping" })).type, "pong");
  const carl = await ChatClient.connect(t, servers[1]);
  const welcome = carl.ask({ type: "join", userName: "Carl" });
  await redis.restart();
  await Promise.all([waiting, answer]);
  assert.equal((await welcome).type, "welcome");
  await ann.receivesTexts(102);
  await bob.receivesTexts(102);
  assert.deepEqual(bob.texts, ann.texts);
  assert.deepEqual(
    ann.texts.filter((text) => text !== "from the other one"),
    ["before", ...numbers],
  );
  await Promise.all(servers.map((server) => server.logged("journal up")));
  assert.equal((await health(servers[0])).status, "ok");
});

test("a server stops although Redis is away, and its users reconnect afterwards", async (t) => {
  const { redis, servers } = await startCluster(t);
  const ann = await ChatClient.join(t, servers[0], "Ann", { key: key("Ann") });
  await ann.says("before");
  await redis.kill();
  await servers[0].logged("journal down");
  ann.send({ type: "chat-message", id: "m1", message: "waits" });
  assert.equal((await ann.ask({ type: "ping" })).type, "pong");
  assert.deepEqual(await servers[0].kill("SIGTERM"), { code: 0, signal: null });
  assert.equal((await ann.closed).code, 1012);
  await redis.restart();
  await servers[0].restart();
  const again = await ChatClient.join(t, servers[0], "Ann", { key: key("Ann") });
  await again.says("waits", "m1");
  const { welcome } = await ChatClient.join(t, servers[1], "Bob");
  assert.deepEqual(
    welcome.history.map(({ message }) => message),
    ["before", "waits"],
  );
});

test("a server without Redis is starting, and connections wait", async (t) => {
  const redis = await Redis.start(t);
  await redis.kill();
  const server = new ChatServer(t, { CHAT_REDIS_URL: redis.url });
  const started = server.restart();
  const { port } = await server.logged("listening");
  const { http, status } = await health({ port });
  assert.deepEqual([http, status], [503, "starting"]);
  const ann = await ChatClient.connect(t, { port });
  const welcome = ann.ask({ type: "join", userName: "Ann" });
  await redis.restart();
  await started;
  assert.equal((await welcome).type, "welcome");
  assert.equal((await health({ port })).status, "ok");
});

test("an unreachable Redis is reported in one line, without its password", async (t) => {
  const redis = await Redis.start(t);
  await redis.kill();
  const url = redis.url.replace("//", "//user:secret@");
  const start = ChatServer.start(t, { CHAT_REDIS_URL: url, CHAT_LOG_LEVEL: "silent" });
  await assert.rejects(start, ({ message }) => {
    assert.match(message, /\nchat: Redis at 127\.0\.0\.1:\d+ cannot be used: .*\n$/);
    assert.ok(!message.includes("secret"));
    return true;
  });
});
