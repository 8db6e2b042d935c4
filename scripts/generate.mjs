// Generates what C++, TypeScript and the docs have to agree on: options, texts, enumerations. With
// --check, fails if a generated file is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as cpp from "./generate/cpp.mjs";
import { readEnumeration, readOptions, readTexts } from "./generate/definitions.mjs";
import { missingIn, withDefaults, withTableRows } from "./generate/documents.mjs";
import { codes } from "./generate/typescript.mjs";
import { fail, root, step } from "./lib.mjs";

/**
 * The enumerations of C++ that others need.
 * @type {Omit<import("./generate/definitions.mjs").Enumeration, "enumerators">[]}
 */
const enumerations = [
  ...[
    { name: "State", file: "state", object: "StateCode", names: "states", isPrinted: true },
    { name: "ErrorCode", file: "error", object: "ErrorCode", names: "errorCodes", isPrinted: true },
    { name: "SendStatus", file: "send_result", isPrinted: true },
    {
      name: "DropReason",
      file: "send_result",
      object: "DropCode",
      names: "dropReasons",
      isPrinted: true,
    },
    { name: "CloseAction", file: "close_rule", object: "CloseActionCode", names: "closeActions" },
    { name: "Overflow", file: "options" },
    { name: "Unconfirmed", file: "options" },
    { name: "Hint", file: "runtime", object: "Hint" },
    { name: "TransportSend", file: "transport", object: "TransportSend" },
  ].map(({ file, ...rest }) => ({ header: `sdk/include/steady/${file}.hpp`, ...rest })),
  ...[
    { name: "CommandKind", file: "commands", object: "CommandKind", isNew: true },
    { name: "InputKind", file: "inputs", object: "InputKind", isNew: true },
    { name: "MessageFlag", file: "message", object: "MessageFlag", isNew: true },
  ].map(({ file, ...rest }) => ({ header: `sdk/kernel/${file}.hpp`, ...rest })),
];

/** Pages with tables of options. The first has all of them. */
const pages = ["docs/javascript.md", "docs/sending.md"];
const types = "bindings/src/options.ts";

const read = (file) => (existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : "");

function readEnumerations() {
  return enumerations.flatMap((enumeration) => {
    const enumerators = readEnumeration(enumeration.header, enumeration.name);
    if (enumerators === undefined && !enumeration.isNew) fail(`${enumeration.header} is missing`);
    return enumerators === undefined ? [] : [{ ...enumeration, enumerators }];
  });
}

/** The generated files with what they have to contain. */
function outputs() {
  const found = readEnumerations();
  const settings = readOptions(Object.fromEntries(found.map((e) => [e.name, e.enumerators])));
  const options = settings.filter(({ kind }) => kind !== "fact");
  const texts = readTexts();
  const files = new Map([
    ["sdk/kernel/settings.hpp", cpp.settingsHeader(settings)],
    ["sdk/kernel/texts.hpp", cpp.textsHeader(texts)],
    ["sdk/src/settings_of.gen.hpp", cpp.settingsConversionHeader()],
    ["sdk/src/settings_of.gen.cpp", cpp.settingsConversion(settings)],
    ["sdk/src/texts.gen.hpp", cpp.textsSourceHeader()],
    ["sdk/src/texts.gen.cpp", cpp.textsSource(texts)],
    ["sdk/src/names.gen.cpp", cpp.namesSource(found.filter(({ isPrinted }) => isPrinted))],
    ["bindings/src/codes.gen.ts", codes(settings, texts, found)],
    [types, withDefaults(read(types), options)],
  ]);
  for (const page of pages) files.set(page, withTableRows(read(page), options));
  const missing = missingIn(files.get(pages[0]), options);
  if (missing.length > 0)
    fail(`${pages[0]} has no row for ${missing.map((o) => o.name).join(", ")}`);
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const stale = [...outputs()].filter(([file, content]) => read(file) !== content);
  const names = stale.map(([file]) => file).join(", ");
  if (process.argv.includes("--check") && stale.length > 0) {
    fail(`stale: ${names}; npm run generate writes them`);
  }
  for (const [file, content] of stale) writeFileSync(join(root, file), content);
  step(stale.length > 0 ? `generated ${names}` : "what is generated is fresh");
}
