// The server as players see it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { arena } from "../../server/arena.mjs";
import { GameClient, newKey } from "../support/client.mjs";
import { serveGame } from "../support/server.mjs";

test("a joining player receives their id, the players, and the state twenty times a second", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  const bob = await GameClient.join(t, server, "Bob");
  const { you, players, chat } = bob.welcome;
  // She may have started on a dot.
  const [{ score }] = players;
  assert.ok(score <= 1);
  assert.deepEqual(players, [
    { id: ann.welcome.you, name: "Ann", colour: 0, score, wins: 0, total: score },
    { id: you, name: "Bob", colour: 1, score: 0, wins: 0, total: 0 },
  ]);
  assert.deepEqual(chat, []);
  const { player } = await ann.receives("joined", (one) => one.player.name === "Bob");
  assert.deepEqual(player, players[1]);

  await bob.until(() => bob.states.length >= 20);
  const first = bob.states[0];
  for (const [index, state] of bob.states.entries()) {
    assert.deepEqual([state.version, state.kind, state.isWhole], [1, 1, true]);
    assert.equal(state.number, first.number + index, "none is left out");
    assert.equal(state.players.length, 2);
    assert.equal(state.dots.length, arena.dots);
  }
  const times = bob.states.map(({ time }) => time);
  // More only if the machine was blocked for long.
  const regular = times.slice(1).filter((time, index) => Math.abs(time - times[index] - 50) < 0.01);
  assert.ok(regular.length >= 15, `${times}`);
});

test("an input applies until the next, is confirmed in the state, and is not faster diagonally", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  await ann.until(() => ann.me !== undefined);
  // To the side with space.
  ann.steer(ann.me.x < arena.width / 2 ? 127 : -127, ann.me.y < arena.height / 2 ? 127 : -127);
  const sequence = 1;
  const moving = () =>
    ann.states
      .map(({ number, players: [me] }) => ({ number, ...me }))
      .filter((me) => me.sequence === sequence);
  await ann.until(() => moving().length >= 6);
  const stopped = ann.steer(0, 0);
  const [from, to] = [moving()[0], moving()[5]];
  const steps = to.number - from.number;
  const way = Math.hypot(to.x - from.x, to.y - from.y);
  assert.ok(Math.abs(way - steps * 14) < 0.2, `${way} in ${steps} steps`);

  await ann.until(() => ann.me.sequence === stopped);
  const { x, y } = ann.me;
  const { length } = ann.states;
  await ann.until(() => ann.states.length >= length + 5);
  assert.deepEqual([ann.me.x, ann.me.y], [x, y]);
});

test("a collected dot adds a point, and all players are notified", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  const bob = await GameClient.join(t, server, "Bob");
  await ann.collect(2);
  const isAnns = ({ player, score }) => player === ann.welcome.you && score >= 2;
  await bob.receives("scored", isAnns);
  await bob.until(() =>
    bob.states.at(-1).players.some(({ id, score }) => id === ann.welcome.you && score >= 2),
  );
});

test("a `?` of the session is answered with the clock of the states", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  const answer = (number) =>
    ann.until(() => ann.controls.find(([type, of]) => type === "!" && of === number));
  ann.control("?", 1);
  const time = Number((await answer("1"))[3]);
  await ann.until(() => ann.states.length > 0);
  ann.control("?", 2);
  const last = Number((await answer("2"))[3]);
  assert.ok(last >= time);
  // A state can only be late, apart from the whole milliseconds of the clock.
  const { time: newest } = ann.states.at(-1);
  assert.ok(last - newest > -3 && last - newest < 1000, `${last} after ${newest}`);
});

test("a line is sent to all, once however often it is repeated, and cleaned", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  const bob = await GameClient.join(t, server, "Bob");
  ann.send({ type: "chat", id: "a", text: " hello\u202e\n<b>Bob</b> " });
  ann.send({ type: "chat", id: "a", text: "hello again" });
  ann.send({ type: "chat", id: "b", text: "bye" });
  assert.deepEqual(await ann.receives("said", ({ id }) => id === "b"), {
    type: "said",
    id: "b",
    n: 2,
  });
  bob.send({ type: "chat", id: "a", text: "mine" });
  await bob.receives("said", ({ id }) => id === "a");
  const lines = () => bob.received.filter(({ type }) => type === "chat");
  await bob.until(() => lines().length === 3);
  assert.deepEqual(
    lines().map(({ n, name, text }) => [n, name, text]),
    [
      [1, "Ann", "hello <b>Bob</b>"],
      [2, "Ann", "bye"],
      [3, "Bob", "mine"],
    ],
  );
  const said = ann.received.filter(({ type, id }) => type === "said" && id === "a");
  assert.deepEqual(said, [
    { type: "said", id: "a", n: 1 },
    { type: "said", id: "a", n: 1 },
  ]);
  const cleo = await GameClient.join(t, server, "Cleo");
  assert.deepEqual(
    cleo.welcome.chat.map(({ n }) => n),
    [1, 2, 3],
  );
});

test("a disconnected player is away, and is the same after a reconnect", async (t) => {
  const server = await serveGame(t);
  const key = newKey();
  const ann = await GameClient.join(t, server, "Ann", { key });
  const bob = await GameClient.join(t, server, "Bob");
  await ann.collect(1);
  const { you } = ann.welcome;
  const seen = () => bob.states.at(-1)?.players.find(({ id }) => id === you);
  ann.socket.terminate();
  await bob.until(() => seen().isAway);
  const again = await GameClient.join(t, server, "Anna", { key });
  assert.equal(again.welcome.you, you);
  await bob.until(() => !seen().isAway);
  assert.ok(seen().score >= 1);
  const { player } = await bob.receives("joined", (one) => one.player.name === "Anna");
  assert.equal(player.id, you);
  assert.equal(bob.received.filter(({ type }) => type === "left").length, 0);
});

test("a resumed session continues in the same direction, and has missed nothing", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  const bob = await GameClient.join(t, server, "Bob");
  await ann.until(() => ann.me !== undefined);
  // To the side with space.
  const sign = ann.me.x < arena.width / 2 ? 1 : -1;
  const sequence = ann.steer(127 * sign, 0);
  await ann.until(() => ann.me.sequence === sequence);
  const { you } = ann.welcome;
  const seen = () => bob.states.at(-1).players.find(({ id }) => id === you);
  ann.socket.terminate();
  await bob.until(() => seen().isAway);
  const { x } = seen();
  bob.send({ type: "chat", id: "a", text: "while you were away" });
  await bob.receives("said");
  const { length } = bob.states;
  await bob.until(() => bob.states.length >= length + 3);
  assert.equal(seen().x, x, "a disconnected player rests");

  const received = ann.received.length;
  await ann.resume();
  await ann.receives("chat", ({ text }) => text === "while you were away");
  await bob.until(() => !seen().isAway && (seen().x - x) * sign > 14);
  assert.equal(seen().sequence, sequence);
  const types = ann.received.slice(received).map(({ type }) => type);
  // "scored" if a dot was on the way.
  const others = types.filter((type) => type !== "scored");
  assert.deepEqual(others, ["chat"], "no other welcome");
  ann.send({ type: "chat", id: "b", text: "here again" });
  await bob.receives("chat", ({ text }) => text === "here again");
});

test("a player who ends the session leaves at once", async (t) => {
  const server = await serveGame(t);
  const ann = await GameClient.join(t, server, "Ann");
  const bob = await GameClient.join(t, server, "Bob");
  ann.control("X");
  assert.equal((await ann.closed).code, 1000);
  await bob.receives("left", ({ player }) => player === ann.welcome.you);
});

test("a player who is not back in time has left, and has their score on a later join", async (t) => {
  const server = await serveGame(t, { grace: 100 });
  const key = newKey();
  const ann = await GameClient.join(t, server, "Ann", { key });
  const bob = await GameClient.join(t, server, "Bob");
  await ann.collect(1);
  const { score } = ann.me;
  const { you } = ann.welcome;
  ann.socket.terminate();
  await bob.receives("left", ({ player }) => player === you);
  await bob.until(() => bob.states.at(-1).players.length === 1);
  const again = await GameClient.join(t, server, "Ann", { key });
  const mine = again.welcomed;
  assert.ok(mine.score >= score);
});

test("the same key on another connection replaces the first", async (t) => {
  const server = await serveGame(t);
  const key = newKey();
  const one = await GameClient.join(t, server, "Ann", { key });
  const other = await GameClient.join(t, server, "Ann", { key });
  assert.equal(other.welcome.you, one.welcome.you);
  assert.deepEqual(await one.closed, {
    code: 4001,
    reason: "the same key has connected again",
  });
  const { length } = other.states;
  await other.until(() => other.states.length > length);
  assert.equal(other.states.at(-1).players.length, 1);
  assert.equal(other.me.isAway, false);
});
