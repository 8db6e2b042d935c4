// The room of examples/session-python over a network that fails at random.
import assert from "node:assert/strict";
import { test } from "node:test";
import { newSeed, seeded } from "../../support/random.mjs";
import { Waiting } from "../../support/until.mjs";
import { CuttingProxy } from "../support/cutting-proxy.mjs";
import { PythonServer } from "../support/python-server.mjs";
import { ReferenceClient } from "../support/reference-client.mjs";

const room = new URL("../../../examples/session-python/server.py", import.meta.url);
const names = ["ada", "bob", "eve"];
/** Lines of a member that have not come back; more wait. */
const underWay = 30;
/** Lines that may be said while somebody hears none: the server keeps 1000 for everyone. */
const ahead = 300;
/** Milliseconds for hundreds of connections, a few seconds on an idle machine. */
const patience = 45_000;

/** Somebody who talks all the time, and checks everything that comes. */
class Member {
  /** Lines said, and those of them that have come back or were lost. */
  said = 0;
  heard = 0;
  losses = 0;
  /** The number of the last line in this epoch. */
  last;
  isQuiet = false;
  faults = [];
  /** How many lines everybody had said when this one last heard something. */
  seen = 0;
  #name;
  #client;
  #everybody;
  #waiting;
  /** The last line of each member, over all epochs. */
  #lines = new Map();
  /** Own lines that are under way. */
  #open = new Set();

  constructor(t, url, name, everybody, waiting) {
    this.#name = name;
    this.#everybody = everybody;
    everybody.push(this);
    this.#waiting = waiting;
    this.#client = new ReferenceClient(`${url}/?name=${name}`);
    t.after(() => this.#client.stop());
    this.#client.onmessage = (data) => this.#hear(JSON.parse(data));
    this.#client.onlost = () => this.#lose();
    this.talk();
  }

  get isDone() {
    return this.#open.size === 0;
  }

  talk() {
    while (!this.isQuiet && this.#open.size < underWay) {
      const slowest = Math.min(...this.#everybody.map(({ seen }) => seen));
      if (this.#open.size > 0 && totalOf(this.#everybody) - slowest >= ahead) return;
      this.#open.add(++this.said);
      this.#client.send(`${this.said} ${"x".repeat(this.said % 50)}`);
    }
  }

  #hear({ number, name, text }) {
    const line = Number.parseInt(text, 10);
    if (this.last !== undefined && number !== this.last + 1) {
      this.faults.push(`${this.#name}: line ${number} after ${this.last}`);
    }
    this.last = number;
    const before = this.#lines.get(name) ?? 0;
    // A line may be missing only where an epoch has ended, or where one was not there yet.
    const isNext = this.losses === 0 && this.#lines.has(name) ? line === before + 1 : line > before;
    if (!isNext) this.faults.push(`${this.#name}: ${name}'s line ${line} after ${before}`);
    this.#lines.set(name, line);
    if (name === this.#name) {
      if (this.losses === 0 && line !== this.heard + 1) {
        this.faults.push(`${this.#name}: own line ${line} after ${this.heard}`);
      }
      this.heard = line;
      this.#open.delete(line);
    }
    this.#note();
  }

  #note() {
    this.seen = totalOf(this.#everybody);
    for (const member of this.#everybody) member.talk();
    this.#waiting.look();
  }

  #lose() {
    ++this.losses;
    this.last = undefined;
    // Those that were acknowledged may have come to nobody, since the server has died.
    this.#open.clear();
    this.#note();
  }
}

const totalOf = (members) => members.reduce((sum, { said }) => sum + said, 0);

async function runChaos(t, seed, disturb) {
  const server = await PythonServer.start(t, room, "0");
  const random = seeded(seed);
  const proxy = await CuttingProxy.start(t, server.port, random);
  const waiting = new Waiting();
  const url = `ws://127.0.0.1:${proxy.port}`;
  const members = [];
  for (const name of names) new Member(t, url, name, members, waiting);
  const describe = () =>
    `seed ${seed}, ${JSON.stringify(proxy.cuts)}, ${JSON.stringify(members, ["said", "heard", "last", "losses", "faults"])}`;
  const until = (condition) =>
    waiting.until(
      () => members.some(({ faults }) => faults.length > 0) || condition(),
      describe,
      patience,
    );

  await disturb({ server, proxy, members, random, until });
  for (const member of members) member.isQuiet = true;
  proxy.calm();
  await until(() => members.every(({ isDone }) => isDone));
  // Everybody has also heard the lines of the others: all have the same last one.
  await until(() => new Set(members.map(({ last }) => last)).size === 1);
  assert.deepEqual(
    members.flatMap(({ faults }) => faults),
    [],
    describe(),
  );
  t.diagnostic(describe());
  return { members, proxy, describe };
}

test("over hundreds of cut connections nothing is lost, nothing comes twice, all in order", async (t) => {
  const cuts = 400;
  const { members, describe } = await runChaos(t, newSeed(), ({ proxy, until }) =>
    until(() => proxy.total >= cuts),
  );
  for (const { said, heard, losses } of members) {
    assert.equal(losses, 0, describe());
    assert.equal(heard, said, describe());
  }
  assert.equal(members[0].last, totalOf(members), describe());
});

test("where the server is killed the loss is reported, and nothing comes twice", async (t) => {
  const kills = 6;
  const { members, describe } = await runChaos(t, newSeed(), async (chaos) => {
    const { server, members, random, until } = chaos;
    for (let killed = 1; killed <= kills; ++killed) {
      // At some moment between two lines of everybody.
      const marks = members.map(({ heard }) => heard + 1 + random(100));
      await until(() => members.every(({ heard }, at) => heard >= marks[at]));
      await server.kill();
      await server.restart(room, String(server.port));
      await until(() => members.every(({ losses }) => losses >= killed));
    }
  });
  for (const { losses } of members) assert.equal(losses, kills, describe());
});
