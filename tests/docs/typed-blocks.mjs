// The JavaScript and TypeScript blocks of the documentation as files that the compiler checks.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/lib.mjs";
import { consumerFolder } from "../support/package.mjs";
import { codeBlocks, readPage } from "../support/pages.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const project = join(root, "build/docs/blocks");
const languages = ["js", "jsx", "ts", "tsx"];

/** The packages that the blocks import, beside the one under test. */
const packageFolders = ["tests/docs", "tests/frameworks", "tests/compat", "."].map((folder) =>
  join(root, folder, "node_modules"),
);

/** The name that a block gives its file: in a label or in a comment on its first line. */
function nameIn({ meta, code }) {
  const name = /^\[([\w./-]+\.\w+)\]$/.exec(meta)?.[1] ?? /^\/\/ ([\w./-]+\.\w+)\n/.exec(code)?.[1];
  return name && !name.startsWith("..") ? name : undefined;
}

/** The scripts of a page of HTML. */
function scriptsIn({ code, line }) {
  return Array.from(code.matchAll(/<script type="module">\n(.*?)<\/script>/gs), (match) => ({
    language: "js",
    meta: "",
    code: match[1],
    line: line + code.slice(0, match.index).split("\n").length,
  }));
}

/** Code of another library, from which the reader comes. */
const isForeign = ({ meta }) => meta === "[Before]";

const namesIn = (list) =>
  list
    .split(",")
    .map((name) => name.replace(/^.*(?:\bas\b|:)/, "").trim())
    .filter((name) => /^\w+$/.test(name));

/** The names that a block imports, each with a statement that imports it, and those it declares. */
function scopeOf(code) {
  const imported = new Map();
  for (const [, clause, from] of code.matchAll(/^\s*import (?!type)([^;]*?) from ("[^"]+");/gm)) {
    const [, one, list = ""] = /^(\w+)?[\s,]*(?:\{([^}]*)\})?/.exec(clause);
    if (one) imported.set(one, `import ${one} from ${from};`);
    for (const entry of list.split(",")) {
      for (const name of namesIn(entry)) imported.set(name, `import {${entry}} from ${from};`);
    }
  }
  const declaration =
    /^(?:export (?:default )?)?(?:(?:async )?function|class|const|let) (?:(\w+)|[{[]([^}\]]*)[}\]] =)/gm;
  const declared = Array.from(code.matchAll(declaration), ([, one, list]) =>
    one ? [one] : namesIn(list),
  ).flat();
  return { imported, declared: new Set(declared) };
}

/** The statement, or one that imports from the file of another block. */
function importing(source, into) {
  if (typeof source === "string") return source;
  const path = posix.relative(posix.dirname(into), source.file);
  return `import { ${source.name} } from "${path.startsWith(".") ? path : `./${path}`}";`;
}

/**
 * The blocks of a page that are code of JavaScript's family, each with its file in the project. A
 * block goes on where those before it end: it has the names that they import and declare. `before`
 * imports those that it uses, in one line.
 */
export function typedBlocks(page) {
  const files = new Set();
  const known = new Map();
  return codeBlocks(readPage(page))
    .flatMap((block) => (block.language === "html" ? scriptsIn(block) : [block]))
    .filter((block) => languages.includes(block.language) && !isForeign(block))
    .map((block) => {
      let name = nameIn(block);
      if (!name || files.has(name)) name = `line-${block.line}.${block.language}`;
      files.add(name);
      const { imported, declared } = scopeOf(block.code);
      const isUsed = (one) => new RegExp(`\\b${one}\\b`).test(block.code);
      const missing = [...known].filter(
        ([one]) => isUsed(one) && !imported.has(one) && !declared.has(one),
      );
      for (const [one, statement] of imported) known.set(one, statement);
      for (const one of declared) known.set(one, { name: one, file: name });
      return {
        ...block,
        page,
        file: join(page.replace(/\.md$/, ""), name),
        before: missing.map(([, source]) => importing(source, name)).join(" "),
        declared,
      };
    });
}

/** The text of the block's file: one line precedes it. */
function textOf({ before, code, declared }) {
  const isExported = (name) => new RegExp(`^export .*\\b${name}\\b`, "m").test(code);
  const others = [...declared].filter((name) => !isExported(name));
  return `${before}\n${code}\nexport { ${others.join(", ")} };\n`;
}

function linkPackages() {
  const target = join(project, "node_modules");
  mkdirSync(target, { recursive: true });
  symlinkSync(join(consumerFolder, "node_modules/steadysocket"), join(target, "steadysocket"));
  const link = (name, from) => {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    try {
      symlinkSync(join(from, name), join(target, name));
    } catch (error) {
      // An earlier folder has it.
      if (error.code !== "EEXIST") throw error;
    }
  };
  for (const folder of packageFolders) {
    for (const name of readdirSync(folder)) {
      if (name.startsWith(".")) continue;
      if (!name.startsWith("@")) link(name, folder);
      else for (const scoped of readdirSync(join(folder, name))) link(join(name, scoped), folder);
    }
  }
}

const options = {
  target: "ES2024",
  lib: ["ESNext", "DOM", "DOM.Iterable"],
  module: "ESNext",
  moduleResolution: "Bundler",
  moduleDetection: "force",
  // The package finds the frameworks, which are linked beside it.
  preserveSymlinks: true,
  jsx: "react-jsx",
  types: ["node", "deno"],
  paths: {
    "npm:steadysocket/server": ["./node_modules/steadysocket/dist/types/server/index.d.ts"],
  },
  allowJs: true,
  allowImportingTsExtensions: true,
  checkJs: true,
  skipLibCheck: true,
  noEmit: true,
};

/** TypeScript is checked as strictly as in most projects. */
const projects = {
  ts: { ...options, strict: true },
  js: { ...options, strict: false },
};

/**
 * Checks the blocks, and returns the faults of each page.
 * @returns {Map<string, string[]>}
 */
export function checkTypes(pages) {
  rmSync(project, { recursive: true, force: true });
  linkPackages();
  // It finds the package from there.
  cpSync(join(here, "reader.d.ts"), join(project, "reader.d.ts"));
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  const blocks = pages.flatMap(typedBlocks);
  for (const block of blocks) {
    const file = join(project, block.file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, textOf(block));
  }
  const faults = new Map(pages.map((page) => [page, []]));
  const pageOf = new Map(blocks.map((block) => [block.file, block]));
  for (const [language, compilerOptions] of Object.entries(projects)) {
    const files = blocks
      .filter((block) => block.language.startsWith(language))
      .map(({ file }) => join(project, file));
    const config = join(project, `tsconfig.${language}.json`);
    const content = { compilerOptions, files: [join(project, "reader.d.ts"), ...files] };
    writeFileSync(config, JSON.stringify(content));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const args = [compiler, "-p", config, "--pretty", "false"];
    const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
    for (const [, path, row, text] of stdout.matchAll(/^(\S+?)\((\d+),\d+\): error (.*)$/gm)) {
      const block = pageOf.get(relative(project, join(project, path)));
      if (!block) throw new Error(`${path}: ${text}`);
      const line = block.line + Number(row) - 1;
      faults.get(block.page).push(`${block.page}:${line}: ${text}`);
    }
  }
  return faults;
}
