// Properties of the chat's journal in Redis: Redis dies, is empty or unreachable, and processes die
// or are blocked.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { freePort } from "../../../../tests/support/daemon.mjs";
import { newSeed, seeded } from "../../../../tests/support/random.mjs";
import { SilentProxy } from "../../../../tests/support/silent-proxy.mjs";
import { ann, ben, chat, Place, range, WatchedJournal } from "./journals.mjs";

const hasPublished = (watched, line) => () => watched.lines.includes(line);
const isDown = (watched) => () => !watched.journal.isUp;
const isUp = (watched) => () => watched.journal.isUp;

test("while Redis is killed and restarted, nothing is lost or repeated, in one order", async (t) => {
  const seed = newSeed();
  t.diagnostic(`SEED=${seed}`);
  const below = seeded(seed);
  const place = await Place.make(t, "redis");
  const both = await place.openTwo();
  const [one, other] = both;
  await one.journal.join(ann, "c1");
  await other.journal.join(ben, "c2");
  const answers = [];
  let isOver = false;
  // With and without a ref, and many at once.
  const talk = async ({ journal }, from) => {
    for (let i = 0; !isOver; i++) {
      const burst = range(1 + below(20)).map((n) =>
        journal.say(chat(from, `${i}-${n}`, n % 2 === 0 ? `${i}-${n}` : undefined)),
      );
      for (const answer of await Promise.all(burst)) answers.push(answer);
    }
  };
  const talks = [talk(one, ann), talk(other, ben)];
  for (let kill = 0; kill < 8; kill++) {
    const enough = one.published.length + 1 + below(300);
    await one.until(() => one.published.length >= enough);
    await place.redis.kill(below(3) === 0 ? "SIGTERM" : "SIGKILL");
    await Promise.all(both.map((watched) => watched.until(isDown(watched))));
    await place.redis.restart();
  }
  isOver = true;
  await Promise.all(talks);
  await one.journal.say(chat(ann, "end"));
  await Promise.all(both.map((watched) => watched.until(hasPublished(watched, "Ann: end"))));
  assert.deepEqual(one.published, other.published, `SEED=${seed}`);
  const positions = one.published.map(({ position }) => position);
  assert.equal(new Set(positions).size, positions.length);
  assert.deepEqual(
    answers.map(({ position }) => position).sort(),
    one.published
      .slice(2, -1)
      .map(({ position }) => position)
      .sort(),
    `SEED=${seed}`,
  );
  for (const user of [ann, ben]) {
    const said = one.published.filter(
      ({ from, message }) => from?.id === user.id && message !== "end",
    );
    const numbers = said.map(({ message }) => message.split("-").map(Number));
    const sorted = numbers.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
    assert.deepEqual(numbers, sorted, `SEED=${seed}`);
    assert.equal(new Set(said.map(({ message }) => message)).size, said.length, `SEED=${seed}`);
  }
  // A new process reads the same.
  const third = await place.open({ recent: 100_000 });
  assert.deepEqual(third.entries, one.published);
});

test("an unreachable Redis is reported, and messages wait", async (t) => {
  const place = await Place.make(t, "redis");
  const one = await place.open();
  assert.equal(one.journal.isUp, true);
  await place.redis.kill();
  await one.until(isDown(one));
  const joined = one.journal.join(ann, "c1");
  const said = one.journal.say(chat(ann, "hello"));
  const left = one.journal.leave("a", "c1");
  await place.redis.restart();
  await Promise.all([joined, said, left]);
  assert.deepEqual(one.lines, ["user-join Ann", "Ann: hello", "user-leave Ann"]);
  await one.until(isUp(one));
  assert.deepEqual(one.ups, [false, true]);
  assert.match(one.errors[0].message, new RegExp(`^Redis at 127.0.0.1:${place.redis.port} `));
});

test("messages that wait for Redis when the journal closes are rejected at once", async (t) => {
  const place = await Place.make(t, "redis");
  const one = await place.open();
  await place.redis.kill();
  await one.until(isDown(one));
  const refused = assert.rejects(one.journal.say(chat(ann, "hello")), { name: "JournalError" });
  await one.journal.close();
  await refused;
  assert.deepEqual(one.lines, []);
});

test("an empty Redis restarts the journal: users stay, entries are forgotten", async (t) => {
  const place = await Place.make(t, "redis");
  const both = await place.openTwo();
  const [one, other] = both;
  await one.journal.join(ann, "c1");
  await other.journal.join(ben, "c2");
  await other.journal.say(chat(ben, "before"));
  await one.until(hasPublished(one, "Ben: before"));
  const before = one.published.at(-1).position;
  const published = both.map((watched) => watched.published.length);
  const ends = both.map(({ journal }) => journal.entries.end);
  await place.redis.kill();
  await place.redis.empty();
  await Promise.all(both.map((watched) => watched.until(isDown(watched))));
  await place.redis.restart();
  await one.journal.say(chat(ann, "after", "1"));
  for (const [i, watched] of both.entries()) {
    // Both have registered again by then, in some order.
    await watched.until(() => watched.published.length === published[i] + 3);
    const lines = ["Ann: after", "user-join Ann", "user-join Ben"];
    assert.deepEqual(watched.lines.slice(published[i]).sort(), lines);
    assert.deepEqual(watched.names, ["Ann", "Ben"]);
    assert.deepEqual(watched.entries, watched.published.slice(published[i]));
    assert.equal(watched.journal.entries.begin, ends[i]);
    assert.equal(watched.journal.entries.indexAfter(before), undefined);
    assert.deepEqual(watched.moved, []);
  }
  assert.deepEqual(one.published.slice(published[0]), other.published.slice(published[1]));
  assert.equal((await other.journal.say(chat(ann, "after", "1"))).isNew, false);
});

test("emptying a running Redis restarts the journal, too", async (t) => {
  const place = await Place.make(t, "redis");
  const one = await place.open();
  await one.journal.join(ann, "c1");
  await place.redis.command("FLUSHALL");
  await one.journal.say(chat(ann, "after"));
  assert.deepEqual(one.lines, ["user-join Ann", "user-join Ann", "Ann: after"]);
  assert.deepEqual(one.entries, one.published.slice(1));
  assert.deepEqual(one.names, ["Ann"]);
});

test("all users of a process are registered again, however many", async (t) => {
  const place = await Place.make(t, "redis");
  const one = await place.open();
  const users = range(2500).map((i) => ({ id: `u${i}`, userName: `User ${i}` }));
  await Promise.all(users.map((user) => one.journal.join(user, `c-${user.id}`)));
  await place.redis.command("FLUSHALL");
  await one.journal.say(chat(ann, "after"));
  assert.deepEqual(one.names, users.map(({ userName }) => userName).sort());
  assert.equal(one.published.length, 5001);
});

test("users of a killed process leave after the grace, once, unless they have reconnected", async (t) => {
  const place = await Place.make(t, "redis");
  const child = await place.start({ grace: 3000 });
  await child.call("join", ann, "c1");
  await child.call("join", ben, "c2");
  await child.call("join", { id: "c", userName: "Cid" }, "c3");
  await child.call("leave", "c", "c3");
  const both = await place.openTwo({ grace: 3000 });
  const [one, other] = both;
  await child.kill();
  await other.journal.join(ben, "c4");
  await one.journal.leave("a", "c1-of-somebody-else");
  for (const watched of both) await watched.until(hasPublished(watched, "user-leave Ann"));
  await one.journal.say(chat(ben, "end"));
  for (const watched of both) {
    await watched.until(hasPublished(watched, "Ben: end"));
    assert.deepEqual(watched.lines, ["user-leave Ann", "Ben: end"]);
    assert.deepEqual(watched.names, ["Ben"]);
    assert.deepEqual(watched.moved, [["b", "c4"]]);
  }
});

test("a process blocked for longer than the grace registers again with its users", async (t) => {
  const place = await Place.make(t, "redis");
  const child = await place.start({ grace: 2000 });
  await child.call("join", ann, "c1");
  await child.call("join", ben, "c2");
  const one = await place.open({ grace: 2000 });
  child.signal("SIGSTOP");
  await one.until(() => one.lines.length === 2);
  assert.deepEqual(one.lines.toSorted(), ["user-leave Ann", "user-leave Ben"]);
  // A user has taken a name in the meantime, and another is connected by another process.
  await one.journal.join({ id: "x", userName: "ANN" }, "c3");
  await one.journal.join(ben, "c4");
  child.signal("SIGCONT");
  await child.until(() => child.moved.length === 1);
  assert.deepEqual(child.moved, [["b", "c4"]]);
  await one.until(hasPublished(one, "user-rename Ann 2"));
  assert.deepEqual(one.lines.slice(2), [
    "user-join ANN",
    "user-join Ben",
    "user-join Ann 2",
    "user-rename Ann 2",
  ]);
  assert.equal(one.published.at(-1).previous, "Ann");
  assert.deepEqual(one.names, ["ANN", "Ann 2", "Ben"]);
  // They are registered with the connections that they had.
  await child.call("leave", "a", "c1");
  await child.call("leave", "b", "c2");
  await one.journal.say(chat(ben, "end"));
  assert.deepEqual(one.lines.slice(6), ["user-leave Ann 2", "Ben: end"]);
  await child.until(hasPublished(child, "Ben: end"));
  assert.deepEqual(child.lines.slice(2), one.lines);
});

test("no user leaves while Redis is unreachable for longer than the grace", async (t) => {
  const place = await Place.make(t, "redis");
  const both = await place.openTwo({ grace: 2000 });
  const [one, other] = both;
  await one.journal.join(ann, "c1");
  await other.journal.join(ben, "c2");
  await place.redis.kill();
  // There is no event to wait for: the time itself must have no effect.
  await setTimeout(3000);
  await place.redis.restart();
  await Promise.all(both.map((watched) => watched.until(isUp(watched))));
  await one.journal.say(chat(ann, "end"));
  await other.until(hasPublished(other, "Ann: end"));
  assert.deepEqual(other.lines, ["user-join Ann", "user-join Ben", "Ann: end"]);
});

test("across lost connections everything is published once and in order", async (t) => {
  const place = await Place.make(t, "redis");
  const proxy = await SilentProxy.start(t, place.redis.port);
  const one = await place.open();
  const other = await place.open({ url: `redis://127.0.0.1:${proxy.port}` });
  const said = [];
  for (let i = 0; i < 300; i++) {
    said.push((i % 2 === 0 ? one : other).journal.say(chat(ann, String(i), String(i))));
    if (i % 30 !== 29) continue;
    proxy.reset();
    await Promise.all(said);
  }
  await Promise.all(said);
  for (const watched of [one, other]) await watched.until(() => watched.published.length === 300);
  assert.deepEqual(other.published, one.published);
  assert.deepEqual(
    one.published.map(({ message }) => Number(message)).toSorted((a, b) => a - b),
    range(300),
  );
});

test("a silent connection is replaced", async (t) => {
  const place = await Place.make(t, "redis");
  const proxy = await SilentProxy.start(t, place.redis.port);
  // Longer than its normal silence: 2 s while it waits for entries, 3 s between its beats.
  const one = await place.open({ url: `redis://127.0.0.1:${proxy.port}`, silence: 5000 });
  proxy.silence();
  await one.journal.say(chat(ann, "hello"));
  assert.deepEqual(one.lines, ["Ann: hello"]);
  await one.until(isUp(one));
  assert.deepEqual(one.ups, [false, true]);
});

test("a process that missed deleted entries skips an index", async (t) => {
  const place = await Place.make(t, "redis");
  const proxy = await SilentProxy.start(t, place.redis.port);
  const one = await place.open({ kept: 200 });
  const other = await place.open({ kept: 200, url: `redis://127.0.0.1:${proxy.port}` });
  await one.journal.join(ann, "c1");
  await other.until(hasPublished(other, "user-join Ann"));
  const { end } = other.journal.entries;
  proxy.silence();
  await one.journal.join(ben, "c2");
  await Promise.all(range(1000).map((i) => one.journal.say(chat(ann, String(i)))));
  proxy.reset();
  await other.until(hasPublished(other, "Ann: 999"));
  const { entries } = other.journal;
  assert.ok(entries.begin > end);
  assert.deepEqual(other.entries, one.published.slice(-other.entries.length));
  assert.deepEqual(other.published, [one.published[0], ...other.entries]);
  assert.deepEqual(other.names, ["Ann", "Ben"]);
});

test("an unreachable Redis is reported, without its password", async () => {
  const port = await freePort();
  const url = `redis://user:secret@127.0.0.1:${port}`;
  await assert.rejects(WatchedJournal.open("redis", { url, patience: 500 }), (error) => {
    assert.equal(error.name, "JournalError");
    assert.match(
      error.message,
      new RegExp(`^Redis at 127.0.0.1:${port} cannot be used: .*ECONNREFUSED`),
    );
    assert.ok(!error.message.includes("secret"));
    return true;
  });
  for (const wrong of ["secret", "http://user:secret@host", ""]) {
    await assert.rejects(WatchedJournal.open("redis", { url: wrong }), (error) => {
      assert.equal(error.name, "JournalError");
      assert.ok(!JSON.stringify([error.message, error.stack, error.cause]).includes("secret"));
      return true;
    });
  }
});
