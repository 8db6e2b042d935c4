// Releases: npm version in a copy of the files it changes, and the release notes.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readManifest, root } from "../../scripts/lib.mjs";
import { copies } from "../../scripts/version.mjs";
import { run } from "./support.mjs";

const { version } = readManifest();

/** Makes a git repository with the files that a release changes, and `changelog`. */
async function makeRepository(changelog) {
  const folder = mkdtempSync(join(tmpdir(), "steady socket "));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const file of [
    ...copies.map(({ file }) => file),
    "package.json",
    "package-lock.json",
    "scripts",
  ]) {
    cpSync(join(root, file), join(folder, file), { recursive: true });
  }
  writeFileSync(join(folder, "CHANGELOG.md"), changelog);
  await run(folder, "git", "init", "--quiet");
  await run(folder, "git", "config", "user.name", "A maintainer");
  await run(folder, "git", "config", "user.email", "maintainer@example.org");
  await run(folder, "git", "add", ".");
  await run(folder, "git", "commit", "--quiet", "--message", "Initial commit");
  return folder;
}

/** Each copy of the version, or of a part of it, in its file. */
function versionsOf(folder) {
  return copies.map(({ file, pattern }) => {
    return [file, ...(readFileSync(join(folder, file), "utf8").match(pattern) ?? [])];
  });
}

const eachAt = (version) => copies.map(({ file, value }) => [file, value(version)]);

test("every copy of the version equals that of package.json", () => {
  assert.deepEqual(versionsOf(root), eachAt(version));
});

test("npm version moves every copy and the changelog, in one commit with a tag", async () => {
  const folder = await makeRepository("# Changelog\n\n## Unreleased\n\n- New.\n");
  await run(folder, "npm", "version", "98.7.6");
  assert.deepEqual(versionsOf(folder), eachAt("98.7.6"));
  const changelog = readFileSync(join(folder, "CHANGELOG.md"), "utf8");
  assert.match(changelog, /^# Changelog\n\n## 98\.7\.6 - \d{4}-\d\d-\d\d\n\n- New\.\n$/);
  assert.equal(await run(folder, "git", "status", "--porcelain"), "");
  assert.equal(await run(folder, "git", "tag", "--points-at", "HEAD"), "v98.7.6\n");
});

test("npm version changes no copy if the changelog has no unreleased entries", async () => {
  const folder = await makeRepository("# Changelog\n");
  const failure = /CHANGELOG\.md must match .* once, matches 0 times/;
  await assert.rejects(run(folder, "npm", "version", "98.7.6"), failure);
  assert.deepEqual(versionsOf(folder), eachAt(version));
});

test("npm version rejects a version that CMake does not support", async () => {
  const folder = await makeRepository("## Unreleased\n");
  const failure = /version must be MAJOR\.MINOR\.PATCH, got 98\.7\.6-beta\.1/;
  await assert.rejects(run(folder, "npm", "version", "98.7.6-beta.1"), failure);
});

test("the notes of a release are the section of its version in the changelog", async () => {
  const newer = "## Unreleased\n\n- Newer.\n";
  const own = `## ${version} - 2026-01-02\n\n### Added\n\n- Own.\n`;
  const folder = await makeRepository(`# Changelog\n\n${newer}\n${own}\n## 0.0.9\n\n- Older.\n`);
  const text = (given) => run(folder, "npm", "run", "--silent", "changelog", "--", given);
  assert.equal(await text(version), "### Added\n\n- Own.\n");
  assert.equal(await text(`v${version}`), "### Added\n\n- Own.\n");
  await assert.rejects(text("v98.7.6"), new RegExp(`package.json has version ${version}, not 98`));
});

test("the notes of a version without changelog entries are an error", async () => {
  const folder = await makeRepository(`## ${version} - 2026-01-02\n\n## 0.0.9\n\n- Older.\n`);
  const failure = /CHANGELOG\.md has no entries for version/;
  await assert.rejects(run(folder, "npm", "run", "changelog", "--", version), failure);
});
