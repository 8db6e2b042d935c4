// Clients that do not read what they are sent: megabytes of it, in the test's own process.
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test } from "node:test";
import { limitTests } from "../../../../tests/support/limit.mjs";
import { ChatClient } from "../support/client.mjs";
import { serveChat } from "../support/server.mjs";

// Megabytes go through one process.
limitTests(120_000);

const key = (name) => `the key of ${name}`.padEnd(16, ".");
const count = (length) => Array.from({ length }, (_, index) => `${index + 1}`);

/** The server's ends of the connections that are made during a test. */
function serverSockets(t) {
  const sockets = [];
  const add = ({ socket }) => sockets.push(socket);
  subscribe("net.server.socket", add);
  t.after(() => unsubscribe("net.server.socket", add));
  return sockets;
}

test("a slow reader is not disconnected, does not fill memory, and receives everything", async (t) => {
  const sockets = serverSockets(t);
  const server = await serveChat(t, { rate: 1_000_000, burst: 1_000_000 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const ofBob = sockets.at(-1);
  bob.socket.pause();
  const texts = [];
  const say = (length) => {
    const some = count(length).map((number) => `${texts.length}-${number}`.padEnd(2000, "."));
    texts.push(...some);
    return Promise.all(some.map((text) => ann.says(text)));
  };
  // Until the network accepts no more and the server's buffer for him is full.
  while (ofBob.writableLength < 200_000) await say(100);
  await say(500);
  assert.ok(ofBob.writableLength < 300_000, `${ofBob.writableLength} bytes`);
  bob.socket.resume();
  await bob.receivesTexts(texts.length);
  assert.deepEqual(bob.texts, texts);
});

test("a client that does not read answers is not read either, and receives them later", async (t) => {
  const sockets = serverSockets(t);
  const server = await serveChat(t, { rate: 1_000_000, burst: 1_000_000 });
  const ann = await ChatClient.connect(t, server, { protocols: ["chat.batch"] });
  const [ofAnn] = sockets;
  ann.socket.pause();
  // Until the network accepts no more requests.
  const questions = Array(64).fill({ type: "ping", id: "x".repeat(64) });
  let asked = 0;
  while (ann.socket.bufferedAmount < 1_000_000) {
    ann.send(questions);
    asked += questions.length;
    await new Promise(setImmediate);
  }
  assert.ok(ofAnn.writableLength < 600_000, `${ofAnn.writableLength} bytes`);
  ann.socket.resume();
  ann.send({ type: "ping", id: "last" });
  // Behind 90,000 answers.
  await ann.receives(({ id }) => id === "last", 50_000);
  assert.equal(ann.received.length, asked + 1);
});

test("a client behind the entries in memory has to reconnect, and is notified of missed ones", async (t) => {
  const sockets = serverSockets(t);
  const server = await serveChat(t, { recent: 200, rate: 1_000_000, burst: 1_000_000 });
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob", { key: key("Bob") });
  const ofBob = sockets.at(-1);
  bob.socket.pause();
  const say = () => Promise.all(count(100).map(() => ann.says("x".repeat(2000))));
  while (ofBob.writableLength < 200_000) await say();
  for (let round = 0; round < 4; ++round) await say();
  bob.socket.resume();
  assert.equal((await bob.closed).code, 1013);
  const { position: since } = bob.received.at(-1);
  const again = await ChatClient.join(t, server, "Bob", { key: key("Bob"), since });
  assert.equal(again.welcome.missed, true);
  assert.equal(again.welcome.history.length, 50);
});
