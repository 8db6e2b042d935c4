// The API reference, as npm run docs makes it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { consumerFolder } from "../../support/package.mjs";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const reference = join(root, "build/reference");
const types = join(consumerFolder, "node_modules/steadysocket/dist/types");

/** The names that a declaration file exports itself. */
function exportsOf(file) {
  const text = readFileSync(join(types, file), "utf8");
  const lists = [...text.matchAll(/^export (?:type )?\{([^}]*)\}/gm)];
  const declared = /^export (?:declare function|interface) (\w+)/gm;
  return (
    lists
      .flatMap(([, names]) => names.split(","))
      .map((name) => name.trim().replace(/^type /, ""))
      // The default export is the class, whatever else it is called.
      .filter((name) => name !== "" && !/(^| as )default$/.test(name))
      .concat([...text.matchAll(declared)].map(([, name]) => name))
  );
}

test("the reference is made without a warning, and everything that is exported has a page", async () => {
  // It fails on a warning.
  await promisify(execFile)(process.execPath, [join(root, "scripts/docs.mjs")]);
  const pages = ["classes", "functions", "interfaces", "types"].flatMap((kind) =>
    readdirSync(join(reference, kind)).map((page) => page.replace(/\.html$/, "")),
  );
  const named = (entry, names) => names.map((name) => `${entry}.${name}`);
  assert.deepEqual(
    pages.toSorted(),
    [
      ...named("steadysocket", exportsOf("index.d.ts")),
      ...named("steadysocket_external", exportsOf("external.d.ts")),
      ...named("steadysocket_attach", exportsOf("attach.d.ts")),
    ].toSorted(),
  );
});
