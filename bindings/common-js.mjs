// Turns a built script into CommonJS.
import { edited } from "./edits.mjs";

/**
 * Returns the script with its exports as members of `exports`. It must have one export declaration,
 * and import by names.
 * @param {{ code: string, tree: import("acorn").Program }} script
 */
export function asCommonJs({ code, tree }) {
  const edits = tree.body.flatMap((statement) => {
    const { start, end } = statement;
    if (statement.type === "ImportDeclaration") {
      return [{ start, end, text: requiring(statement) }];
    }
    if (statement.type !== "ExportNamedDeclaration") return [];
    const members = statement.specifiers.map(
      ({ local, exported }) => `exports.${nameOf(exported)}=${nameOf(local)};`,
    );
    // Bundlers, TypeScript and Babel take `default` for one of several exports if this is set.
    const mark = 'Object.defineProperty(exports,"__esModule",{value:!0});';
    return [{ start, end, text: mark + members.join("") }];
  });
  const addresses = metaUrls(tree).map(({ start, end }) => ({ start, end, text: ownUrl }));
  return `"use strict";${edited(code, [...edits, ...addresses])}`;
}

const nameOf = (node) => (node.type === "Identifier" ? node.name : node.value);

function requiring({ source, specifiers }) {
  const members = specifiers.map((specifier) => {
    if (specifier.type !== "ImportSpecifier") throw new Error("the script must import by names");
    return `${nameOf(specifier.imported)}:${specifier.local.name}`;
  });
  return `const{${members.join(",")}}=require(${JSON.stringify(source.value)});`;
}

/**
 * The folder as a file, since the wasm file is beside the folder: Node, from 20.16 on. Throws elsewhere,
 * as an ES module does that a bundler has made classic.
 */
const ownUrl = 'process.getBuiltinModule("url").pathToFileURL(__dirname)';

/** Finds every `import.meta.url`. */
function metaUrls(node) {
  if (node.type === "MemberExpression" && node.object.type === "MetaProperty") return [node];
  return Object.values(node)
    .flat()
    .filter((child) => typeof child?.type === "string")
    .flatMap(metaUrls);
}
