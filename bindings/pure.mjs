// Marks the statements of a built script that bundlers may remove.

/**
 * Returns the edits that mark the initializers of top-level variables as pure, so that bundlers can
 * remove unused ones. Bundlers assume side effects of a call, and of a class with a static block or an unknown base
 * class. No initializer may have a side effect.
 */
export function pureMarks({ body }) {
  return body
    .flatMap((statement) =>
      statement.type === "VariableDeclaration" ? statement.declarations : [],
    )
    .map(({ init }) => init)
    .filter((init) => init !== null)
    .flatMap((init) => {
      const [before, after] = marks(init);
      return [
        { start: init.start, end: init.start, text: before },
        { start: init.end, end: init.end, text: after },
      ];
    });
}

/** Whether bundlers recognize that evaluating an argument has no side effect. */
function isPlain({ type, expressions, elements }) {
  if (type === "ArrayExpression") return elements.every(isPlain);
  // A member may be a getter.
  if (type === "CallExpression" || type === "MemberExpression") return false;
  return type !== "TemplateLiteral" || expressions.length === 0;
}

/** Returns the code to insert before and after a value. Only calls can be marked as pure. */
function marks(value) {
  const pure = "/*@__PURE__*/";
  // With a block: Babel puts private methods outside of a function without one.
  const asCall = [`${pure}(()=>{return `, "})()"];
  if (value.type === "CallExpression" || value.type === "NewExpression") {
    return value.arguments.every(isPlain) ? [pure, ""] : asCall;
  }
  if (value.type === "LogicalExpression") return asCall;
  // The conversion of a computed key, or of a part of a template, may have side effects.
  if (value.type === "ObjectExpression" && value.properties.some(({ computed }) => computed)) {
    return asCall;
  }
  if (value.type === "ClassExpression") {
    const hasBlock = value.body.body.some((member) => member.type === "StaticBlock");
    if (hasBlock || value.superClass !== null) return asCall;
  }
  return ["", ""];
}
