import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { transformSync } from "esbuild";
import { newSeed, seeded } from "../support/random.mjs";
import { JsonTexts, typeOf } from "./json-texts.mjs";

const source = readFileSync(new URL("../../bindings/src/scan.ts", import.meta.url), "utf8");
const { code } = transformSync(source, { loader: "ts", format: "esm" });
const { BatchReader, isBatch, TypeScanner } = await import(
  `data:text/javascript,${encodeURIComponent(code)}`
);

function scan(text, member = "type") {
  const scanner = new TypeScanner(member);
  return scanner.find(text) ? scanner.type : undefined;
}

function elementsOf(text) {
  const batch = new BatchReader(text);
  const elements = [];
  for (let element = batch.next(); element !== undefined; element = batch.next()) {
    elements.push(element);
  }
  return { elements, isMalformed: batch.isMalformed };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test("the scanner finds the same type as the core", () => {
  for (const [text, type, member] of [
    ['{"type":"chat"}', "chat"],
    [' { "a" : [1,{"type":"no"}], "type" : "yes" } ', "yes"],
    ['{"a":"}{\\"","type":"x"}', "x"],
    ['{"a\\\\":"\\\\","type":"x"}', "x"],
    ['{"type":""}', ""],
    ['{"type":"a","type":"b"}', "a"],
    ['{"type":1,"type":"b"}', undefined],
    ['{"\\u0074ype":"\\u00e9\\ud83d\\ude00"}', "é😀"],
    ['{"type":"\\ud83d"}', "\ud83d"],
    ['{"type":"a", this is not JSON', "a"],
    ['\uFEFF{"type":"a"}', undefined],
    ['["type","a"]', undefined],
    ["", undefined],
    ["{", undefined],
    ['{"type"', undefined],
    ['{"type":"a', undefined],
    ['{"type":"\\x"}', undefined],
    ['{"a":}', undefined],
    ['{"a":[}', undefined],
    ['{"x":{"type":"a"}}', undefined],
    ['{"constructor":"a"}', "a", "constructor"],
    ['{"header":{"n":1,"type":"y"}}', "y", "/header/type"],
    ['[null,"1","room","event",{}]', "event", "/3"],
    ['{"a/b":{"~":"x"}}', "x", "/a~1b/~0"],
    ['{"~1":"x"}', "x", "/~01"],
    ['[1,["x"]]', "x", "/1/0"],
    ['["x"]', undefined, "/00"],
    ['["x"]', undefined, "0"],
  ]) {
    assert.equal(scan(text, member), type, `${member} in ${text}`);
  }
});

test("depth and length need no stack", () => {
  const deep = `{"a":${"[".repeat(1e6)}${"]".repeat(1e6)},"type":"x"}`;
  assert.equal(scan(deep), "x");
  assert.equal(scan(`{"a":"${'\\"'.repeat(1e6)}","type":"x"}`), "x");
  assert.equal(elementsOf(`[${deep}]`).elements[0], deep);
});

test("the scanner agrees with JSON.parse on a million JSON texts", () => {
  const seed = newSeed();
  const texts = new JsonTexts(seeded(seed));
  const scanner = new TypeScanner("type");
  for (let i = 0; i < 500_000; ++i) {
    const { text, members } = texts.object(2);
    const found = scanner.find(text) ? scanner.type : undefined;
    if (found !== typeOf(members, "type")) assert.fail(`SEED=${seed}, text ${i}: ${text}`);
    const changed = texts.mutated(text);
    const whole = parsed(changed);
    const foundInChanged = scanner.find(changed) ? scanner.type : undefined;
    if (whole === undefined) continue;
    const type = Array.isArray(whole) || whole === null ? undefined : whole.type;
    const expected = typeof type === "string" ? type : undefined;
    // JSON.parse takes the last of duplicate members.
    const isTwice = changed.match(/"(t|\\u0074)(y|\\u0079)pe"\s*:/g)?.length > 1;
    if (foundInChanged !== expected && !isTwice) {
      assert.fail(`SEED=${seed}, changed text ${i}: ${changed}`);
    }
  }
});

test("a batch is split into the same elements as by JSON.parse", () => {
  const seed = newSeed();
  const texts = new JsonTexts(seeded(seed));
  for (let i = 0; i < 100_000; ++i) {
    const { text, elements } = texts.array(3);
    const spaced = texts.space() + text + texts.space();
    const found = elementsOf(spaced);
    if (found.isMalformed || !isBatch(spaced)) assert.fail(`SEED=${seed}, text ${i}: ${spaced}`);
    assert.deepEqual(
      found.elements.map((element) => element.trim()),
      elements.map((element) => element.trim()),
      `SEED=${seed}`,
    );
    const changed = texts.mutated(spaced);
    const whole = parsed(changed);
    if (!Array.isArray(whole)) continue;
    assert.deepEqual(
      elementsOf(changed).elements.map((element) => JSON.parse(element)),
      whole,
      `SEED=${seed}`,
    );
  }
});

test("a malformed batch is distinguished from an empty one", () => {
  for (const [text, count] of [
    ["[1,2", 2],
    ["[1,]", 1],
    ["[", 0],
    ["[,1]", 0],
    ["[1 2]", 1],
    ["[1]x", 1],
    ["[]]", 0],
    ['["a]', 0],
  ]) {
    const { elements, isMalformed } = elementsOf(text);
    assert.equal(isMalformed, true, text);
    assert.equal(elements.length, count, text);
  }
  assert.deepEqual(elementsOf(" [ ] "), { elements: [], isMalformed: false });
});
