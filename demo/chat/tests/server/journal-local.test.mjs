// Properties of the chat's journal in a folder: killed, in use, damaged, full disk.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { limitTests } from "../../../../tests/support/limit.mjs";
import { newSeed, seeded } from "../../../../tests/support/random.mjs";
import { ann, chat, Place, range } from "./journals.mjs";

// One of them starts twenty processes, one after the other.
limitTests(120_000);

test("killed at any moment of writing, it has everything answered, in order and once", async (t) => {
  const seed = newSeed();
  t.diagnostic(`SEED=${seed}`);
  const below = seeded(seed);
  const place = await Place.make(t, "local");
  const options = { recent: 1_000_000, kept: 1_000_000 };
  const answered = new Map();
  let next = 0;
  for (let life = 0; life < 20; life++) {
    const child = await place.start(options);
    child.torrent(next, 1 + below(100));
    const enough = 1 + below(400);
    await child.until(() => child.answered.length >= enough);
    await child.kill();
    for (const { number, position } of child.answered) answered.set(number, position);
    const again = await place.open(options);
    const numbers = again.entries.map(({ message }) => message);
    assert.deepEqual(numbers, range(numbers.length).map(String), `SEED=${seed}, life ${life}`);
    for (const { message, position } of again.entries) {
      const before = answered.get(message);
      assert.ok(before === undefined || before === position, `SEED=${seed}, life ${life}`);
    }
    assert.ok(numbers.length >= answered.size, `SEED=${seed}, life ${life}`);
    // Messages that were written but not answered are known, and not published twice.
    next = below(2) === 0 ? numbers.length : Math.max(0, numbers.length - below(50));
    await again.journal.close();
  }
  assert.ok(answered.size >= 20);
});

test("a folder in use is reported, with the remedy", async (t) => {
  const place = await Place.make(t, "local");
  const one = await place.open();
  const child = await place.start();
  const { folder } = place.where;
  const message =
    `the folder ${folder} is in use by another process: give this one another by CHAT_DATA, ` +
    "or let both use Redis by CHAT_REDIS_URL";
  assert.equal(child.error, message);
  await assert.rejects(place.open(), { name: "JournalError", message });
  // It has changed nothing, and the folder is free again afterwards.
  await one.journal.say(chat(ann, "hello"));
  await one.journal.close();
  const again = await place.open();
  assert.deepEqual(again.entries, one.published);
});

test("an unreadable folder is reported, with its name", async (t) => {
  const place = await Place.make(t, "local");
  const { folder } = place.where;
  const file = join(folder, "file");
  await writeFile(file, "");
  place.where.folder = file;
  const message = new RegExp(`^the journal in ${file} cannot be read: .+`);
  await assert.rejects(place.open(), { name: "JournalError", message });
});

test("damaged entries are reported, with the folder", async (t) => {
  const place = await Place.make(t, "local");
  const { folder } = place.where;
  const one = await place.open();
  await Promise.all(range(2000).map((i) => one.journal.say(chat(ann, String(i)))));
  await one.journal.close();
  // The content of the log is moved into a table.
  await (await place.open()).journal.close();
  const tables = (await readdir(folder)).filter((name) => name.endsWith(".ldb"));
  assert.ok(tables.length > 0);
  for (const name of tables) await truncate(join(folder, name), 1000);
  const message = new RegExp(`^the journal in ${folder} cannot be read: .+`);
  await assert.rejects(place.open(), { name: "JournalError", message });
});

/** Limits the size of a process's files: beyond, a write fails as on a full disk. */
function limitFiles(process, limit) {
  const { status, stderr } = spawnSync(
    "prlimit",
    ["--pid", process.pid, `--fsize=${limit}:`].map(String),
  );
  assert.equal(status, 0, String(stderr));
}

test("on a full disk nothing unwritten is published, and writing continues later", async (t) => {
  const place = await Place.make(t, "local");
  const child = await place.start();
  await child.call("join", ann, "c1");
  limitFiles(child, 64 * 1024);
  const said = [];
  let refused;
  for (let i = 0; refused === undefined; i++) {
    await child.call("say", { ...chat(ann, `${i} `.padEnd(1000, "x")), ref: String(i) }).then(
      ({ position }) => said.push(position),
      (error) => {
        refused = error.message;
      },
    );
  }
  assert.match(refused, new RegExp(`^the journal in ${place.where.folder} cannot be written: .+`));
  limitFiles(child, 0);
  assert.equal(child.ups.at(-1), false);
  await assert.rejects(child.call("leave", "a", "c1"), /cannot be written/);
  await assert.rejects(child.call("say", chat(ann, "lost")), /cannot be written/);
  assert.ok(!child.lines.includes("Ann: lost"));
  limitFiles(child, "unlimited");
  await child.until(() => child.ups.at(-1) === true);
  // A rejected message may be sent again.
  const number = said.length;
  await child.call("say", { ...chat(ann, `${number} `.padEnd(1000, "x")), ref: String(number) });
  await child.call("say", chat(ann, "end"));
  await child.until(() => child.lines.includes("Ann: end"));
  await child.kill();
  const again = await place.open();
  const published = again.entries.map(
    (entry) => `${entry.message ?? entry.type}`.trimEnd().split(" ")[0],
  );
  assert.deepEqual(published, ["user-join", ...range(number + 1).map(String), "end"]);
  assert.deepEqual(child.lines.length, published.length);
  assert.deepEqual(again.names, ["Ann"]);
});
