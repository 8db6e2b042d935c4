// The folders of the examples: what a reader finds in them, and that each works alone.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Command } from "../support/command.mjs";
import { limitTests } from "../support/limit.mjs";
import { consumerFolder } from "../support/package.mjs";
import { copyExample, exampleNames, sourceOf } from "./example.mjs";
import { startPage, survives } from "./page.mjs";

// npm installs packages.
limitTests(240_000);

const readJson = (file) => JSON.parse(readFileSync(file, "utf8"));
const ownManifest = new URL("./package.json", import.meta.url);

test("the examples have a start script, a page of their own, and the versions that are tested", () => {
  const { dependencies: tested } = readJson(ownManifest);
  const index = readFileSync(sourceOf("README.md"), "utf8");
  const used = new Set();
  for (const name of exampleNames) {
    const manifest = readJson(join(sourceOf(name), "package.json"));
    assert.equal(manifest.name, `steadysocket-example-${name}`);
    assert.equal(manifest.private, true);
    assert.ok(manifest.scripts.start, name);
    const { steadysocket, ...others } = { ...manifest.dependencies, ...manifest.devDependencies };
    assert.equal(steadysocket, "^0.1.0", name);
    for (const [dependency, version] of Object.entries(others)) {
      assert.equal(version, tested[dependency], `${dependency} of ${name}`);
      used.add(dependency);
    }
    assert.ok(existsSync(join(sourceOf(name), "README.md")), name);
    assert.ok(index.includes(`](${name}/README.md)`), `${name} is in examples/README.md`);
  }
  assert.deepEqual([...used].sort(), Object.keys(tested).sort());
});

test("files that several examples have are the same in all of them", () => {
  for (const [original, copies] of Object.entries({
    "vanilla/start.mjs": exampleNames
      .filter((name) => !["vanilla", "vitest"].includes(name))
      .map((name) => `${name}/start.mjs`),
    "react/server.mjs": ["vue/server.mjs", "svelte/server.mjs", "ssr/server.mjs"],
    "react/src/style.css": [
      "vanilla/style.css",
      "vue/src/style.css",
      "svelte/src/style.css",
      "ssr/app/style.css",
    ],
  })) {
    const text = readFileSync(sourceOf(original), "utf8");
    for (const copy of copies) assert.equal(readFileSync(sourceOf(copy), "utf8"), text, copy);
  }
});

for (const name of ["vanilla", "react"]) {
  test(`${name}: its folder works alone, with the tarball`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "steadysocket-example-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const copy = copyExample(name, folder);
    const tarball = readdirSync(consumerFolder).find((file) => file.endsWith(".tgz"));
    const args = ["install", "--no-save", "--prefer-offline", join(consumerFolder, tarball)];
    const installing = new Command(t, copy, "npm", args);
    assert.equal(await installing.exits(180_000), 0, installing.output);
    await survives(t, await startPage(t, name, copy), `${name}-alone`);
  });
}
