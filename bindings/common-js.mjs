// Turns a built script into CommonJS.
import { edited } from "./edits.mjs";

/**
 * Returns the script with its exports as members of `exports`. It must import nothing, and end with
 * its only export declaration.
 * @param {{ code: string, tree: import("acorn").Program }} script
 */
export function asCommonJs({ code, tree }) {
  const [declaration, ...others] = tree.body.filter(({ type }) => /^(Export|Import)/.test(type));
  if (others.length > 0 || declaration?.type !== "ExportNamedDeclaration" || declaration.source) {
    throw new Error("the script must have one export declaration and no import");
  }
  const { start, end, specifiers } = declaration;
  const nameOf = (node) => (node.type === "Identifier" ? node.name : node.value);
  const members = specifiers.map(
    ({ local, exported }) => `exports.${nameOf(exported)}=${nameOf(local)};`,
  );
  // The mark tells bundlers, TypeScript and Babel that `default` is one export of several.
  const text = `Object.defineProperty(exports,"__esModule",{value:!0});${members.join("")}`;
  const address = metaUrls(tree).map((node) => ({ ...node, text: ownUrl }));
  return `"use strict";${edited(code, [{ start, end, text }, ...address])}`;
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
