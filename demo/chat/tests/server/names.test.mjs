// Names of users in the chat: equality and proposals.
import assert from "node:assert/strict";
import { test } from "node:test";
import { comparable, nameLength, suggest } from "../../server/names.mjs";

const same = [
  ["Ann", "ann", "ANN", "ａｎｎ", "Ａｎｎ", " Ann ", "A\u200Bnn", "Ann\uFE0F"],
  ["Straße", "STRASSE", "strasse", "Stra\u1E9Ee"],
  ["Ann Lee", "ann  lee", "Ann\u00A0Lee", "Ann\u3000Lee", "Ann\tLee"],
  ["Zoë", "ZOE\u0308", "zoe\u0308"],
  ["Σίσυφος", "ΣΊΣΥΦΟΣ"],
  ["①", "1"],
  ["日本", "日本"],
];

test("names that look alike are equal: case, width, spaces, invisible characters", () => {
  for (const names of same) {
    const forms = new Set(names.map(comparable));
    assert.equal(forms.size, 1, `${names}: ${[...forms]}`);
  }
  const forms = new Set(same.map(([name]) => comparable(name)));
  assert.equal(forms.size, same.length);
});

test("the compared form of a name is stable, in every script", () => {
  const changed = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const text = String.fromCodePoint(code);
    const form = comparable(`${text}a${text}`);
    if (comparable(form) !== form) changed.push(code.toString(16));
  }
  assert.deepEqual(changed, []);
});

test("the first free number is proposed, and a number is not added to a number", () => {
  const taken = new Set(["Ann", "Ann 2", "Ann 3"]);
  const isTaken = (name) => taken.has(name);
  assert.equal(suggest("Ann", isTaken, nameLength), "Ann 4");
  assert.equal(suggest("Ann 2", isTaken, nameLength), "Ann 4");
  assert.equal(suggest("Ben", isTaken, nameLength), "Ben 2");
  assert.equal(
    suggest("7", (name) => name === "7", nameLength),
    "7 2",
  );
});

test("a proposal is not too long, has one space before its number, and splits no character", () => {
  const family = "👨‍👩‍👧";
  const names = [
    "x".repeat(32),
    "😀".repeat(16),
    `${"x".repeat(29)} y`,
    family.repeat(4),
    "é".repeat(32),
  ];
  for (const name of names) {
    const taken = new Set();
    for (let i = 0; i < 120; i++) {
      const suggestion = suggest(name, (one) => taken.has(one), 32);
      taken.add(suggestion);
      assert.ok(suggestion.length <= 32, suggestion);
      assert.match(suggestion, /\S \d+$/);
      assert.ok(suggestion.isWellFormed(), suggestion);
      const stem = suggestion.replace(/ \d+$/, "");
      assert.ok(name.startsWith(stem));
      if (name.startsWith(family)) assert.equal(stem.length % family.length, 0);
    }
    assert.equal(taken.size, 120);
  }
});
