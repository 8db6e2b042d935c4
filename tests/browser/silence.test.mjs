// The demo page in a network that loses its way: nothing tells that it does.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatServer, Person } from "../support/chat.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";

test("a network that falls silent is noticed within 20 seconds", async (t) => {
  const server = await ChatServer.start(t);
  const proxy = await SilentProxy.start(t, server.port);
  const ann = await Person.join(t, { url: `http://localhost:${proxy.port}/` }, "Ann");
  const bob = await Person.join(t, server, "Bob");
  await ann.sees("Bob joined.");
  proxy.silence();
  const began = performance.now();
  await ann.says("into the void");
  // What was on its way is marked when the connection is given up; the wait can be short.
  await ann.page.locator('[data-delivery="unconfirmed"]').getByText("not confirmed").waitFor();
  // And what a busy machine adds.
  assert.ok(performance.now() - began < 20_000 + 2_000);
  await ann.says("back");
  await bob.hasHeard("back");
  assert.deepEqual(await bob.texts(), ["back"]);
});
