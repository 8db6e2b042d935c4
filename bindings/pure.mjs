// Says of a built script which of its statements bundlers may leave out.
import { parse } from "acorn";

/**
 * Marks what the variables of the top level are set to as pure, so that an app carries only what it
 * imports. Bundlers do not know that of a call, nor of a class with a static block or with a base
 * class that they do not know. Nothing may stand there that does anything to others.
 */
export function markPure(code) {
  const { body } = parse(code, { ecmaVersion: "latest", sourceType: "module" });
  const values = body
    .flatMap((statement) =>
      statement.type === "VariableDeclaration" ? statement.declarations : [],
    )
    .map(({ init }) => init)
    .filter((init) => init !== null);
  let marked = "";
  let end = 0;
  for (const value of values) {
    const [before, after] = marks(value);
    marked += code.slice(end, value.start) + before + code.slice(value.start, value.end) + after;
    end = value.end;
  }
  return marked + code.slice(end);
}

/** What to put around a value. Only calls can be marked. */
function marks(value) {
  const pure = "/*@__PURE__*/";
  const asCall = [`${pure}(()=>`, ")()"];
  if (value.type === "CallExpression" || value.type === "NewExpression") return [pure, ""];
  if (value.type === "LogicalExpression") return asCall;
  if (value.type === "ClassExpression") {
    const hasBlock = value.body.body.some((member) => member.type === "StaticBlock");
    if (hasBlock || value.superClass !== null) return asCall;
  }
  return ["", ""];
}
