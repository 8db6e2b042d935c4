// npm version: copies the version of package.json to the other files that state it, and turns the
// changelog's "Unreleased" into that version and today's date. npm commits the result.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, readManifest, root } from "./lib.mjs";

const header = "sdk/include/steady/version.hpp";
const whole = (version) => version;
const part = (index) => (version) => version.split(".")[index];

/** Each copy of the version, or of a part of it: what matches once in the file, and its value. */
export const copies = [
  { file: "CMakeLists.txt", pattern: /(?<=^ {2}VERSION ).+/gm, value: whole },
  { file: header, pattern: /(?<=_VERSION_MAJOR ).+/g, value: part(0) },
  { file: header, pattern: /(?<=_VERSION_MINOR ).+/g, value: part(1) },
  { file: header, pattern: /(?<=_VERSION_PATCH ).+/g, value: part(2) },
  { file: header, pattern: /(?<=_VERSION ").+?(?=")/g, value: whole },
  {
    file: "packaging/emscripten/steadysocket.py",
    pattern: /(?<=^VERSION = ").+?(?=")/gm,
    value: whole,
  },
  {
    file: "packaging/conan/conanfile.py",
    pattern: /(?<=^ {4}version = ").+?(?=")/gm,
    value: whole,
  },
  {
    file: "packaging/vcpkg/ports/steadysocket/vcpkg.json",
    pattern: /(?<="version-semver": ").+?(?=")/g,
    value: whole,
  },
];

function move() {
  const { version } = readManifest();
  // CMake accepts no other.
  if (!/^\d+\.\d+\.\d+$/.test(version)) fail(`version must be MAJOR.MINOR.PATCH, got ${version}`);
  const today = new Date().toISOString().slice(0, "2000-01-01".length);
  const heading = {
    file: "CHANGELOG.md",
    pattern: /(?<=^## )Unreleased$/gm,
    value: () => `${version} - ${today}`,
  };
  const changed = new Map();
  for (const { file, pattern, value } of [...copies, heading]) {
    const text = changed.get(file) ?? readFileSync(join(root, file), "utf8");
    const count = text.match(pattern)?.length ?? 0;
    if (count !== 1) fail(`${file} must match ${pattern} once, matches ${count} times`);
    changed.set(file, text.replace(pattern, value(version)));
  }
  for (const [file, text] of changed) writeFileSync(join(root, file), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) move();
