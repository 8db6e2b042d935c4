// The counts and tables of docs/coming-from/comparison.md, from npm run bench -- compare.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { countOf, peakOf, sumOf } from "../../../bench/compare/counts.mjs";

const document = fileURLToPath(new URL("../../../bench/compare/document.mjs", import.meta.url));

test("the comparison counts lost, repeated and out-of-order messages", () => {
  const perfect = { sent: 3, lost: 0, twice: 0, outOfOrder: 0 };
  assert.deepEqual(countOf(3, [1, 2, 3]), perfect);
  assert.deepEqual(countOf(3, []), { ...perfect, lost: 3 });
  assert.deepEqual(countOf(3, [1, 2, 2, 3, 1]), { ...perfect, twice: 2 });
  assert.deepEqual(countOf(3, [1, 3, 2]), { ...perfect, outOfOrder: 1 });
  assert.deepEqual(countOf(5, [2, 1, 2, 5]), { sent: 5, lost: 2, twice: 1, outOfOrder: 1 });
  assert.deepEqual(sumOf([perfect, countOf(4, [4, 1])]), {
    sent: 7,
    lost: 2,
    twice: 0,
    outOfOrder: 1,
  });
});

test("the comparison's peak is the highest number of attempts in any interval of the given length", () => {
  assert.equal(peakOf([], 100), 0);
  assert.equal(peakOf([500, 0, 99, 100, 199], 100), 2);
  assert.equal(peakOf([0, 250, 299, 260, 349], 100), 4);
  assert.equal(peakOf([0, 250, 299, 260, 350], 100), 3);
});

test("docs/coming-from/comparison.md has the tables of the last run, each scenario and its command", () => {
  assert.equal(execFileSync(process.execPath, [document], { encoding: "utf8" }), "");
});
