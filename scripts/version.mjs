// npm version: copies the version of package.json to the other files that state it, and turns the
// changelog's "Unreleased" into that version and today's date. npm commits the result.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, readManifest, root } from "./lib.mjs";

/** The version in each file. */
export const copies = new Map([
  ["CMakeLists.txt", /(?<=^ {2}VERSION ).+/gm],
  ["bindings/version.hpp", /(?<= version = ").+?(?=")/g],
  ["packaging/conan/conanfile.py", /(?<=^ {4}version = ").+?(?=")/gm],
  ["packaging/vcpkg/ports/steadysocket/vcpkg.json", /(?<="version-semver": ").+?(?=")/g],
]);

function move() {
  const { version } = readManifest();
  // CMake accepts no other.
  if (!/^\d+\.\d+\.\d+$/.test(version)) fail(`version must be MAJOR.MINOR.PATCH, got ${version}`);
  const today = new Date().toISOString().slice(0, "2000-01-01".length);
  const edits = [...copies].map(([file, pattern]) => [file, pattern, version]);
  edits.push(["CHANGELOG.md", /(?<=^## )Unreleased$/gm, `${version} - ${today}`]);
  const changed = edits.map(([file, pattern, replacement]) => {
    const text = readFileSync(join(root, file), "utf8");
    const count = text.match(pattern)?.length ?? 0;
    if (count !== 1) fail(`${file} must match ${pattern} once, matches ${count} times`);
    return [file, text.replace(pattern, replacement)];
  });
  for (const [file, text] of changed) writeFileSync(join(root, file), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) move();
