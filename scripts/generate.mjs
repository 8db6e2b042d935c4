// Generates what C++, TypeScript and the docs have to agree on: options, texts, enumerations. With
// --check, fails if a generated file is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { settingsHeader, textsHeader } from "./generate/cpp.mjs";
import { readEnumeration, readOptions, readTexts } from "./generate/definitions.mjs";
import { fail, root, step } from "./lib.mjs";

const optionsHeader = "sdk/include/steady/options.hpp";

/** The generated files with what they have to contain. */
function outputs() {
  const options = readOptions({
    Overflow: readEnumeration(optionsHeader, "Overflow"),
    Unconfirmed: readEnumeration(optionsHeader, "Unconfirmed"),
  });
  const texts = readTexts();
  return new Map([
    ["sdk/kernel/settings.hpp", settingsHeader(options, "options.def")],
    ["sdk/kernel/texts.hpp", textsHeader(texts, "texts.def")],
  ]);
}

const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "");

/** The files that are not what they have to be. */
export function stale() {
  return [...outputs()].filter(([file, content]) => read(file) !== content);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = stale();
  const names = files.map(([file]) => file).join(", ");
  if (process.argv.includes("--check") && files.length > 0) {
    fail(`stale: ${names}; npm run generate writes them`);
  }
  for (const [file, content] of files) writeFileSync(join(root, file), content);
  step(files.length > 0 ? `generated ${names}` : "generated files are up to date");
}
