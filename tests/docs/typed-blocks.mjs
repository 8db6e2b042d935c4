// The JavaScript and TypeScript blocks of the documentation as files that the compiler checks.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/lib.mjs";
import { consumerFolder } from "../support/package.mjs";
import { codeBlocks, readPage } from "../support/pages.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const project = join(root, "build/docs/blocks");
const languages = ["js", "jsx", "ts", "tsx"];

/** Where the packages are that the blocks import, beside the one under test. */
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

const family = (language) => language.slice(0, 2);
const hasImports = (code) => /^import\b/m.test(code);

/**
 * The blocks of a page that are code of JavaScript's family, each with its file in the project. A
 * block without imports goes on where the last one with imports ends: `before` is that one's code.
 */
export function typedBlocks(page) {
  const files = new Set();
  const begun = {};
  return codeBlocks(readPage(page))
    .flatMap((block) => (block.language === "html" ? scriptsIn(block) : [block]))
    .filter(({ language }) => languages.includes(language))
    .map((block) => {
      let name = nameIn(block);
      if (!name || files.has(name)) name = `line-${block.line}.${block.language}`;
      files.add(name);
      const { code, language } = block;
      if (hasImports(code)) begun[family(language)] = code;
      const before = hasImports(code) ? "" : (begun[family(language)] ?? "");
      return { ...block, page, before, file: join(page.replace(/\.md$/, ""), name) };
    });
}

/** The text of the block's file, and how many lines of it precede the block. */
function textOf({ before, code }) {
  if (!before) return { text: code, offset: 0 };
  const begin = `${before}\n{\n`;
  const text = `${begin}${code.replaceAll(/^export (default )?/gm, "")}}\n`;
  return { text, offset: begin.split("\n").length - 1 };
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
  paths: { "npm:steadysocket/server": ["./node_modules/steadysocket/dist/types/server/index.d.ts"] },
  allowJs: true,
  checkJs: true,
  skipLibCheck: true,
  noEmit: true,
};

/** What a reader writes in TypeScript is checked as strictly as most projects are. */
const projects = {
  ts: { ...options, strict: true },
  js: { ...options, strict: false },
};

/**
 * Checks the blocks, and returns what is wrong with those of each page.
 * @returns {Map<string, string[]>}
 */
export function checkTypes(pages) {
  rmSync(project, { recursive: true, force: true });
  linkPackages();
  writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');
  const blocks = pages.flatMap(typedBlocks);
  for (const block of blocks) {
    const file = join(project, block.file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, textOf(block).text);
  }
  const faults = new Map(pages.map((page) => [page, []]));
  const pageOf = new Map(blocks.map((block) => [block.file, block]));
  for (const [language, compilerOptions] of Object.entries(projects)) {
    const files = blocks
      .filter((block) => block.language.startsWith(language))
      .map(({ file }) => join(project, file));
    const config = join(project, `tsconfig.${language}.json`);
    const content = { compilerOptions, files: [join(here, "reader.d.ts"), ...files] };
    writeFileSync(config, JSON.stringify(content));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const args = [compiler, "-p", config, "--pretty", "false"];
    const { stdout } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
    for (const [, path, row, text] of stdout.matchAll(/^(\S+?)\((\d+),\d+\): error (.*)$/gm)) {
      const block = pageOf.get(relative(project, join(project, path)));
      if (!block) throw new Error(`${path}: ${text}`);
      const line = block.line + Number(row) - textOf(block).offset;
      // What precedes the block is checked where it stands.
      if (line <= block.line) continue;
      faults.get(block.page).push(`${block.page}:${line}: ${text}`);
    }
  }
  return faults;
}
