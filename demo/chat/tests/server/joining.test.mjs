// Connected users and their names.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatClient } from "../support/client.mjs";
import { ChatServer, serveChat } from "../support/server.mjs";

const key = (name) => `the key of ${name}`.padEnd(16, ".");
const names = (users) => users.map(({ userName }) => userName).sort();

test("a joining user receives their id and the users, and the others are notified", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  assert.equal(ann.welcome.type, "welcome");
  assert.equal(ann.welcome.user.userName, "Ann");
  assert.deepEqual(ann.welcome.users, [ann.welcome.user]);
  assert.equal(ann.welcome.online, 1);
  assert.deepEqual(ann.welcome.history, []);
  assert.ok(!("missed" in ann.welcome));
  assert.equal(new Date(ann.welcome.time).toISOString(), ann.welcome.time);

  const bob = await ChatClient.join(t, server, "Bob");
  assert.deepEqual(names(bob.welcome.users), ["Ann", "Bob"]);
  assert.equal(bob.welcome.online, 2);
  const published = await ann.receives("user-join");
  assert.deepEqual(published.user, bob.welcome.user);
  assert.equal(published.online, 2);
  assert.equal(published.position, bob.welcome.position);
  await bob.says("so nothing else came");
  assert.ok(bob.received.every(({ type }) => type !== "user-join"));
});

test("a name in use is rejected with a free one, and joining with that one works", async (t) => {
  const server = await serveChat(t);
  await ChatClient.join(t, server, "Ann");
  await ChatClient.join(t, server, "Ann 2");
  const other = await ChatClient.connect(t, server);
  const refused = await other.ask({ type: "join", userName: "ＡＮＮ " });
  assert.equal(refused.error.code, "name_in_use");
  assert.equal(refused.error.suggestion, "ＡＮＮ 3");
  assert.equal((await other.says("hello")).error.code, "not_joined");
  const welcome = await other.ask({ type: "join", userName: refused.error.suggestion });
  assert.equal(welcome.type, "welcome");
  assert.equal(welcome.user.userName, "ＡＮＮ 3");
});

test("of two simultaneous requests for a name, one gets it", async (t) => {
  const server = await serveChat(t);
  const clients = await Promise.all([0, 1, 2].map(() => ChatClient.connect(t, server)));
  const answers = await Promise.all(
    clients.map((client) => client.ask({ type: "join", userName: "Ann" })),
  );
  assert.deepEqual(answers.map(({ type }) => type).sort(), ["error", "error", "welcome"]);
});

test("a rename is sent to all, and the old name is free again", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const { type, user } = await ann.ask({ type: "rename", userName: "Anna" });
  assert.equal(type, "renamed");
  assert.deepEqual(user, { ...ann.welcome.user, userName: "Anna" });
  for (const client of [ann, bob]) {
    const published = await client.receives("user-rename");
    assert.deepEqual(published.user, user);
    assert.equal(published.previous, "Ann");
  }
  await ann.says("by my new name");
  assert.equal((await bob.receivesText("by my new name")).from.userName, "Anna");
  const refused = await bob.ask({ type: "rename", userName: "anna" });
  assert.equal(refused.error.code, "name_in_use");
  assert.equal(refused.error.suggestion, "anna 2");
  assert.equal((await bob.ask({ type: "rename", userName: "Ann" })).type, "renamed");
});

test("the own name in another case is not in use", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "ann");
  const { user } = await ann.ask({ type: "rename", userName: "Ann" });
  assert.equal(user.userName, "Ann");
});

test("a second join is rejected", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const { error } = await ann.ask({ type: "join", userName: "Anna" });
  assert.deepEqual(error, { code: "malformed", message: "already joined; use rename" });
  assert.equal((await ann.says("still here")).type, "accepted");
});

test("a client that closes with 1000 or 1001 has left at once", async (t) => {
  const server = await serveChat(t, { grace: 3_600_000 });
  const ann = await ChatClient.join(t, server, "Ann");
  for (const code of [1000, 1001]) {
    const bob = await ChatClient.join(t, server, "Bob");
    await ann.receives("user-join");
    bob.socket.close(code);
    const published = await ann.receives("user-leave");
    assert.deepEqual(published.user, bob.welcome.user);
    assert.equal(published.online, 1);
  }
});

test("messages sent before a close are published before the leave", async (t) => {
  const server = await serveChat(t, { rate: 50, burst: 2 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.connect(t, server);
  bob.send({ type: "join", userName: "Bob" });
  for (const text of ["one", "two", "three"]) bob.send(text);
  bob.socket.close(1000);
  await ann.receives("user-leave");
  assert.deepEqual(ann.texts, ["one", "two", "three"]);
});

test("a disconnected user who does not reconnect within the grace has left", async (t) => {
  const server = await serveChat(t, { grace: 100 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const cut = performance.now();
  bob.socket.terminate();
  assert.deepEqual((await ann.receives("user-leave")).user, bob.welcome.user);
  assert.ok(performance.now() - cut >= 99);
});

test("a disconnected user who reconnects within the grace has not left", async (t) => {
  const server = await serveChat(t, { grace: 2_000 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob", { key: key("Bob") });
  bob.socket.terminate();
  await ann.says("Bob is away");
  const again = await ChatClient.join(t, server, "Bob", {
    key: key("Bob"),
    since: bob.welcome.position,
  });
  assert.deepEqual(again.welcome.user, bob.welcome.user);
  await again.receivesText("Bob is away");
  // A user whose grace begins later has left: the other grace has ended before.
  const carl = await ChatClient.join(t, server, "Carl");
  carl.socket.terminate();
  const left = await ann.receives("user-leave");
  assert.deepEqual(left.user, carl.welcome.user);
  const joined = ann.received.filter(({ type }) => type === "user-join");
  assert.deepEqual(names(joined.map(({ user }) => user)), ["Bob", "Carl"]);
});

test("a user who reconnects with another name is renamed", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob", { key: key("Bob") });
  bob.socket.terminate();
  const again = await ChatClient.join(t, server, "Rob", { key: key("Bob") });
  assert.deepEqual(names(again.welcome.users), ["Ann", "Rob"]);
  assert.equal((await ann.receives("user-rename")).previous, "Bob");
});

test("a newer connection with the same key replaces the older one", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob", { key: key("Bob") });
  const newer = await ChatClient.join(t, server, "Bob", { key: key("Bob") });
  assert.equal((await bob.closed).code, 4001);
  assert.deepEqual(newer.welcome.user, bob.welcome.user);
  assert.equal(newer.welcome.online, 2);
  await newer.says("by the newer one");
  await ann.receivesText("by the newer one");
  assert.equal(ann.received.filter(({ type }) => type === "user-join").length, 1);
  assert.ok(ann.received.every(({ type }) => type !== "user-leave"));
});

test("a key gives the same id after a restart, another key another id, and no key a new one", async (t) => {
  const server = await ChatServer.start(t);
  const join = async (userName, options) =>
    (await ChatClient.join(t, server, userName, options)).welcome.user.id;
  const before = await join("Ann", { key: key("Ann") });
  await server.kill();
  await server.restart();
  assert.equal(await join("Ann", { key: key("Ann") }), before);
  const others = [await join("Bob", { key: key("Bob") }), await join("Carl"), await join("Dora")];
  assert.equal(new Set([before, ...others]).size, 4);
  assert.match(before, /^[\w-]{16}$/);
});

test("users of a killed server have left if they do not reconnect within the grace", async (t) => {
  const server = await ChatServer.start(t, { CHAT_GRACE: "1500" });
  await ChatClient.join(t, server, "Gone", { key: key("Gone") });
  await ChatClient.join(t, server, "Back", { key: key("Back") });
  await server.kill();
  await server.restart();
  const back = await ChatClient.join(t, server, "Back", { key: key("Back") });
  assert.deepEqual(names(back.welcome.users), ["Back", "Gone"]);
  assert.equal((await back.receives("user-leave")).user.userName, "Gone");
  assert.equal((await back.says("I am here")).type, "accepted");
});
