// The test files of a suite, and their selection by name.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../../scripts/lib.mjs";

const ending = /(\.test\.mjs|_test\.cpp)$/;

/**
 * The paths, from the root of the project, of a suite's test files and its single-test programs.
 * @param {import("./suites.mjs").Suite} suite
 */
export function testFiles({ folders, programs = [] }) {
  const found = folders.flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => ending.test(name))
      .sort()
      .map((name) => join(folder, name)),
  );
  return [...found, ...programs.filter(({ title }) => title !== undefined).map(({ file }) => file)];
}

export const shortName = (file) => basename(file).replace(ending, "");

/**
 * The file with this name, or else the files whose names begin with it: "request" is
 * tests/node/request.test.mjs.
 */
export function filesNamed(files, name) {
  const exact = files.filter((file) => shortName(file) === name);
  return exact.length > 0 ? exact : files.filter((file) => shortName(file).startsWith(name));
}

export const namesOf = (files) => files.map(shortName).join(", ");
