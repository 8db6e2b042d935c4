// Delivery of new entries to many listeners, without connections.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Broadcaster } from "../../server/broadcaster.mjs";

/** Delivers numbers up to `end` to listeners, each with its own list. */
function broadcast(count, work = () => {}) {
  const listeners = Array.from({ length: count }, () => []);
  const journal = { end: 0 };
  const broadcaster = new Broadcaster({
    listeners: () => listeners,
    *deliver(list) {
      const { end } = journal;
      while (list.length < end) {
        work();
        list.push(list.length);
        yield;
      }
    },
  });
  const publish = () => {
    journal.end += 1;
    broadcaster.publish();
  };
  return { listeners, broadcaster, publish };
}

test("a long delivery yields to the event loop every few milliseconds", async () => {
  const work = () => {
    const end = performance.now() + 2;
    while (performance.now() < end);
  };
  const { listeners, broadcaster, publish } = broadcast(100, work);
  publish();
  let turns = 0;
  let isDelivered = false;
  void broadcaster.delivered().then(() => {
    isDelivered = true;
  });
  while (!isDelivered) {
    await new Promise(setImmediate);
    turns += 1;
  }
  // Each slice has at most three of the hundred.
  assert.ok(turns >= 33, `${turns} turns`);
  assert.ok(listeners.every((list) => list.length === 1));
});

test("entries published during a delivery reach all, once and in order", async () => {
  let deliveries = 0;
  const { listeners, broadcaster, publish } = broadcast(50, () => {
    deliveries += 1;
    if (deliveries % 7 === 0 && deliveries < 700) publish();
  });
  publish();
  await broadcaster.delivered();
  const lengths = new Set(listeners.map((list) => list.length));
  assert.ok(Math.min(...lengths) >= 1);
  while (deliveries < 50 * 100) await broadcaster.delivered();
  for (const list of listeners) assert.deepEqual(list, [...Array(100).keys()]);
});

test("delivered resolves when all earlier entries are delivered, and at once without any", async () => {
  const { listeners, broadcaster, publish } = broadcast(3);
  await broadcaster.delivered();
  publish();
  publish();
  const both = broadcaster.delivered();
  assert.ok(listeners.every((list) => list.length === 0));
  await both;
  assert.ok(listeners.every((list) => list.length === 2));
});
