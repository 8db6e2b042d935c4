// The examples that are programs, by what they print.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "../support/command.mjs";
import { limitTests } from "../support/limit.mjs";
import { copyExample, Example, variables } from "./example.mjs";

limitTests(120_000);

test("token-refresh: an invalid and an expired token are replaced", async (t) => {
  const example = new Example(t, copyExample("token-refresh"));
  await example.prints(/closed with 4401 \(invalid token\), retrying\nfetched .*\nlogged in/);
  // The second one closes a stable connection.
  await example.prints(/closed with 4401 \(token expired\), retrying\nfetched .*\nlogged in/);
  assert.doesNotMatch(example.output, /fatal|giving up/);
});

test("request-response: a reply, an error reply, a timeout, and a request of the server", async (t) => {
  const example = new Example(t, copyExample("request-response"));
  assert.equal(await example.exits(), 0, example.output);
  assert.match(example.output, /"a":6,"b":3}: 2$/m);
  assert.match(example.output, /"a":6,"b":0}: failed, division by zero$/m);
  assert.match(example.output, /"wait"}: timeout, /);
  for (const b of [1, 2, 4]) assert.match(example.output, new RegExp(`"b":${b}}: ${8 / b}$`, "m"));
  assert.match(example.output, /the client's version is v\d/);
});

test("binary: bytes are sent and received", async (t) => {
  const example = new Example(t, copyExample("binary"));
  assert.equal(await example.exits(), 0, example.output);
  assert.match(example.output, /stored: 256 bytes of roof, checksum ok/);
});

test("sessions: every order is saved once, in order, although the server is killed twice", async (t) => {
  const folder = copyExample("sessions");
  const example = new Example(t, folder);
  let last = 2;
  for (let kills = 0; kills < 2; ++kills) {
    await example.prints(new RegExp(`order ${last}: delivered`));
    await example.killServer();
    const [, waiting] = await example.prints(/order (\d+): queued/, example.output.length);
    await example.startServer();
    last = Number(waiting);
    await example.prints(new RegExp(`order ${last}: delivered`));
  }
  const { orders } = JSON.parse(readFileSync(join(folder, "orders.json"), "utf8"));
  assert.ok(orders.length >= last);
  assert.deepEqual(
    orders,
    orders.map((_, index) => `order ${index + 1}`),
  );
  assert.match(example.output, /session: resumed/);
  assert.doesNotMatch(example.output, /session: lost|: dropped/);
});

test("node-service: it follows the feed over a killed server, and SIGTERM sends what waits", async (t) => {
  const example = new Example(t, copyExample("node-service"));
  const [, pid] = await example.prints(/kill -TERM (\d+)/);
  const [, health] = await example.prints(/health on (http:\S+)/);
  await example.prints(/5 prices/);
  assert.equal((await fetch(health)).status, 200);
  await example.killServer();
  await example.prints(/waiting, next attempt/);
  assert.equal((await fetch(health)).status, 503);
  await example.startServer();
  await example.prints(/\d+ prices/, example.output.length);
  process.kill(Number(pid), "SIGTERM");
  assert.equal(await example.exits(), 0, example.output);
  assert.match(example.output, /\[server\] alert: the service is stopping after \d+ prices/);
  assert.match(example.output, /stopped after \d+ prices/);
});

test("vitest: its tests pass", async (t) => {
  const command = new Command(t, copyExample("vitest"), "npm", ["test"], variables);
  assert.equal(await command.exits(), 0, command.output);
  assert.match(command.output, /Tests +3 passed/);
});
