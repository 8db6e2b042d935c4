// Shortens the private names of a built script.

/** Names of one character, in the order of their frequency in minified scripts. */
const shortNames = [..."tesrnioahculfdpybmvgwSkEMxTOjARNqCUDBLWPIFJGHzKVQXYZ$_"];

/**
 * Returns the edits that rename the private members of every class, each class beginning with the
 * same names, which compresses better than the names that terser gives: they are unique in the
 * script.
 */
export function shortPrivateNames(tree) {
  const edits = [];
  /** `scopes`: the new names of the classes around a node, by the present name, innermost first. */
  const visit = (node, scopes) => {
    if (node.type === "PrivateIdentifier") {
      const name = scopes.find((names) => names.has(node.name)).get(node.name);
      edits.push({ start: node.start, end: node.end, text: `#${name}` });
      return;
    }
    const inner = node.type === "ClassBody" ? [namesOf(node, scopes), ...scopes] : scopes;
    for (const child of Object.values(node).flat()) {
      if (typeof child?.type === "string") visit(child, inner);
    }
  };
  visit(tree, []);
  return edits;
}

/**
 * Returns the new names of the private members of a class, by the present name. `scopes` has those
 * of the classes around it, which it may use.
 */
function namesOf({ body }, scopes) {
  const keys = body.map(({ key }) => key).filter((key) => key?.type === "PrivateIdentifier");
  // An accessor has two members with the same name.
  const present = new Set(keys.map(({ name }) => name));
  const longer = shortNames.flatMap((first) => shortNames.map((second) => first + second));
  const taken = new Set(scopes.flatMap((names) => [...names.values()]));
  const names = [...shortNames, ...longer].filter((name) => !taken.has(name));
  return new Map(Array.from(present, (name, index) => [name, names[index]]));
}
