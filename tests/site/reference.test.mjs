// The API references of the site.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { consumerFolder } from "../support/package.mjs";
import { root, pages as sources } from "./support.mjs";

const reference = join(sources, "reference");
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

/** The classes of a public header, without its namespace steady; not what is in steady::detail. */
function classesOf(text) {
  const open = text.replaceAll(/^namespace detail \{.*?^\} {2}\/\/ namespace detail$/gms, "");
  const space = /^namespace (steady[\w:]*) \{$/gm;
  const [name] = [...open.matchAll(space)].map(([, full]) => full).slice(-1);
  const classes = open.matchAll(/^(class|struct)(?: \[\[\w+\]\])? (\w+)(?: final)?(?: : .*)? \{/gm);
  return [...classes].map(([, kind, own]) => ({
    declaration: `${kind} ${own}`,
    heading: `${name}::${own}`.replace(/^steady::/, ""),
  }));
}

/** The members of an entry that have a page, after its name: `steadysocket/core.SteadySocket`. */
function describedBy(entry) {
  return ["classes", "functions", "interfaces", "type-aliases", "variables"].flatMap((kind) => {
    const folder = join(reference, "typescript", entry, kind);
    if (!existsSync(folder)) return [];
    return readdirSync(folder).map((page) => `${entry}.${page.replace(/\.md$/, "")}`);
  });
}

// npm run docs fails on a warning, and so does the step before these tests.
test("everything that the package exports has a page in the reference, and nothing else has", () => {
  const entries = readdirSync(join(reference, "typescript/steadysocket"), { withFileTypes: true })
    .filter(({ name }) => existsSync(join(reference, "typescript/steadysocket", name, "index.md")))
    .map(({ name }) => `steadysocket/${name}`);
  const pages = ["steadysocket", ...entries].flatMap(describedBy);
  const named = (entry, names) => names.map((name) => `${entry}.${name}`);
  // Exports of several entries have their page with the first one; the class of the core is another.
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
      ...named("steadysocket/core", ownOfCore),
      ...named("steadysocket/external", exportsOf("external.d.ts")),
      ...named("steadysocket/attach", exportsOf("attach.d.ts")),
      ...named("steadysocket/server", exportsOf("server/index.d.ts")),
      ...named("steadysocket/testing", exportsOf("testing/index.d.ts")),
      ...named("steadysocket/react", [...typesOfHooks, ...new Set(exportsOf("hooks/react.d.ts"))]),
      ...named("steadysocket/vue", [...new Set(ownOf("vue"))]),
      ...named("steadysocket/svelte", [...new Set(ownOf("svelte"))]),
    ].toSorted(),
  );
});

test("every class of a public C++ header has a section in the page of its header", () => {
  const folders = ["sdk/include", "sdk/testing/include"];
  const missing = [];
  let count = 0;
  for (const folder of folders) {
    const names = readdirSync(join(root, folder), { recursive: true }).map(String);
    for (const name of names.filter((name) => name.endsWith(".hpp"))) {
      const classes = classesOf(readFileSync(join(root, folder, name), "utf8"));
      if (classes.length === 0) continue;
      const page = readFileSync(join(reference, "cpp", name.replace(/\.hpp$/, ".md")), "utf8");
      for (const { declaration, heading } of classes) {
        count += 1;
        const isThere = page.includes(`\n## ${heading} {#`) && page.includes(`${declaration}`);
        if (!isThere) missing.push(`${name}: ${heading}`);
      }
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(count > 40, `${count} classes`);
});

test("a public member of C++ without a comment is refused by its name", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "steady-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const header = join(folder, "bare.hpp");
  writeFileSync(header, "/// A type.\nstruct Bare {\n  int undocumented = 0;\n};\n");
  const settings = `@INCLUDE = site/Doxyfile
    USE_MDFILE_AS_MAINPAGE =
    INPUT = ${header}
    OUTPUT_DIRECTORY = ${folder}`;
  writeFileSync(join(folder, "Doxyfile"), settings);
  const made = run("doxygen", [join(folder, "Doxyfile")], { cwd: root });
  await assert.rejects(made, ({ stderr }) => /undocumented .*is not documented/.test(stderr));
});
