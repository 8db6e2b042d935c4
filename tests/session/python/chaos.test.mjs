// The room of examples/session-python over a randomly failing network.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newSeed, seeded } from "../../support/random.mjs";
import { Waiting } from "../../support/until.mjs";
import { CuttingProxy } from "../support/cutting-proxy.mjs";
import { PythonServer } from "../support/python-server.mjs";
import { ReferenceClient } from "../support/reference-client.mjs";

const room = new URL("../../../examples/session-python/server.py", import.meta.url);
const names = ["ada", "bob", "eve"];
/** The limit of a member's unechoed lines. */
const maxOpen = 30;
/** The lead of all lines over the slowest member: the server keeps 1000 for each. */
const maxLead = 300;
/** Milliseconds for hundreds of connections: a few seconds on an idle machine. */
const patience = 45_000;

/** A member that sends lines continuously, and checks all that it receives. */
class Member {
  /** The numbers of the last line sent, and of the last own line received. */
  sent = 0;
  received = 0;
  losses = 0;
  /** The number of the last received line in this epoch. */
  last;
  isStopped = false;
  faults = [];
  #name;
  #client;
  #members;
  #waiting;
  /** The last received line of each member, over all epochs. */
  #lines = new Map();
  /** The lines of each member that this one has received, or lost with its session. */
  #settled = new Map();
  /** Own lines that were not received yet. */
  #open = new Set();

  constructor(t, url, name, members, waiting) {
    this.#name = name;
    this.#members = members;
    members.push(this);
    this.#waiting = waiting;
    this.#client = new ReferenceClient(`${url}/?name=${name}`);
    t.after(() => this.#client.stop());
    this.#client.onmessage = (data) => this.#receive(JSON.parse(data));
    this.#client.onlost = () => this.#lose();
    this.sendLines();
  }

  get isDone() {
    return this.#open.size === 0;
  }

  /** The number of lines that are not to be sent to this member any more. */
  get settled() {
    return [...this.#settled.values()].reduce((sum, line) => sum + line, 0);
  }

  sendLines() {
    while (!this.isStopped && this.#open.size < maxOpen) {
      const slowest = Math.min(...this.#members.map(({ settled }) => settled));
      if (totalOf(this.#members) - slowest >= maxLead) return;
      this.#open.add(++this.sent);
      this.#client.send(`${this.sent} ${"x".repeat(this.sent % 50)}`);
    }
  }

  #receive({ number, name, text }) {
    const line = Number.parseInt(text, 10);
    if (this.last !== undefined && number !== this.last + 1) {
      this.faults.push(`${this.#name}: line ${number} after ${this.last}`);
    }
    this.last = number;
    const before = this.#lines.get(name) ?? 0;
    // Lines may be missing only at the end of an epoch, or before the first one received.
    const isNext = this.losses === 0 && this.#lines.has(name) ? line === before + 1 : line > before;
    if (!isNext) this.faults.push(`${this.#name}: ${name}'s line ${line} after ${before}`);
    this.#lines.set(name, line);
    this.#settled.set(name, Math.max(line, this.#settled.get(name) ?? 0));
    if (name === this.#name) {
      if (this.losses === 0 && line !== this.received + 1) {
        this.faults.push(`${this.#name}: own line ${line} after ${this.received}`);
      }
      this.received = line;
      this.#open.delete(line);
    }
    this.#update();
  }

  #update() {
    for (const member of this.#members) member.sendLines();
    this.#waiting.look();
  }

  #lose() {
    ++this.losses;
    this.last = undefined;
    // The server was killed, so it may have acknowledged lines that it sent to no member.
    this.#open.clear();
    for (const member of this.#members) this.#settled.set(member.#name, member.sent);
    this.#update();
  }
}

const totalOf = (members) => members.reduce((sum, { sent }) => sum + sent, 0);

async function runChaos(t, seed, disturb) {
  const server = await PythonServer.start(t, room, "0");
  const random = seeded(seed);
  const proxy = await CuttingProxy.start(t, server.port, random);
  const waiting = new Waiting();
  const url = `ws://127.0.0.1:${proxy.port}`;
  const members = [];
  for (const name of names) new Member(t, url, name, members, waiting);
  const describe = () =>
    `seed ${seed}, ${JSON.stringify(proxy.cuts)}, ${JSON.stringify(members, ["sent", "received", "last", "losses", "faults"])}`;
  const until = (condition) =>
    waiting.until(
      () => members.some(({ faults }) => faults.length > 0) || condition(),
      describe,
      patience,
    );

  await disturb({ server, proxy, members, random, until });
  for (const member of members) member.isStopped = true;
  proxy.calm();
  await until(() => members.every(({ isDone }) => isDone));
  // All members have received all lines: the last one is the same.
  await until(() => new Set(members.map(({ last }) => last)).size === 1);
  assert.deepEqual(
    members.flatMap(({ faults }) => faults),
    [],
    describe(),
  );
  t.diagnostic(describe());
  return { members, proxy, describe };
}

test("over hundreds of cut connections nothing is lost, repeated or out of order", async (t) => {
  const cuts = 400;
  const { members, describe } = await runChaos(t, newSeed(), ({ proxy, until }) =>
    until(() => proxy.total >= cuts),
  );
  for (const { sent, received, losses } of members) {
    assert.equal(losses, 0, describe());
    assert.equal(received, sent, describe());
  }
  assert.equal(members[0].last, totalOf(members), describe());
});

test("when the server is killed the loss is reported, and nothing is repeated", async (t) => {
  const kills = 6;
  const { members, describe } = await runChaos(t, newSeed(), async (chaos) => {
    const { server, members, random, until } = chaos;
    for (let killed = 1; killed <= kills; ++killed) {
      // At a random moment between the members' lines.
      const marks = members.map(({ received }) => received + 1 + random(100));
      await until(() => members.every(({ received }, at) => received >= marks[at]));
      await server.kill();
      await server.restart(room, String(server.port));
      await until(() => members.every(({ losses }) => losses >= killed));
    }
  });
  for (const { losses } of members) assert.equal(losses, kills, describe());
});
