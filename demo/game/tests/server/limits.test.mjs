// The limits of the server.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../../../common/logger.mjs";
import { dataFolder } from "../../../common/tests/demo-server.mjs";
import { complete } from "../../server/config.mjs";
import { Connection } from "../../server/connection.mjs";
import { Match } from "../../server/match.mjs";
import { Store } from "../../server/store.mjs";
import { GameClient, newKey } from "../support/client.mjs";
import { FakeSocket } from "../support/fake-socket.mjs";
import { serveGame } from "../support/server.mjs";

test("a malformed request gets an error, and ends nothing", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  const wrong = [
    ["no JSON", "malformed"],
    ["[]", "malformed"],
    ['{"type":"fly"}', "malformed"],
    ['{"type":"chat","text":"no id"}', "malformed"],
    ['{"type":"chat","id":"1","text":7}', "malformed"],
    ['{"type":"ping","sent":"now"}', "malformed"],
    ['{"type":"chat","id":"2","text":" \u200b "}', "bad_text"],
    [JSON.stringify({ type: "chat", id: "3", text: "x".repeat(301) }), "bad_text"],
    [JSON.stringify({ type: "join", name: "Ann", key: newKey() }), "joined"],
    [Buffer.alloc(0), "malformed"],
    [Buffer.from([1, 2, 0, 0, 0]), "malformed"],
    [Buffer.from([2, 2, 0, 0, 0, 0]), "malformed"],
    [Buffer.from([1, 1, 0, 0, 0, 0]), "malformed"],
  ];
  for (const [data] of wrong) ann.send(data);
  const errors = () => ann.received.filter(({ type }) => type === "error");
  await ann.until(() => errors().length === wrong.length);
  assert.deepEqual(
    errors().map(({ error }) => error.code),
    wrong.map(([, code]) => code),
  );
  assert.deepEqual(
    errors()
      .map(({ id }) => id)
      .filter((id) => id !== undefined),
    ["1", "2", "3"],
  );
  const { length } = ann.states;
  await ann.until(() => ann.states.length > length);
});

test("a client that has not joined can neither play nor chat, and receives no state", async (t) => {
  const server = await serveGame(t);
  const one = await GameClient.connect(t, server);
  one.steer(1, 0);
  one.send({ type: "chat", id: "a", text: "hello" });
  one.send({ type: "join", name: "Ann", key: "short" });
  await one.until(() => one.received.length === 3);
  assert.deepEqual(
    one.received.map(({ error, id }) => [error.code, id]),
    [
      ["not_joined", undefined],
      ["not_joined", "a"],
      ["malformed", undefined],
    ],
  );
  assert.equal(one.states.length, 0);
});

test("a client without a session is rejected at its join, with the requirement", async (t) => {
  const server = await serveGame(t);
  for (const protocols of [[], ["game"]]) {
    const one = await GameClient.connect(t, server, { protocols });
    one.send({ type: "join", name: "Ann", key: newKey() });
    const reason = "the subprotocol steady.1 is required";
    assert.deepEqual(await one.closed, { code: 4000, reason });
    assert.deepEqual(one.received, []);
  }
});

test("a name without visible characters is rejected permanently", async (t) => {
  const server = await serveGame(t);
  for (const name of ["", "\u200b", "x".repeat(21)]) {
    const one = await GameClient.connect(t, server);
    one.send({ type: "join", name, key: newKey() });
    const { error } = await one.receives("error");
    assert.equal(error.code, "bad_name");
    const { code, reason } = await one.closed;
    assert.deepEqual([code, reason], [4000, error.message]);
  }
});

test("too large a frame ends the connection", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  ann.send("x".repeat(5000));
  assert.equal((await ann.closed).code, 1009);
});

test("far more messages than a game needs end the connection", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  for (let n = 0; n < 1000; ++n) ann.steer(0, 0);
  assert.deepEqual(await ann.closed, { code: 1008, reason: "too many messages" });
});

test("lines that arrive too fast are rejected one by one, and the others are published", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  for (let n = 0; n < 60; ++n) ann.send({ type: "chat", id: `l${n}`, text: `line ${n}` });
  const answers = () => ann.received.filter(({ id }) => id !== undefined);
  await ann.until(() => answers().length === 60);
  const refused = answers().filter(({ error }) => error?.code === "too_fast");
  assert.ok(refused.length >= 10 && refused.length <= 20, `${refused.length}`);
  const published = ann.received.filter(({ type }) => type === "chat");
  assert.equal(published.length, 60 - refused.length);
});

test("a reconnect does not raise the limit, and published lines are not rejected", async (t) => {
  const server = await serveGame(t, { grace: 0 });
  const key = newKey();
  const began = performance.now();
  const said = new Set();
  for (let round = 0; round < 5; ++round) {
    const ann = await GameClient.join(t, server, "Ann", { key });
    for (let n = 0; n < 30; ++n) {
      ann.send({ type: "chat", id: `${round}-${n}`, text: "again" });
    }
    // Of the first round, all of which was published.
    ann.send({ type: "chat", id: "0-0", text: "again" });
    const answers = () => ann.received.filter(({ id }) => id !== undefined);
    await ann.until(() => answers().length === 31);
    for (const { type, id, error } of answers()) {
      if (type === "said") said.add(id);
      else assert.equal(error.code, "too_fast");
    }
    assert.equal(answers().at(-1).type, "said");
    ann.socket.close();
    await ann.closed;
  }
  const most = 40 + Math.ceil(((performance.now() - began) / 1000) * 5);
  assert.ok(said.size >= 40 && said.size <= most, `${said.size} of ${most}`);
});

test("players above the arena's limit are asked to retry later", async (t) => {
  const server = await serveGame(t, { players: 1 });
  await GameClient.join(t, server, "Ann");
  const bob = await GameClient.connect(t, server);
  bob.send({ type: "join", name: "Bob", key: newKey() });
  assert.equal((await bob.receives("error")).error.code, "full");
  assert.deepEqual(await bob.closed, { code: 1013, reason: "the arena is full" });
});

test("of two simultaneous joins for the last place, the first session gets it", async (t) => {
  const store = await Store.open(dataFolder(t, "store", () => store?.close()));
  const match = new Match(complete({ players: 1 }), createLogger("silent"), store);
  const [ann, bob] = ["Ann", "Bob"].map((name) => FakeSocket.connect(t, match, name));
  bob.hello();
  ann.hello();
  assert.equal(match.players, 1);
  assert.match(bob.sent[0], /"joined".*"Bob"/);
  assert.match(ann.sent.at(-1), /"full"/);
  assert.deepEqual(ann.closed[0], [1013, "the arena is full"]);
  await match.stop();
});

test("connections above the server's limit are asked to retry later", async (t) => {
  const server = await serveGame(t, { connections: 1 });
  await GameClient.connect(t, server);
  const other = await GameClient.connect(t, server);
  assert.equal((await other.receives("error")).error.code, "full");
  assert.deepEqual(await other.closed, { code: 1013, reason: "the game is full" });
});

test("a slow reader gets only the newest states, and is disconnected without acknowledgements", async (t) => {
  const store = await Store.open(dataFolder(t, "store", () => store?.close()));
  const match = new Match(complete({}), createLogger("silent"), store);
  const ann = FakeSocket.join(t, match, "Ann");
  const states = () => ann.sent.filter((data) => typeof data !== "string");
  const step = (number) => match.step(number);
  const numbers = () => states().map((data) => Buffer.from(data).readUInt32LE(6));
  step(1);
  ann.bufferedAmount = 40_000;
  step(2);
  step(3);
  const key = newKey();
  FakeSocket.join(t, match, "Bob", key);
  assert.match(ann.sent.at(-1), /"joined".*"Bob"/, "an event is not left out");
  ann.bufferedAmount = 0;
  step(4);
  assert.deepEqual(numbers(), [1, 4]);
  assert.equal(match.skipped, 2);
  for (let n = 0; n < 10_000; ++n) FakeSocket.join(t, match, `Bob ${n}`, key);
  assert.deepEqual(ann.closed, [[1011, "session overflow"]]);
  await match.stop();
});

const listener = { onJoin() {}, onClose() {} };

test("a client that is silent or does not join is disconnected", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const [silent, unknown, known] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
  const [one, , joined] = [silent, unknown, known].map(
    (socket) => new Connection(/** @type {any} */ (socket), listener),
  );
  joined.enter({});
  t.mock.timers.tick(10_000);
  assert.deepEqual(unknown.closed, [[4000, "no join"]]);
  assert.deepEqual(known.closed, []);
  one.ping();
  silent.emit("pong");
  one.ping();
  assert.equal(silent.terminated, 0);
  one.ping();
  assert.equal(silent.terminated, 1);
});
