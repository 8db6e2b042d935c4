// Tools that check the package before it is published.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { consumerFolder } from "../../support/package.mjs";

const name = readdirSync(consumerFolder).find((file) => file.endsWith(".tgz"));
const tarball = readFileSync(join(consumerFolder, name));

test("publint reports no problem of the package", async () => {
  const { messages } = await publint({
    pack: { tarball: Uint8Array.from(tarball).buffer },
    strict: true,
  });
  assert.deepEqual(messages, []);
});

test("the registry's page links the repository and its issues, and npm corrects nothing", async () => {
  const folder = join(consumerFolder, "node_modules/steadysocket");
  const { repository, homepage, bugs } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  const address = "https://github.com/steadysocket/steadysocket";
  assert.deepEqual(repository, { type: "git", url: `git+${address}.git` });
  assert.equal(homepage, `${address}#readme`);
  assert.equal(bugs.url, `${address}/issues`);
  // npm warns about anything that `npm pkg fix` would change.
  const args = ["publish", "--dry-run", "--ignore-scripts", "--offline"];
  const { stderr } = await promisify(execFile)("npm", args, { cwd: folder });
  assert.doesNotMatch(stderr, /npm warn (?!publish This command requires you to be logged in)/i);
});

for (const [profile, selection, expected] of [
  // Node 10 does not support `exports`. The import of the wasm file depends on the bundler.
  [
    "node16",
    ["--exclude-entrypoints", "./steadysocket.wasm", "./svelte"],
    [
      ".",
      "./core",
      "./js",
      "./external",
      "./attach",
      "./server",
      "./testing",
      "./react",
      "./vue",
      "./package.json",
    ],
  ],
  // Svelte has no CommonJS.
  ["esm-only", ["--entrypoints", "./svelte"], ["./svelte"]],
]) {
  test(`@arethetypeswrong/cli reports no problem of the types, with the profile ${profile}`, async () => {
    const attw = fileURLToPath(
      new URL("../node_modules/@arethetypeswrong/cli/dist/index.js", import.meta.url),
    );
    const args = [attw, join(consumerFolder, name), "--format", "json", "--profile", profile];
    // Exits with an error if it has found a problem.
    const { stdout } = await promisify(execFile)(process.execPath, [...args, ...selection]);
    const { entrypoints } = JSON.parse(stdout).analysis;
    assert.deepEqual(Object.keys(entrypoints), expected);
  });
}
