// The order of the requests of many connections, without connections.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue, Flow } from "../../server/fair-queue.mjs";

/** Lets the queue continue as far as it can: it yields at the end of its time slice. */
async function turns() {
  for (let n = 0; n < 5; ++n) await new Promise(setImmediate);
}

/**
 * A queue whose requests run until the test ends them; `running` are in progress, `order` has all
 * so far.
 */
function watch(capacity) {
  const queue = new FairQueue(capacity);
  const running = new Map();
  const order = [];
  const ask = async (name, flow, cost = 1) => {
    running.set(
      name,
      queue.acquire(flow, () => cost),
    );
    await running.get(name);
    order.push(name);
  };
  const end = async (name) => {
    queue.release(await running.get(name));
    await turns();
  };
  return { order, ask, end };
}

test("a client without earlier requests is next, before all waiting ones", async () => {
  const { order, ask, end } = watch(1);
  const flows = Array.from({ length: 5 }, () => new Flow());
  for (const [n, flow] of flows.entries()) {
    void ask(`${n} first`, flow);
    void ask(`${n} second`, flow);
  }
  for (const n of flows.keys()) await end(`${n} first`);
  void ask("silent", new Flow());
  assert.deepEqual(order.slice(5), ["0 second"]);
  await end("0 second");
  assert.deepEqual(order.slice(5), ["0 second", "silent"]);
  await end("silent");
  assert.deepEqual(order.slice(7), ["1 second"]);
});

test("no more than the capacity runs at one time, and a request that costs more runs alone", async () => {
  const { order, ask, end } = watch(10);
  for (const [name, cost] of [
    ["a", 4],
    ["b", 6],
    ["c", 25],
    ["d", 1],
  ]) {
    void ask(name, new Flow(), cost);
  }
  await turns();
  assert.deepEqual(order, ["a", "b"]);
  await end("a");
  assert.deepEqual(order, ["a", "b"]);
  await end("b");
  assert.deepEqual(order, ["a", "b", "c"]);
  await end("c");
  assert.deepEqual(order, ["a", "b", "c", "d"]);
});

test("flows that always wait are served in proportion to cost and weight", async () => {
  const { order, ask, end } = watch(1);
  const flows = { light: new Flow(), dear: new Flow(), heavy: new Flow(4) };
  for (let n = 0; n < 100; ++n) {
    for (const [name, flow] of Object.entries(flows)) {
      void ask(`${name} ${n}`, flow, name === "dear" ? 2 : 1);
    }
  }
  await turns();
  for (let n = 0; n < 110; ++n) await end(order.at(-1));
  const share = (name) => order.filter((one) => one.startsWith(name)).length;
  assert.ok(Math.abs(share("light") - 20) <= 1, `${share("light")}`);
  assert.ok(Math.abs(share("dear") - 10) <= 1, `${share("dear")}`);
  assert.ok(Math.abs(share("heavy") - 80) <= 2, `${share("heavy")}`);
});
