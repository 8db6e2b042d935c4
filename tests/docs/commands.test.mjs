// The commands of the documentation: the shell parses them, and scripts of npm that they run exist.
// JSON parses.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { readManifest } from "../../scripts/lib.mjs";
import { codeBlocks, listPages, readPage } from "../support/pages.mjs";

const pages = ["CONTRIBUTING.md", ...listPages()];
/** Scripts of the projects that readers make: of Vite's templates, and of most. */
const scriptsOfReaders = ["build", "dev", "preview", "start", "test"];

const blocksIn = (...languages) =>
  pages.flatMap((page) =>
    codeBlocks(readPage(page))
      .filter(({ language }) => languages.includes(language))
      .map((block) => ({ ...block, where: `${page}:${block.line}` })),
  );

test("every command of the documentation parses, and npm has its script", () => {
  const scripts = new Set([...Object.keys(readManifest().scripts), ...scriptsOfReaders]);
  const blocks = blocksIn("sh", "bash");
  for (const { code, where } of blocks) {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: code, encoding: "utf8" });
    assert.equal(status, 0, `${where}: ${stderr}`);
    for (const [, name] of code.matchAll(/\bnpm run (?:--?[\w-]+ )*([\w:-]+)/g)) {
      assert.ok(scripts.has(name), `${where}: npm run ${name}`);
    }
  }
  assert.ok(blocks.length > 10);
});

test("every script of npm that the text of a page names exists", () => {
  const { scripts } = readManifest();
  for (const page of pages) {
    for (const [, name] of readPage(page).matchAll(/`npm run (?:--?[\w-]+ )*([\w:-]+)/g)) {
      assert.ok(name in scripts, `${page}: npm run ${name}`);
    }
  }
});

test("every block of JSON parses", () => {
  const blocks = blocksIn("json");
  for (const { code, where } of blocks) assert.doesNotThrow(() => JSON.parse(code), where);
  assert.ok(blocks.length > 0);
});
