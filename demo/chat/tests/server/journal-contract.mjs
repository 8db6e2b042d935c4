// The contract of the chat's journal, in a folder and in Redis; in Redis with two processes at
// once. Each kind has a file of its own that runs it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ann, ben, chat, lineOf, Place } from "./journals.mjs";

const isSaid = (watched, line) => () => watched.lines.includes(line);
/** Resolves when both have published the same up to this line. */
async function agree(one, other, line) {
  await one.until(isSaid(one, line));
  await other.until(isSaid(other, line));
  assert.deepEqual(one.published, other.published);
}

const stories = [];

/** A test of every kind of journal. */
function contract(sentence, story) {
  stories.push({ sentence, story });
}

/** Tests a kind of journal: "local" or "redis". */
export function testContract(kind) {
  for (const { sentence, story } of stories) {
    test(`${kind} journal: ${sentence}`, async (t) => story(await Place.make(t, kind)));
  }
}

contract("entries are published to all in one order, once", async (place) => {
  const [one, other] = await place.openTwo();
  await one.journal.join(ann, "c1");
  await other.journal.join(ben, "c2");
  const said = [];
  for (let i = 0; i < 200; i++) {
    const [watched, from] = i % 2 === 0 ? [one, ann] : [other, ben];
    said.push(watched.journal.say(chat(from, String(i), String(i))));
  }
  const places = await Promise.all(said);
  await one.journal.say(chat(ann, "end"));
  await agree(one, other, "Ann: end");
  assert.equal(one.published.length, 203);
  assert.equal(new Set(one.published.map(({ position }) => position)).size, 203);
  assert.deepEqual(one.entries, one.published);
  for (const [i, { position, time, isNew }] of places.entries()) {
    const entry = one.published.find((candidate) => candidate.message === String(i));
    const expected = { position, time, ...chat(i % 2 === 0 ? ann : ben, String(i), String(i)) };
    assert.deepEqual([entry, isNew], [expected, true]);
    assert.equal(new Date(time).toISOString(), time);
  }
  for (const user of [ann, ben]) {
    const numbers = one.published.filter(
      ({ from, message }) => from?.id === user.id && message !== "end",
    );
    assert.deepEqual(
      numbers.map(({ message }) => Number(message)),
      Array.from({ length: 100 }, (_, i) => 2 * i + (user === ann ? 0 : 1)),
    );
  }
});

contract("an answer follows the publication of the entry", async (place) => {
  const [, watched] = await place.openTwo();
  await watched.journal.join(ann, "c1");
  assert.deepEqual(watched.lines, ["user-join Ann"]);
  assert.deepEqual(watched.names, ["Ann"]);
  const { position } = await watched.journal.say(chat(ann, "hello"));
  assert.equal(watched.published.at(-1).position, position);
  assert.equal(watched.journal.entries.position, position);
  await watched.journal.rename({ ...ann, userName: "Anna" }, "c1");
  assert.deepEqual(watched.names, ["Anna"]);
  await watched.journal.leave("a", "c1");
  assert.deepEqual(watched.names, []);
  assert.deepEqual(watched.lines.slice(2), ["user-rename Anna", "user-leave Anna"]);
});

contract("messages with the same ref are published once, also if simultaneous", async (place) => {
  const [one, other] = await place.openTwo();
  const first = await one.journal.say(chat(ann, "hello", "1"));
  assert.equal(first.isNew, true);
  const known = { ...first, isNew: false };
  assert.deepEqual(await other.journal.say(chat(ann, "hello", "1")), known);
  assert.deepEqual(await one.journal.say(chat(ann, "changed", "1")), known);
  const twice = await Promise.all(
    [one, other, one, other].map(({ journal }) => journal.say(chat(ann, "twice", "2"))),
  );
  assert.equal(new Set(twice.map(({ position }) => position)).size, 1);
  assert.equal(twice.filter(({ isNew }) => isNew).length, 1);
  // The same ref of another author, and no ref, are other messages.
  assert.equal((await one.journal.say(chat(ben, "hello", "1"))).isNew, true);
  assert.equal((await one.journal.say(chat(ann, "bare"))).isNew, true);
  assert.equal((await one.journal.say(chat(ann, "bare"))).isNew, true);
  const lines = ["Ann: hello", "Ann: twice", "Ben: hello", "Ann: bare", "Ann: bare"];
  assert.deepEqual(one.lines, lines);
  await one.journal.close();
  await other.journal.close();
  const again = await place.open();
  assert.deepEqual(await again.journal.say(chat(ann, "hello", "1")), known);
  assert.deepEqual(again.lines, []);
});

contract("a message remains unchanged, whatever it contains", async (place) => {
  const [one, other] = await place.openTwo();
  const drafts = [
    {
      ...chat(ann, 'two\nlines\t<img onerror=x> \u2028 \\ " 😀 \ud83d \u0000 é'),
      ref: "\ud83d:\u0000",
    },
    {
      type: "private-message",
      from: ann,
      to: { id: "b", userName: 'Bén "B" \\' },
      message: "psst",
    },
    chat({ id: "__proto__", userName: "constructor" }, "__proto__", "__proto__"),
    chat(ann, "x".repeat(100_000), "long"),
  ];
  for (const draft of drafts) await one.journal.say(draft);
  const content = ({ position, time, ...draft }) => draft;
  await other.until(() => other.published.length === drafts.length);
  assert.deepEqual(other.published.map(content), drafts);
  await one.journal.close();
  await other.journal.close();
  const again = await place.open();
  assert.deepEqual(again.entries, other.published);
});

contract("a name, as compared, belongs to one user, also for simultaneous joins", async (place) => {
  const [one, other] = await place.openTwo();
  const answers = await Promise.all([
    one.journal.join({ id: "1", userName: "Ann" }, "c1"),
    other.journal.join({ id: "2", userName: "ＡＮＮ" }, "c2"),
    one.journal.join({ id: "3", userName: "ann" }, "c3"),
  ]);
  assert.equal(answers.filter(({ taken }) => taken).length, 2);
  assert.equal(one.journal.users.size, 1);
  const winner = answers.findIndex(({ taken }) => !taken);
  const loser = (winner + 1) % 3;
  const connection = (index) => `c${index + 1}`;
  const userOf = (index, userName) => ({ id: String(index + 1), userName });
  // A released name is free again, after a rename as well as after a leave.
  assert.deepEqual(await one.journal.rename(userOf(winner, "Ben"), connection(winner)), {
    taken: false,
  });
  assert.deepEqual(await other.journal.join(userOf(loser, "ANN"), connection(loser)), {
    taken: false,
  });
  assert.deepEqual(await one.journal.rename(userOf(winner, "aNN"), connection(winner)), {
    taken: true,
  });
  await other.journal.leave(userOf(loser).id, connection(loser));
  assert.deepEqual(await one.journal.rename(userOf(winner, "aNN"), connection(winner)), {
    taken: false,
  });
  assert.deepEqual(one.names, ["aNN"]);
});

contract(
  "a rename is published with the previous name, and not if the name is the same",
  async (place) => {
    const [one, other] = await place.openTwo();
    await one.journal.join(ann, "c1");
    await one.journal.rename(ann, "c1");
    await one.journal.rename({ id: "a", userName: "ANN" }, "c1");
    // Not by another connection, nor for an absent user.
    await other.journal.rename({ id: "a", userName: "Eve" }, "c2");
    await other.journal.rename({ id: "x", userName: "Eve" }, "c1");
    await one.journal.say(chat(ann, "end"));
    await agree(one, other, "Ann: end");
    assert.deepEqual(one.lines, ["user-join Ann", "user-rename ANN", "Ann: end"]);
    assert.equal(one.published[1].previous, "Ann");
    assert.deepEqual(other.names, ["ANN"]);
  },
);

contract("a newer connection replaces the previous one without a join or leave", async (place) => {
  const [one, other] = await place.openTwo();
  await one.journal.join(ann, "c1");
  assert.deepEqual(await other.journal.join(ann, "c2"), { taken: false });
  await other.journal.join(ann, "c2");
  await one.journal.leave("a", "c1");
  await one.until(() => one.moved.length === 1);
  assert.deepEqual(one.moved, [["a", "c2"]]);
  assert.deepEqual(other.moved, [["a", "c2"]]);
  assert.deepEqual(await one.journal.join({ ...ann, userName: "Anna" }, "c3"), { taken: false });
  assert.deepEqual(one.moved.slice(1), [["a", "c3"]]);
  await other.journal.leave("a", "c2");
  await one.journal.leave("a", "c3");
  await one.journal.leave("a", "c3");
  await one.journal.say(chat(ann, "end"));
  await agree(one, other, "Ann: end");
  const lines = ["user-join Ann", "user-rename Anna", "user-leave Anna", "Ann: end"];
  assert.deepEqual(one.lines, lines);
});

contract("a connection with a taken name replaces nothing", async (place) => {
  const [one, other] = await place.openTwo();
  await one.journal.join(ann, "c1");
  await other.journal.join(ben, "c2");
  assert.deepEqual(await other.journal.join({ ...ann, userName: "BEN" }, "c3"), { taken: true });
  await one.journal.leave("a", "c1");
  assert.deepEqual(one.moved, []);
  assert.deepEqual(one.lines, ["user-join Ann", "user-join Ben", "user-leave Ann"]);
});

contract("entries and users are restored after a restart", async (place) => {
  const one = await place.open();
  await one.journal.join(ann, "c1");
  await one.journal.join(ben, "c2");
  await one.journal.rename({ id: "b", userName: "Benjamin" }, "c2");
  await one.journal.say(chat(ann, "hello"));
  await one.journal.close();
  const again = await place.open();
  assert.deepEqual(again.entries, one.published);
  assert.deepEqual(again.names, ["Ann", "Benjamin"]);
  const { entries } = again.journal;
  assert.equal(entries.indexAfter(one.published[2].position), entries.begin + 3);
  assert.deepEqual(await again.journal.join({ id: "c", userName: "ann" }, "c3"), { taken: true });
  assert.deepEqual(await again.journal.join(ann, "c4"), { taken: false });
  assert.deepEqual(again.lines, []);
  assert.deepEqual(again.moved, [["a", "c4"]]);
});

contract(
  "users who reconnect in time after a restart stay, and the others leave, once",
  async (place) => {
    const one = await place.open();
    for (const [id, userName] of [
      ["a", "Ann"],
      ["b", "Ben"],
      ["c", "Cid"],
    ]) {
      await one.journal.join({ id, userName }, `before-${id}`);
    }
    await one.journal.close();
    // With its own, longer grace it only listens.
    const listening = place.kind === "redis" ? await place.open() : undefined;
    const again = await place.open({ grace: 2000 });
    await again.journal.join(ann, "after");
    // The earlier connection has ended: its calls have no effect.
    await again.journal.leave("b", "before-b-of-another-life");
    for (const watched of [again, listening ?? again]) {
      await watched.until(() => watched.lines.length === 2);
      assert.deepEqual(watched.lines.toSorted(), ["user-leave Ben", "user-leave Cid"]);
      assert.deepEqual(watched.names, ["Ann"]);
    }
    await again.journal.leave("a", "after");
    assert.deepEqual(again.lines.slice(2), ["user-leave Ann"]);
  },
);

contract("old entries are deleted, but never too many", async (place) => {
  const options = { recent: 5000, kept: 1000 };
  const one = await place.open(options);
  const said = Array.from({ length: 5000 }, (_, i) =>
    one.journal.say(chat(ann, String(i), String(i))),
  );
  const places = await Promise.all(said);
  await one.journal.close();
  const again = await place.open(options);
  const { length } = again.entries;
  assert.ok(length >= 1000 && length <= 3000, String(length));
  assert.deepEqual(again.entries, one.published.slice(-length));
  // Messages are recognized for longer.
  assert.deepEqual(await again.journal.say(chat(ann, "0", "0")), { ...places[0], isNew: false });
});

contract(
  "the newest of many entries are in memory, and lead to the entries after them",
  async (place) => {
    const one = await place.open({ recent: 10_000 });
    const said = Array.from({ length: 10_500 }, (_, i) => one.journal.say(chat(ann, String(i))));
    const places = await Promise.all(said);
    assert.deepEqual(one.entries, one.published.slice(-10_000));
    await one.journal.close();
    const again = await place.open({ recent: 10_000 });
    assert.deepEqual(again.entries, one.published.slice(-10_000));
    const { entries } = again.journal;
    for (const i of [500, 501, 7000, 10_498, 10_499]) {
      const index = entries.indexAfter(places[i].position);
      assert.equal(entries.get(index - 1).message, String(i));
    }
    assert.equal(entries.indexAfter(places.at(-1).position), entries.end);
    for (const position of [places[0].position, places[499].position, "nowhere", ""]) {
      assert.equal(entries.indexAfter(position), undefined);
    }
  },
);

contract(
  "writes in progress at a close are completed, and nothing is written after it",
  async (place) => {
    const one = await place.open();
    const said = Array.from({ length: 100 }, (_, i) => one.journal.say(chat(ann, String(i))));
    await one.journal.close();
    await assert.rejects(one.journal.say(chat(ann, "late")), /closed/);
    await assert.rejects(one.journal.join(ann, "c1"), /closed/);
    const positions = (await Promise.all(said)).map(({ position }) => position);
    const again = await place.open();
    assert.deepEqual(
      again.entries.map(({ position }) => position),
      positions,
    );
  },
);

contract("a killed process loses nothing that was answered", async (place) => {
  const child = await place.start();
  await child.call("join", ann, "c1");
  child.torrent(0, 20);
  await child.until(() => child.answered.length >= 200);
  await child.kill();
  const again = await place.open();
  const numbers = again.entries.slice(1).map(({ message }) => Number(message));
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, i) => i),
  );
  for (const { number, position, time } of child.answered) {
    const { entries } = again.journal;
    const entry = entries.get(entries.indexAfter(position) - 1);
    assert.deepEqual([entry.message, entry.time], [number, time]);
  }
  assert.equal(lineOf(again.entries[0]), "user-join Ann");
  assert.deepEqual(again.names, ["Ann"]);
});
