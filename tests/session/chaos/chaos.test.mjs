// Connections and servers are killed at random moments: every message is handled exactly once and
// in order, or is reported. `SEED=… node --test` repeats a run's choices.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { limitTests } from "../../support/limit.mjs";
import { newSeed } from "../../support/random.mjs";
import { browserClients } from "./browser-client.mjs";
import { nativeClient } from "./native-client.mjs";
import { nodeClient, run } from "./run.mjs";

// Hundreds of connections, one after the other, in five engines.
limitTests(180_000);

const seed = newSeed();
const results = [];
const clients = [nodeClient, ...browserClients, nativeClient];

function check(result) {
  results.push(result);
  const { lost, twice, disordered, falselyDelivered } = result;
  const message = `SEED=${seed}`;
  assert.deepEqual(
    { lost, twice, disordered, falselyDelivered },
    { lost: 0, twice: 0, disordered: 0, falselyDelivered: 0 },
    message,
  );
  for (const { errors, states } of result.clients) {
    assert.equal(errors["malformed session frame"], undefined, message);
    assert.equal(states.unsupported, undefined);
  }
}

for (const client of clients) {
  test(`${client.name}: with a session nothing is lost, repeated or out of order`, async (t) => {
    const result = await run(t, client, { mode: "memory", kills: 250, seed });
    check(result);
    assert.equal(result.reported, 0);
    for (const { states } of result.clients) assert.equal(states.lost, undefined);
  });
}

for (const client of clients) {
  test(`${client.name}: when a server is killed, messages that may be lost are reported`, async (t) => {
    const result = await run(t, client, { mode: "memory", kills: 40, restarts: 5, seed });
    check(result);
    for (const { states } of result.clients) assert.ok(states.lost > 0);
  });

  test(`${client.name}: when a server with a store is killed, nothing is lost`, async (t) => {
    const result = await run(t, client, { mode: "store", kills: 40, restarts: 5, seed });
    check(result);
    assert.equal(result.reported, 0);
    for (const { states } of result.clients) assert.equal(states.lost, undefined);
  });
}

for (const client of clients) {
  test(`${client.name}: without a session messages are lost, for comparison`, async (t) => {
    const result = await run(t, client, { mode: "plain", kills: 100, seed });
    results.push(result);
    assert.ok(result.lost > 0);
  });
}

const servers = {
  memory: "session",
  store: "session, store",
  plain: "no session",
};

after(() => {
  const rows = results.map((one) => [
    one.client,
    servers[one.mode],
    one.kills,
    one.clients.reduce((sum, { states }) => sum + (states.resumed ?? 0), 0),
    one.restarts,
    one.up,
    one.down,
    one.lost,
    one.reported,
    one.twice,
    one.disordered,
  ]);
  const head = ["engine", "", "kills", "resumed", "restarts", "to the server", "to the client"];
  const table = [[...head, "lost", "reported", "twice", "out of order"], ...rows];
  const widths = table[0].map((_, at) => Math.max(...table.map((row) => String(row[at]).length)));
  for (const row of table) {
    const cells = row.map((cell, at) =>
      at < 2 ? cell.padEnd(widths[at]) : String(cell).padStart(widths[at]),
    );
    console.log(cells.join("  "));
  }
  const kills = results
    .filter(({ mode }) => mode !== "plain")
    .reduce((sum, one) => sum + one.kills, 0);
  console.log(`${kills} connections with a session were killed. SEED=${seed}`);
});
