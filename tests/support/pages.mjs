// The documentation's pages and the code blocks in them, for the tests that run what pages say.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/lib.mjs";

/** Every page: the READMEs, the home page of the site and docs/, as paths from the root. */
export function listPages() {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true })
    .filter((name) => name.endsWith(".md"))
    .sort();
  return [
    "README.md",
    "sdk/README.md",
    "site/index.md",
    ...inDocs.map((name) => join("docs", name)),
  ];
}

export const readPage = (page) => readFileSync(join(root, page), "utf8");

/** The text below a heading of level 2, up to the next one. */
export function sectionOf(page, heading) {
  const section = readPage(page)
    .split(/^## /m)
    .find((text) => text.startsWith(`${heading}\n`));
  assert.ok(section, `${page} has a section "${heading}"`);
  return section;
}

/**
 * The code blocks of a Markdown string, in order; those of lists without their indent. `meta`
 * follows the language; `line` is the line at which the block begins, from 1.
 */
export function codeBlocks(text) {
  return Array.from(
    text.matchAll(/^( *)```(\w+)([^\n]*)\n(.*?)^\1```$/gms),
    ({ 1: indent, 2: language, 3: meta, 4: code, index }) => ({
      language,
      meta: meta.trim(),
      code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
      line: text.slice(0, index).split("\n").length,
    }),
  );
}
