// The API references, as npm run docs makes them.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { limitTests } from "../../support/limit.mjs";
import { consumerFolder } from "../../support/package.mjs";

// Doxygen and TypeDoc read everything.
limitTests(180_000);

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

const run = promisify(execFile);

/** The classes of a public header, as Doxygen names their pages; not what is in steady::detail. */
function classesOf(path) {
  const text = readFileSync(join(root, path), "utf8");
  const open = text.replaceAll(/^namespace detail \{.*?^\} {2}\/\/ namespace detail$/gms, "");
  const space = /^namespace (steady[\w:]*) \{$/gm;
  const [name] = [...open.matchAll(space)].map(([, full]) => full).slice(-1);
  const classes = open.matchAll(/^(class|struct)(?: \[\[\w+\]\])? (\w+)(?: final)?(?: : .*)? \{/gm);
  const escaped = (part) => part.replaceAll("_", "__").replaceAll("::", "_1_1");
  return [...classes].map(([, kind, own]) => `${kind}${escaped(`${name}::${own}`)}.html`);
}

before(async () => {
  // It fails on a warning.
  await run(process.execPath, [join(root, "scripts/docs.mjs")]);
});

test("the reference is made without a warning, and everything that is exported has a page", () => {
  const pages = ["classes", "functions", "interfaces", "types"].flatMap((kind) =>
    readdirSync(join(reference, kind)).map((page) => page.replace(/\.html$/, "")),
  );
  const named = (entry, names) => names.map((name) => `${entry}.${name}`);
  // What an entry exports again has its page with the first one; the class of the core is another.
  const common = exportsOf("entry-common.d.ts");
  const ofDefault = [...common, ...exportsOf("index.d.ts")];
  const ownOfCore = exportsOf("entry-core.d.ts").filter(
    (name) => name === "SteadySocket" || !ofDefault.includes(name),
  );
  const typesOfHooks = exportsOf("hooks/public-types.d.ts");
  const ownOf = (framework) =>
    exportsOf(`hooks/${framework}.d.ts`).filter(
      (name) => ![...common, ...typesOfHooks].includes(name),
    );
  assert.deepEqual(
    pages.toSorted(),
    [
      ...named("steadysocket", ofDefault),
      ...named("steadysocket_core", ownOfCore),
      ...named("steadysocket_external", exportsOf("external.d.ts")),
      ...named("steadysocket_attach", exportsOf("attach.d.ts")),
      ...named("steadysocket_server", exportsOf("server/index.d.ts")),
      ...named("steadysocket_testing", exportsOf("testing/index.d.ts")),
      ...named("steadysocket_react", [...typesOfHooks, ...new Set(exportsOf("hooks/react.d.ts"))]),
      ...named("steadysocket_vue", [...new Set(ownOf("vue"))]),
      ...named("steadysocket_svelte", [...new Set(ownOf("svelte"))]),
    ].toSorted(),
  );
});

test("the C++ reference is made without a warning, and every class of a public header has a page", () => {
  const folders = ["sdk/include/steady", "sdk/testing/include/steady/testing"];
  const headers = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => join(folder, name)),
  );
  const classes = headers.filter((name) => name.endsWith(".hpp")).flatMap(classesOf);
  assert.ok(classes.includes("classsteady_1_1Socket.html"));
  const pages = new Set(readdirSync(join(reference, "cpp")));
  assert.deepEqual(
    classes.filter((name) => !pages.has(name)),
    [],
  );
});

test("a public member of C++ without a comment is refused by its name", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "steady-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const header = join(folder, "bare.hpp");
  writeFileSync(header, "/// It is told.\nstruct Told {\n  int untold = 0;\n};\n");
  const settings = `@INCLUDE = scripts/reference/Doxyfile
    USE_MDFILE_AS_MAINPAGE =
    INPUT = ${header}
    OUTPUT_DIRECTORY = ${folder}`;
  writeFileSync(join(folder, "Doxyfile"), settings);
  const made = run("doxygen", [join(folder, "Doxyfile")], { cwd: root });
  await assert.rejects(made, ({ stderr }) => /untold .*is not documented/.test(stderr));
});
