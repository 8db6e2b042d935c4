// The behaviour of a room when its journal fails: with one that fails on demand.
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { eventually, once } from "../../../../tests/support/until.mjs";
import { complete } from "../../server/config.mjs";
import { Entries } from "../../server/journal/entries.mjs";
import { Room } from "../../server/room.mjs";
import { ChatClient } from "../support/client.mjs";

/** A room with a journal that accepts every join, and otherwise does what the test says. */
async function openRoom(t, members) {
  const failures = [];
  const logger = {
    child: () => logger,
    info() {},
    error: ({ err }) => failures.push(err.message),
  };
  const room = new Room(complete({ grace: 0 }), /** @type {any} */ (logger));
  const users = new Map();
  room.begin({
    entries: new Entries(10),
    users,
    isUp: true,
    join: async (user) => {
      users.set(user.id, user);
      return { taken: false };
    },
    rename: async () => ({ taken: false }),
    leave: async (id) => {
      users.delete(id);
    },
    ...members,
  });
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  t.after(() => server.close());
  server.on("connection", (socket) => room.add(socket));
  await once(server, "listening");
  return { port: server.address().port, room, users, failures };
}

for (const what of ["rename", "say"]) {
  test(`a client whose request failed (${what}) is disconnected, to repeat it`, async (t) => {
    const room = await openRoom(t, { [what]: () => Promise.reject(new Error("disk full")) });
    const ann = await ChatClient.join(t, room, "Ann");
    const bob = await ChatClient.join(t, room, "Bob");
    ann.send({ type: "rename", userName: "Anna" });
    ann.send({ type: "chat-message", id: "m1", message: "hello" });
    assert.equal((await ann.closed).code, 1013);
    assert.deepEqual(room.failures, ["disk full"]);
    assert.ok(ann.received.every(({ type }) => type !== "accepted"));
    assert.equal((await bob.ask({ type: "ping" })).type, "pong");
  });
}

test("a user who is disconnected while the journal writes the join leaves", async (t) => {
  const calls = new EventEmitter();
  const room = await openRoom(t, {
    join: () => new Promise((resolve) => calls.emit("join", () => resolve({ taken: false }))),
    leave: async (id, connection) => calls.emit("leave", id, connection),
  });
  const joins = once(calls, "join");
  const left = once(calls, "leave");
  const ann = await ChatClient.connect(t, room);
  ann.send({ type: "join", userName: "Ann" });
  ann.send("never to be said");
  const [letIn] = await joins;
  ann.socket.terminate();
  await eventually(() => room.room.connections === 0);
  letIn();
  const [id, connection] = await left;
  assert.match(id, /^[\w-]{16}$/);
  assert.match(connection, /^[\w-]{36}$/);
  assert.deepEqual(room.failures, []);
});

test("a leave that the journal could not write is written later", async (t) => {
  const calls = new EventEmitter();
  let isBroken = true;
  const room = await openRoom(t, {
    leave: async (id) => {
      if (isBroken) throw new Error("disk full");
      calls.emit("left", id);
    },
  });
  const left = once(calls, "left");
  const ann = await ChatClient.join(t, room, "Ann");
  const { id } = ann.welcome.user;
  ann.socket.close(1000);
  await eventually(() => room.failures.length > 0);
  isBroken = false;
  assert.deepEqual(await left, [id]);
  assert.deepEqual(room.failures, ["disk full"]);
});

test("a lagging client receives its own message in order, before the acknowledgement", async (t) => {
  const calls = new EventEmitter();
  const entries = new Entries(10_000);
  const room = await openRoom(t, {
    entries,
    say: (draft) => new Promise((resolve) => calls.emit("say", draft, resolve)),
  });
  const { onEntry } = room.room.journalOptions;
  const publish = (content) => {
    const entry = { position: String(entries.end), time: new Date().toISOString(), ...content };
    entries.push(entry);
    onEntry(entry);
    return entry;
  };
  const ann = await ChatClient.join(t, room, "Ann");
  const said = once(calls, "say");
  ann.send({ type: "chat-message", id: "m1", message: "mine" });
  const [draft, answer] = await said;
  ann.socket.pause();
  const from = { id: "bob", userName: "Bob" };
  const message = "x".repeat(2000);
  // More than the system buffers for a client that does not read.
  for (let n = 0; n < 8000; ++n) publish({ type: "chat-message", from, message });
  const { position, time } = publish(draft);
  answer({ position, time, isNew: true });
  await new Promise(setImmediate);
  ann.socket.resume();
  await ann.receivesText("mine");
  const accepted = await ann.receives("accepted");
  assert.deepEqual(accepted, { type: "accepted", id: "m1", position, time });
  assert.equal(ann.received.at(-2).ref, "m1");
  assert.equal(ann.received.at(-1), accepted);
  assert.equal(ann.texts.length, 8001);
});
