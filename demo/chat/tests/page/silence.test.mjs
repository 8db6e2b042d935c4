// The chat's page in a network that silently loses data.
import assert from "node:assert/strict";
import { test } from "node:test";
import { SilentProxy } from "../../../../tests/support/silent-proxy.mjs";
import { Person } from "../support/person.mjs";
import { ChatServer } from "../support/server.mjs";

/** Ann, behind a proxy, and Bob. */
async function setUp(t) {
  const server = await ChatServer.start(t);
  const proxy = await SilentProxy.start(t, server.port);
  const ann = await Person.join(t, { url: `http://localhost:${proxy.port}/` }, "Ann");
  const bob = await Person.join(t, server, "Bob");
  await ann.sees("Bob joined.");
  // The heartbeat may take 20 s.
  ann.tab.deadline = bob.tab.deadline = 30_000;
  return { proxy, ann, bob };
}

test("a network that goes silent is detected within 20 seconds", async (t) => {
  const { proxy, ann, bob } = await setUp(t);
  proxy.silence();
  const began = performance.now();
  await ann.says("into the void");
  await ann.tab.sees('[data-stat="lastClose"]', "1006");
  // Plus the delay of a busy machine.
  assert.ok(performance.now() - began < 20_000 + 2_000);
  // It was repeated on another connection.
  await bob.hasReceived("into the void");
  await ann.says("back");
  await bob.hasReceived("back");
  assert.deepEqual(await bob.texts(), ["into the void", "back"]);
});

test("a network that loses sent data is detected within 15 seconds, although data arrives", async (t) => {
  const { proxy, ann, bob } = await setUp(t);
  proxy.loseSent();
  const began = performance.now();
  await ann.says("into the void");
  let isNoticed = false;
  const noticed = ann.tab.sees('[data-stat="lastClose"]', "1006").then(() => {
    isNoticed = true;
  });
  for (let i = 0; !isNoticed; ++i) {
    await bob.says(`heard ${i}`);
    await Promise.race([ann.hasReceived(`heard ${i}`), noticed]);
  }
  // Plus the delay of a busy machine.
  assert.ok(performance.now() - began < 15_000 + 2_000);
  await bob.hasReceived("into the void");
});
