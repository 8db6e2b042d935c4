// The JavaScript and TypeScript of the documentation, with the types of the packed package.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listPages } from "../support/pages.mjs";
import { checkTypes, typedBlocks } from "./typed-blocks.mjs";

const pages = listPages().filter((page) => typedBlocks(page).length > 0);
const faults = checkTypes(pages);

test("the documentation has blocks of code", () => {
  assert.ok(pages.length > 10);
});

for (const page of pages) {
  test(`${page}: its blocks of JavaScript and TypeScript compile`, () => {
    assert.deepEqual(faults.get(page), []);
  });
}
