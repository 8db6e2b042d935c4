// The examples with a page: what is written while their server is dead arrives, once and in order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { limitTests } from "../support/limit.mjs";
import { startPage, survives } from "./page.mjs";

// Development servers compile, the one of Next.js for several seconds.
limitTests(180_000);

for (const name of ["vanilla", "react", "vue", "svelte"]) {
  test(`${name}: messages written without a server arrive once, in order`, async (t) => {
    await survives(t, await startPage(t, name), name);
  });
}

test("ssr: the server renders the initial state, and messages written without it arrive", async (t) => {
  const page = await startPage(t, "ssr");
  const response = await fetch(page.url);
  const html = await response.text();
  assert.match(html, /<p role="status" class="away">Connecting …<\/p>/);
  // A mismatch is an error in the console, which fails the test.
  await survives(t, page, "ssr");
  assert.doesNotMatch(page.example.output, /⨯|error/i);
});
