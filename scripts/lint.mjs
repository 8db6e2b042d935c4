// Checks lint, format and whether generated files are up to date; with --write, formats and
// generates.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkIncludes } from "./includes.mjs";
import { fail, listFiles, root, runQuietly } from "./lib.mjs";
import { setup } from "./setup.mjs";
import { checkWords } from "./words.mjs";

const longestTitle = 100;

/** Fails if the title of a test is too long for one line of a report. */
function checkTitles() {
  // In C++, a literal may be continued by another.
  const titles = /\b(?:TEST_CASE|test|it)\(\s*((?:"(?:\\.|[^"\\])*"\s*)+|`(?:\\.|[^`\\])*`)/g;
  const tooLong = listFiles("*.cpp", "*.mjs").flatMap((file) =>
    Array.from(readFileSync(join(root, file), "utf8").matchAll(titles), ([, literals]) =>
      literals.trim().replaceAll(/"\s+"/g, "").slice(1, -1),
    )
      .filter((title) => title.length > longestTitle)
      .map((title) => `\n  ${file}: ${title}`),
  );
  if (tooLong.length > 0) {
    fail(`titles must have at most ${longestTitle} characters:${tooLong.join("")}`);
  }
}

function checkWith(what, script, args) {
  return runQuietly(what, process.execPath, [join(root, "node_modules", script), ...args]);
}

await setup("lint");
const write = process.argv.includes("--write");
const cpp = [...(write ? ["-i"] : ["--dry-run", "--Werror"]), ...listFiles("*.cpp", "*.hpp")];
const biome = ["check", "--error-on-warnings", ...(write ? ["--write"] : [])];
const types = ["-p", "tsconfig.json", "--noEmit", "--emitDeclarationOnly", "false"];
const generate = [join(root, "scripts/generate.mjs"), ...(write ? [] : ["--check"])];
await runQuietly("checking what is generated", process.execPath, generate);
await Promise.all([
  runQuietly("checking C++", "clang-format", cpp),
  checkWith("checking JavaScript", "@biomejs/biome/bin/biome", biome),
  checkWith("checking the types of the package", "typescript/bin/tsc", types),
  checkWith("checking the types of the scripts", "typescript/bin/tsc", [
    "-p",
    "tsconfig.scripts.json",
  ]),
]);
for (const [subject, script] of [
  ["the comparison", "bench/compare/document.mjs"],
  ["the tables of the benchmark", "bench/chart.mjs"],
]) {
  const args = [join(root, script), ...(write ? ["--write"] : [])];
  await runQuietly(`checking ${subject}`, process.execPath, args);
}
checkTitles();
const words = checkWords();
if (words.length > 0) fail(`words:\n  ${words.join("\n  ")}`);
const faults = checkIncludes(
  listFiles("sdk/*.cpp", "sdk/*.hpp", "bindings/*.cpp", "bindings/*.hpp"),
);
if (faults.length > 0) fail(`includes:\n  ${faults.join("\n  ")}`);
