// The history for new and returning users, also after the server was killed.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatClient } from "../support/client.mjs";
import { ChatServer, serveChat } from "../support/server.mjs";

const key = (name) => `the key of ${name}`.padEnd(16, ".");
const textsOf = (history) => history.map(({ message }) => message);
const count = (length) => Array.from({ length }, (_, index) => `${index + 1}`);

test("a new user receives the last 50 messages, oldest first, as they were published", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  for (const text of count(60)) ann.send(text);
  await ann.receivesTexts(60);
  const bob = await ChatClient.join(t, server, "Bob");
  assert.deepEqual(textsOf(bob.welcome.history), count(60).slice(10));
  const published = ann.received.filter(({ type }) => type === "chat-message");
  assert.deepEqual(bob.welcome.history, published.slice(10));
  assert.ok(!("missed" in bob.welcome));
});

test("private history is for those concerned, with the author's ref for the author", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann", { key: key("Ann") });
  await ChatClient.join(t, server, "Bob", { key: key("Bob") });
  await ann.ask({ type: "private-message", to: "Bob", message: "psst", id: "p1" });
  await ann.says("hello", "m1");
  const histories = [];
  for (const name of ["Ann", "Bob", "Carl"]) {
    const { welcome } = await ChatClient.join(t, server, name, { key: key(name) });
    histories.push(welcome.history.map(({ message, ref }) => [message, ref]));
  }
  assert.deepEqual(histories, [
    [
      ["psst", "p1"],
      ["hello", "m1"],
    ],
    [
      ["psst", undefined],
      ["hello", undefined],
    ],
    [["hello", undefined]],
  ]);
});

for (const signal of ["SIGKILL", "SIGTERM"]) {
  test(`after ${signal} and a restart, a returning user receives what they missed, in order`, async (t) => {
    const server = await ChatServer.start(t);
    const ann = await ChatClient.join(t, server, "Ann", { key: key("Ann") });
    const bob = await ChatClient.join(t, server, "Bob", { key: key("Bob") });
    for (const text of ["1", "2", "3"]) await ann.says(text, `m${text}`);
    const { position: since } = await bob.receivesText("2");
    await ann.ask({ type: "private-message", to: "Bob", message: "psst", id: "p1" });
    await server.kill(signal);
    await server.restart();
    const annAgain = await ChatClient.join(t, server, "Ann", { key: key("Ann"), since });
    await annAgain.ask({ type: "rename", userName: "Anna" });
    await annAgain.says("4", "m4");

    const bobAgain = await ChatClient.join(t, server, "Bob", { key: key("Bob"), since });
    assert.ok(!("history" in bobAgain.welcome));
    assert.ok(!("missed" in bobAgain.welcome));
    await annAgain.says("5");
    await bobAgain.receivesText("5");
    const published = ({ type, message, user }) => [type, message ?? user.userName];
    assert.deepEqual(bobAgain.received.slice(1).map(published), [
      ["chat-message", "3"],
      ["private-message", "psst"],
      ["user-rename", "Anna"],
      ["chat-message", "4"],
      ["chat-message", "5"],
    ]);
    // Ann's messages from before the restart are still hers.
    const own = annAgain.received.filter(({ ref }) => ref !== undefined).map(({ ref }) => ref);
    assert.deepEqual(own.slice(0, 3), ["m3", "p1", "m4"]);
    const newcomer = await ChatClient.join(t, server, "Carl");
    assert.deepEqual(textsOf(newcomer.welcome.history), ["1", "2", "3", "4", "5"]);
  });
}

test("a returning user receives the joins and leaves in between, with the count at that time", async (t) => {
  const server = await serveChat(t, { grace: 3_600_000 });
  const ann = await ChatClient.join(t, server, "Ann", { key: key("Ann") });
  ann.socket.terminate();
  const bob = await ChatClient.join(t, server, "Bob");
  await ChatClient.join(t, server, "Carl");
  bob.socket.close(1000);
  await bob.closed;
  const since = ann.welcome.position;
  const again = await ChatClient.join(t, server, "Ann", { key: key("Ann"), since });
  await again.receives("user-leave");
  const published = again.received
    .slice(1)
    .map(({ type, user, online }) => [type, user.userName, online]);
  assert.deepEqual(published, [
    ["user-join", "Bob", 2],
    ["user-join", "Carl", 3],
    ["user-leave", "Bob", 2],
  ]);
});

test("the count at that time is known after a restart, too", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await ChatClient.join(t, server, "Ann", { key: key("Ann") });
  const bob = await ChatClient.join(t, server, "Bob");
  await ChatClient.join(t, server, "Carl", { key: key("Carl") });
  bob.socket.close(1000);
  await ann.receives("user-leave");
  await server.kill();
  await server.restart();
  const since = ann.welcome.position;
  const again = await ChatClient.join(t, server, "Ann", { key: key("Ann"), since });
  await again.receives("user-leave");
  const online = again.received.slice(1).map((message) => message.online);
  assert.deepEqual(online, [2, 3, 2]);
});

test("a user away for too long is notified, and receives the last messages", async (t) => {
  const server = await serveChat(t, { recent: 20, history: 5 });
  const ann = await ChatClient.join(t, server, "Ann");
  for (const text of count(30)) ann.send(text);
  await ann.receivesTexts(30);
  for (const since of [ann.welcome.position, "never heard of", ""]) {
    const bob = await ChatClient.join(t, server, "Bob", { key: key("Bob"), since });
    assert.equal(bob.welcome.missed, true);
    assert.deepEqual(textsOf(bob.welcome.history), ["26", "27", "28", "29", "30"]);
    await bob.ask({ type: "ping" });
    assert.deepEqual(bob.texts, []);
  }
});

test("an accepted message is accepted again, and not published again, after kill -9", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await ChatClient.join(t, server, "Ann", { key: key("Ann") });
  const first = await ann.says("once", "m1");
  await server.kill();
  await server.restart();
  const again = await ChatClient.join(t, server, "Ann", { key: key("Ann") });
  assert.deepEqual(await again.says("once", "m1"), first);
  await again.says("then", "m2");
  const { welcome } = await ChatClient.join(t, server, "Bob");
  assert.deepEqual(textsOf(welcome.history), ["once", "then"]);
});
