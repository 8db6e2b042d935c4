// The effect of connections that request as much as they can on others, with the default limits,
// and with the server and the flood in processes of their own. The figures of docs/demos/chat.md
// are its diagnostics.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { kill } from "../../../../tests/support/children.mjs";
import { limitTests } from "../../../../tests/support/limit.mjs";
import { once } from "../../../../tests/support/until.mjs";
import { ChatClient } from "../support/client.mjs";
import { ChatServer, spawnNode } from "../support/server.mjs";

// A measurement takes up to `patience` per message where the server does not keep up.
limitTests(180_000);

const script = fileURLToPath(new URL("./flood.mjs", import.meta.url));
/** Milliseconds after which waiting ends. */
const patience = 20_000;

/** Floods until the test ends; resolves when all connections do. */
async function flood(t, server, kind, count) {
  const child = spawnNode(script, [String(server.port), kind, String(count)], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  t.after(() => kill(child));
  await once(child, "message");
}

async function time(action) {
  const began = performance.now();
  const late = new AbortController();
  await Promise.race([action(), wait(patience, undefined, late)]);
  late.abort();
  return performance.now() - began;
}

function summary(times) {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)], longest: sorted.at(-1) };
}

/** Each sends a message, one after another, while /healthz is requested. */
async function measure(server, people) {
  const accepted = [];
  const answered = [];
  let isOver = false;
  const watching = (async () => {
    const ask = async () => (await fetch(`http://127.0.0.1:${server.port}/healthz`)).text();
    while (!isOver) answered.push(await time(ask));
  })();
  for (const person of people) {
    accepted.push(await time(() => person.says("as before")));
    if (accepted.at(-1) >= patience) break;
  }
  isOver = true;
  await watching;
  return { accepted: summary(accepted), health: summary(answered) };
}

/** Measures without and with a flood. `people` have sent little, and receive everything. */
async function compare(t, kind, count) {
  const server = await ChatServer.start(t);
  const people = [];
  for (let n = 0; n < 15; ++n) people.push(await ChatClient.join(t, server, `Person ${n}`));
  const quiet = await measure(server, people);
  await flood(t, server, kind, count);
  const flooded = await measure(server, people);
  for (const [when, { accepted, health }] of Object.entries({ quiet, flooded })) {
    const shown = ({ median, longest }) => `${median.toFixed(1)}, longest ${longest.toFixed(1)}`;
    t.diagnostic(`${when}: accepted in ms: ${shown(accepted)}; /healthz: ${shown(health)}`);
  }
  return { people, quiet, flooded };
}

/** True if each broadcast entry of the journal arrived once and in order. */
function checkOrder({ received }) {
  const numbers = received
    .filter(({ type, position }) => position !== undefined && !/welcome|accepted/.test(type))
    .map(({ position }) => Number(position.split("-").at(-1)));
  const first = numbers[0];
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => first + index),
  );
  return numbers.length;
}

test("a connection that sends pings as fast as it can does not delay another's messages", async (t) => {
  const { quiet, flooded } = await compare(t, "ping", 1);
  assert.ok(flooded.accepted.median < 100 + 10 * quiet.accepted.median);
  assert.ok(flooded.health.median < 100 + 10 * quiet.health.median);
});

test("while 200 users send at the limit, another's message and /healthz are answered in time", async (t) => {
  const { people, flooded } = await compare(t, "talk", 200);
  assert.ok(flooded.accepted.median < 1500, `${flooded.accepted.median} ms`);
  assert.ok(flooded.health.longest < 3000, `${flooded.health.longest} ms`);
  for (const person of people) assert.ok(checkOrder(person) > 200);
});

test("while 950 users join at once, another's message and /healthz are answered in time", async (t) => {
  const { people, flooded } = await compare(t, "join", 950);
  assert.ok(flooded.accepted.longest < 1500, `${flooded.accepted.longest} ms`);
  assert.ok(flooded.health.longest < 1500, `${flooded.health.longest} ms`);
  const [ann] = people;
  await ann.receives(({ type, online }) => type === "user-join" && online === people.length + 950);
  checkOrder(ann);
});
