// Generates the parts shared by C++, TypeScript and the docs: options, strings, enumerations, close
// rules, and the sizes that pages name. With --check, fails if a generated file is stale. With
// --sizes, first records the sizes of dist/. Fails if an error, a drop or a close code has no page in
// docs/reference/.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as cpp from "./generate/cpp.mjs";
import {
  readConstants,
  readEnumerations,
  readOptions,
  readTexts,
} from "./generate/definitions.mjs";
import { missingIn, withDefaults, withEnumerators, withTableRows } from "./generate/documents.mjs";
import { nameTypes, readNames, withNameRows } from "./generate/names.mjs";
import { closeCodePages } from "./generate/reference.mjs";
import { measureSizes, sizesFile, withSizes } from "./generate/sizes.mjs";
import { codes } from "./generate/typescript.mjs";
import { fail, root, step } from "./lib.mjs";

/**
 * The enumerations of C++ that are generated: for TypeScript with an `object` or `names`, and for
 * names.gen.cpp if a to_string is declared.
 * @type {Parameters<typeof readEnumerations>[0]}
 */
const enumerations = [
  { name: "State", object: "StateCode", names: "states" },
  { name: "ErrorCode", object: "ErrorCode", names: "errorCodes" },
  { name: "SendStatus" },
  { name: "DropReason", object: "DropCode", names: "dropReasons" },
  { name: "CloseAction", object: "CloseActionCode", names: "closeActions" },
  { name: "Overflow" },
  { name: "Unconfirmed" },
  { name: "SessionState", object: "SessionCode", names: "sessionStates" },
  { name: "Hint", object: "Hint" },
  { name: "TransportSend", object: "TransportSend" },
  { name: "InputKind", object: "InputKind" },
  { name: "CommandKind", object: "CommandKind" },
  { name: "OpenBit", object: "OpenBit" },
  { name: "CloseBit", object: "CloseBit" },
  { name: "DecidedBy", object: "DecidedBy" },
  { name: "TransmitBit", object: "TransmitBit" },
  { name: "GrantBit", object: "GrantBit" },
  { name: "MessageFlag", object: "MessageFlag" },
  { name: "Reading", object: "Reading" },
  { name: "Border", object: "Border" },
  { name: "SharedEvent", object: "SharedEvent" },
  { name: "NewFailure" },
];

/** Numbers of C++ that TypeScript needs. */
const constants = [
  "sent_with_id",
  "was_dropped",
  "first_message_handle",
  "ping_handle",
  "first_free_handle",
  "message_overhead",
  "receiving",
];

/** Libraries of Emscripten, which name enumerators of C++ in comments behind their numbers. */
const libraries = ["bindings/shared.js", "sdk/web/steady_web.js"];

/** Pages with tables of options and names. The first has all options. */
const pages = [
  "docs/reference/options.md",
  "docs/guides/sending.md",
  "docs/reference/errors.md",
  "docs/reference/drops.md",
];
const types = "bindings/src/options.ts";

const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "");

/** The generated files with their contents. */
function outputs() {
  const found = readEnumerations(enumerations);
  const settings = readOptions(Object.fromEntries(found.map((e) => [e.name, e.enumerators])));
  const options = settings.filter(({ kind }) => kind !== "fact");
  const texts = readTexts();
  const names = readNames(found);
  const files = new Map([
    ["sdk/kernel/settings.hpp", cpp.settingsHeader(settings)],
    ["sdk/kernel/texts.hpp", cpp.textsHeader(texts)],
    ["sdk/src/settings_of.gen.hpp", cpp.settingsConversionHeader()],
    ["sdk/src/settings_of.gen.cpp", cpp.settingsConversion(settings)],
    ["sdk/src/texts.gen.hpp", cpp.textsSourceHeader()],
    ["sdk/src/texts.gen.cpp", cpp.textsSource(texts)],
    ["sdk/src/names.gen.cpp", cpp.namesSource(found.filter(({ printer }) => printer))],
    ["bindings/src/codes.gen.ts", codes(settings, texts, found, readConstants(constants))],
    ["bindings/src/names.gen.ts", nameTypes(names)],
    [types, withDefaults(read(types), options)],
  ]);
  for (const library of libraries) files.set(library, withEnumerators(read(library), found));
  for (const page of pages) {
    files.set(page, withNameRows(withTableRows(read(page), options), names));
  }
  for (const [file, content] of closeCodePages(names, options)) files.set(file, content);
  const inDocs = readdirSync(join(root, "docs"), { recursive: true }).map((name) => `docs/${name}`);
  for (const page of ["README.md", "sdk/README.md", "site/index.md", ...inDocs]) {
    if (!page.endsWith(".md")) continue;
    const text = files.get(page) ?? read(page);
    const sized = withSizes(text, page);
    if (sized !== text) files.set(page, sized);
  }
  const missing = missingIn(files.get(pages[0]), options);
  if (missing.length > 0)
    fail(`${pages[0]} has no row for ${missing.map((o) => o.name).join(", ")}`);
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--sizes")) {
    const sizes = measureSizes(join(root, "dist"));
    writeFileSync(join(root, sizesFile), `${JSON.stringify(sizes, null, 2)}\n`);
  }
  const stale = [...outputs()].filter(([file, content]) => read(file) !== content);
  const names = stale.map(([file]) => file).join(", ");
  if (process.argv.includes("--check") && stale.length > 0) {
    fail(`stale: ${names}; npm run generate writes them`);
  }
  for (const [file, content] of stale) writeFileSync(join(root, file), content);
  step(stale.length > 0 ? `generated ${names}` : "what is generated is fresh");
}
