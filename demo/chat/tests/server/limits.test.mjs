// The limits of the server: connections, messages, sizes, slow clients.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import WebSocket from "ws";
import { eventually, once } from "../../../../tests/support/until.mjs";
import { handshakeRequest } from "../../../common/tests/raw-http.mjs";
import { ChatClient } from "../support/client.mjs";
import { serveChat } from "../support/server.mjs";

const count = (length) => Array.from({ length }, (_, index) => `${index + 1}`);

/** Resolves to the beginning of the answer to a handshake whose sender sends nothing after it. */
async function mutely(t, server) {
  const connection = connect(server.port, "127.0.0.1");
  t.after(() => connection.destroy());
  connection.on("error", () => {});
  connection.write(handshakeRequest("/chat"));
  const [data] = await once(connection, "data");
  return String(data).split("\r\n", 1)[0];
}

test("a full chat says so, closes with 1013, and accepts a user again after one has left", async (t) => {
  const server = await serveChat(t, { connections: 2 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const third = await ChatClient.connect(t, server);
  assert.equal((await third.receives("error")).error.code, "full");
  assert.deepEqual(await third.closed, { code: 1013, reason: "the chat is full" });
  assert.equal((await ann.says("as before")).type, "accepted");
  bob.socket.close(1000);
  await ann.receives("user-leave");
  const next = await ChatClient.join(t, server, "Carl");
  assert.equal(next.welcome.type, "welcome");
});

test("a hundred are refused with 1013 at one time when the chat is full, more with 503", async (t) => {
  const server = await serveChat(t, { connections: 1 });
  const ann = await ChatClient.join(t, server, "Ann");
  const answers = await Promise.all(count(100).map(() => mutely(t, server)));
  assert.deepEqual(new Set(answers), new Set(["HTTP/1.1 101 Switching Protocols"]));
  const refused = new WebSocket(`ws://127.0.0.1:${server.port}/chat`);
  const [error] = await once(refused, "error");
  assert.match(error.message, /503/);
  assert.equal((await ann.says("as before")).type, "accepted");
});

test("200 messages at once from one client arrive in order, slower, with one notice", async (t) => {
  const server = await serveChat(t, { rate: 100, burst: 60 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const began = performance.now();
  for (const text of count(200)) ann.send(text);
  const notice = await ann.receives("notice");
  assert.deepEqual(notice, { type: "notice", code: "slow_down", rate: 100 });
  // Others are not slowed down.
  await bob.says("from Bob");
  await ann.receivesText("from Bob");
  await bob.receivesTexts(201);
  assert.notEqual(bob.texts.at(-1), "from Bob", "Bob's message came before Ann's last");
  const seconds = (performance.now() - began) / 1000;
  assert.ok(seconds > 1.3, `${seconds} s`);
  assert.deepEqual(
    bob.texts.filter((text) => text !== "from Bob"),
    count(200),
  );
  assert.equal(ann.received.filter(({ type }) => type === "notice").length, 1);
});

test("the notice is repeated after a full burst was available, not before", async (t) => {
  const server = await serveChat(t, { rate: 1000, burst: 50 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bursts = async (number) => {
    for (const text of count(200)) ann.send(text);
    await ann.receivesTexts(200 * number);
    return ann.received.filter(({ type }) => type === "notice").length;
  };
  assert.equal(await bursts(1), 1);
  const rested = performance.now() + 60;
  while (performance.now() < rested) await new Promise(setImmediate);
  assert.equal(await bursts(2), 2);
});

test("pending messages of a closed connection above one frame's worth are dropped", async (t) => {
  const server = await serveChat(t, {
    connections: 1,
    rate: 50,
    burst: 5,
    grace: 0,
    history: 1000,
  });
  const ann = await ChatClient.join(t, server, "Ann");
  for (let n = 1; n <= 1000; ++n) ann.send({ type: "chat-message", message: `${n}` });
  await ann.receives((message) => message.message === "3");
  ann.socket.terminate();
  let bob;
  for (;;) {
    bob = await ChatClient.connect(t, server);
    const reply = await Promise.race([
      bob.ask({ type: "join", userName: "Bob" }),
      bob.receives("error"),
    ]);
    if (reply.type === "welcome") break;
    await bob.closed;
  }
  const { history } = bob.received.find(({ type }) => type === "welcome");
  const texts = history.map(({ message }) => message);
  assert.deepEqual(texts, count(texts.length));
  assert.ok(texts.length > 64 && texts.length < 200, `${texts.length} were said`);
});

test("pings do not count, and are answered while messages wait", async (t) => {
  const server = await serveChat(t, { rate: 5, burst: 1 });
  const ann = await ChatClient.join(t, server, "Ann");
  for (const text of count(5)) ann.send(text);
  await ann.receives("notice");
  for (const id of count(50)) assert.equal((await ann.ask({ type: "ping", id })).type, "pong");
  assert.ok(ann.texts.length < 5);
});

test("pings above their own rate wait, count as messages, and are all answered", async (t) => {
  const server = await serveChat(t, { rate: 100, burst: 10 });
  const ann = await ChatClient.join(t, server, "Ann");
  const pings = count(150);
  const began = performance.now();
  for (const id of pings) ann.send({ type: "ping", id });
  const pongs = [];
  while (pongs.length < pings.length) pongs.push(await ann.receives("pong"));
  const seconds = (performance.now() - began) / 1000;
  // 60 at once, 10 in place of messages, and one every 10 ms.
  assert.ok(seconds > 0.6, `${seconds} s`);
  assert.deepEqual(new Set(pongs.map(({ id }) => id)), new Set(pings));
  assert.equal((await ann.ask({ type: "ping", id: "one more" })).type, "pong");
  const notices = ann.received.filter(({ type }) => type === "notice");
  assert.deepEqual(notices, [{ type: "notice", code: "slow_down", rate: 100 }]);
  assert.equal(ann.received.filter(({ type }) => type === "pong").length, pings.length + 1);
});

test("a frame of 64 KB is read, one that is larger closes its connection with 1009", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  ann.send("x".repeat(64 * 1024));
  assert.equal((await ann.receives("error")).error.code, "bad_message");
  ann.send("x".repeat(64 * 1024 + 1));
  assert.equal((await ann.closed).code, 1009);
  assert.equal((await ChatClient.join(t, server, "Bob")).welcome.type, "welcome");
});

test("only a connection that does not answer protocol pings is terminated", async (t) => {
  const server = await serveChat(t, { pingInterval: 1_000, grace: 50 });
  const ann = await ChatClient.join(t, server, "Ann");
  const zombie = await ChatClient.join(t, server, "Zombie", { autoPong: false });
  const began = performance.now();
  assert.equal((await zombie.closed).code, 1006);
  assert.ok(performance.now() - began > 999);
  assert.equal((await ann.receives("user-leave")).user.userName, "Zombie");
  assert.equal((await ann.says("still here")).type, "accepted");
});

test("a connection that is not read because its messages wait is not considered dead", async (t) => {
  const server = await serveChat(t, { pingInterval: 200, rate: 200, burst: 1 });
  const ann = await ChatClient.join(t, server, "Ann");
  for (const text of count(300)) ann.send(text);
  await ann.receivesTexts(300);
  assert.deepEqual(ann.texts, count(300));
});

test("no more users than can be connected are kept for reconnecting", async (t) => {
  const server = await serveChat(t, { connections: 2, grace: 3_600_000 });
  const ann = await ChatClient.join(t, server, "Ann");
  for (const name of ["one", "two", "three"]) {
    const guest = await ChatClient.join(t, server, name);
    guest.socket.terminate();
    await eventually(() => server.health.connections <= 1);
  }
  const { user, online } = await ann.receives("user-leave");
  assert.equal(user.userName, "three");
  assert.equal(online, 3);
});
