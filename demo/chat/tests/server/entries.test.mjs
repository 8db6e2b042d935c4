// The newest entries of the chat's journal, in memory.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Entries } from "../../server/journal/entries.mjs";

const entryAt = (position) => ({ position, type: "chat-message", message: position });

function filled(limit, ...positions) {
  const entries = new Entries(limit);
  for (const position of positions) entries.push(entryAt(position));
  return entries;
}

const messages = (entries) =>
  Array.from({ length: entries.end - entries.begin }, (_, i) => entries.get(entries.begin + i))
    .map(({ message }) => message)
    .join("");

test("indexes only increase, and the oldest entries are removed above the limit", () => {
  const entries = filled(3, ..."abcde");
  assert.deepEqual([entries.begin, entries.end], [2, 5]);
  assert.equal(messages(entries), "cde");
  assert.equal(entries.get(1), undefined);
  assert.equal(entries.get(5), undefined);
  assert.equal(entries.position, "e");
});

test("a position leads to the entries after it, unless it is unknown or removed", () => {
  const entries = filled(3, ..."abcde");
  assert.equal(entries.indexAfter("c"), 3);
  assert.equal(entries.indexAfter("e"), 5);
  assert.equal(entries.indexAfter("b"), undefined);
  assert.equal(entries.indexAfter("nowhere"), undefined);
  assert.equal(new Entries(3).position, undefined);
});

test("after a restart no position is known, and the indexes continue", () => {
  const entries = filled(3, ..."abcde");
  entries.clear();
  assert.deepEqual([entries.begin, entries.end], [5, 5]);
  assert.equal(entries.indexAfter("e"), undefined);
  entries.push(entryAt("f"));
  assert.equal(messages(entries), "f");
  assert.equal(entries.indexAfter("f"), 6);
});

test("after a gap every earlier index is before the beginning", () => {
  const entries = filled(3, ..."ab");
  const end = entries.end;
  entries.interrupt();
  assert.ok(end < entries.begin);
  entries.push(entryAt("z"));
  assert.equal(messages(entries), "z");
});
