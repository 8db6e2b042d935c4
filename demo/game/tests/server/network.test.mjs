// The bad network that players switch on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../../../tests/support/until.mjs";
import { GameClient } from "../support/client.mjs";
import { GameServer, serveGame } from "../support/server.mjs";

const line = "line-of-ann";

async function order(server, content, headers = {}) {
  const body = typeof content === "string" ? content : JSON.stringify(content);
  const url = `http://127.0.0.1:${server.port}/network`;
  const response = await fetch(url, { method: "POST", body, headers });
  await response.text();
  return response.status;
}

const delay = (latency, jitter = 0) => ({ do: "delay", line, latency, jitter });

/** Milliseconds until a `?` of the session is answered. */
async function roundTrip(client, number) {
  const began = performance.now();
  client.control("?", number);
  await client.until(() => client.controls.some(([type, n]) => type === "!" && n === `${number}`));
  return performance.now() - began;
}

/** Resolves when the client has received so many more states. */
function receivesStates(client, count) {
  const { length } = client.states;
  return client.until(() => client.states.length >= length + count);
}

test("without GAME_CONTROLS every order is refused, and connections are not affected", async (t) => {
  const server = await serveGame(t);
  const response = await fetch(`http://127.0.0.1:${server.port}/network`);
  assert.deepEqual(await response.json(), { isOn: false });
  const ann = await GameClient.join(t, server, "Ann", { line });
  for (const one of [delay(1000), { do: "cut", line }, { do: "silence", line }, { do: "kill" }]) {
    assert.equal(await order(server, one), 404, one.do);
  }
  await receivesStates(ann, 3);
});

test("orders of other sites' pages and malformed ones are refused", async (t) => {
  const server = await serveGame(t, { controls: 1, origins: ["https://game.example.org"] });
  const response = await fetch(`http://127.0.0.1:${server.port}/network`);
  assert.deepEqual(await response.json(), { isOn: true });
  const cut = { do: "cut", line };
  for (const origin of ["http://evil.test", "https://game.example.org", "null"]) {
    assert.equal(await order(server, cut, { Origin: origin }), 403, origin);
  }
  const wrong = ["", "[]", '{"do":"fly"}', { do: "cut" }, { do: "cut", line: "?" }, delay(-1)];
  for (const one of [...wrong, delay(5001), "x".repeat(2000)]) {
    assert.equal(await order(server, one), 400, JSON.stringify(one));
  }
  assert.equal(await order(server, cut, { Origin: `http://127.0.0.1:${server.port}` }), 202);
});

test("latency and jitter delay one player in both directions, and change no order", async (t) => {
  const server = await serveGame(t, { controls: 1 });
  const ann = await GameClient.join(t, server, "Ann", { line });
  const bob = await GameClient.join(t, server, "Bob");
  assert.equal(await order(server, delay(200, 100)), 202);
  const trip = await roundTrip(ann, 1);
  assert.ok(trip >= 200, `${trip} ms`);
  const bobs = await roundTrip(bob, 1);
  assert.ok(bobs < trip, `${bobs} ms`);
  const { length } = ann.states;
  for (let n = 0; n < 20; ++n) ann.send({ type: "chat", id: `${n}`, text: `line ${n}` });
  await ann.receives("said", ({ id }) => id === "19");
  await receivesStates(ann, 10);
  const numbers = ann.states.slice(length).map(({ number }) => number);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => numbers[0] + index),
  );
  const lines = bob.received.filter(({ type }) => type === "chat").map(({ text }) => text);
  assert.deepEqual(
    lines,
    lines.map((_, n) => `line ${n}`),
  );
  assert.equal(lines.length, 20);
});

test("a cut link ends the connection, and the player is back when it works again", async (t) => {
  const server = await serveGame(t, { controls: 1 });
  const ann = await GameClient.join(t, server, "Ann", { line });
  const bob = await GameClient.join(t, server, "Bob");
  assert.equal(await order(server, { do: "cut", line }), 202);
  assert.equal((await ann.closed).code, 1006);
  await bob.until(() => bob.opponent?.isAway);
  await assert.rejects(ann.resume(), /socket hang up|ECONNRESET/);
  let isBack = false;
  const tries = (async () => {
    while (!isBack) {
      isBack = await ann.resume().then(
        () => true,
        () => false,
      );
    }
  })();
  await bob.until(() => !bob.opponent.isAway);
  await tries;
  await receivesStates(ann, 3);
});

test("on a silent link nothing arrives on either side, and the next connection works", async (t) => {
  const server = await serveGame(t, { controls: 1 });
  const ann = await GameClient.join(t, server, "Ann", { line });
  const bob = await GameClient.join(t, server, "Bob");
  await receivesStates(ann, 3);
  assert.equal(await order(server, { do: "silence", line }), 202);
  const { length } = ann.states;
  ann.send({ type: "chat", id: "a", text: "lost" });
  await receivesStates(bob, 5);
  // A state may have been on its way.
  assert.ok(ann.states.length <= length + 1, `${ann.states.length - length} states`);
  assert.equal(ann.socket.readyState, 1);
  assert.equal(bob.opponent.isAway, false, "the server is not notified either");
  assert.ok(!bob.received.some(({ type }) => type === "chat"));
  await ann.resume();
  await receivesStates(ann, 3);
});

test("a killed server is started again on its port, and stops with its supervisor", async (t) => {
  const server = await GameServer.start(t, { GAME_CONTROLS: "1" });
  const ann = await GameClient.join(t, server, "Ann");
  await ann.collect(1);
  const { score } = await ann.receives("scored");
  assert.equal(await order(server, { do: "kill" }), 202);
  assert.equal((await ann.closed).code, 1006);
  const isListening = () => server.logs.filter(({ msg }) => msg === "listening").length === 2;
  await eventually(isListening);
  assert.ok(!server.logs.some(({ msg }) => msg === "stopping"));
  const bob = await GameClient.join(t, server, "Bob");
  const { ranking } = bob.welcome.round;
  assert.ok(score >= 1);
  assert.deepEqual(ranking, []);
  server.signal("SIGTERM");
  assert.equal((await bob.closed).code, 1012);
  assert.deepEqual(await server.ended(), { code: 0, signal: null });
});
