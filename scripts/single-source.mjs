// npm run single-source: writes the C++ library for the web as a folder to drop into a program that is
// built without CMake, in build/single-source/steadysocket: all sources in steadysocket.cpp, the
// public headers, the JavaScript library and packaging/single-source/README.md. With it what a
// release publishes: that folder as steadysocket-VERSION.tar.gz, and Emscripten's port of the
// archive, steadysocket.py, with its checksum.
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, readManifest, root, run, step } from "./lib.mjs";

const sdk = join(root, "sdk");
/** Public headers stay files: programs include them. */
const publicFolders = ["include", "web/include"];
/** The folders of the library's sources for the web, bottom first. */
const sourceFolders = ["kernel", "src", "web"];

/** Joins sources into one translation unit, each private header once, before its first use. */
class TranslationUnit {
  #includes = new Set();
  #seen = new Set();
  #parts = [];

  /** Adds a file of sdk/, behind the private headers that it includes. */
  add(file) {
    if (this.#seen.has(file)) return;
    this.#seen.add(file);
    const text = readFileSync(join(sdk, file), "utf8");
    const body = text.replaceAll(/^#(?:pragma once|include (.*))\n/gm, (_line, included) => {
      if (included !== undefined) this.#include(dirname(file), included);
      return "";
    });
    this.#parts.push(`// sdk/${file}\n\n${body.trim()}\n`);
  }

  #include(folder, included) {
    const header = /^"(.+)"/.exec(included)?.[1];
    const own = header && join(folder, header);
    if (own && existsSync(join(sdk, own))) this.add(own);
    else this.#includes.add(`#include ${included}`);
  }

  /** Its text, with the includes of other headers at the beginning. */
  text() {
    return `${[...this.#includes].sort().join("\n")}\n\n${this.#parts.join("\n")}`;
  }
}

/** The text of steadysocket.cpp. */
function joinSources(version) {
  const unit = new TranslationUnit();
  for (const folder of sourceFolders) {
    const names = readdirSync(join(sdk, folder)).filter((name) => name.endsWith(".cpp"));
    for (const name of names.sort()) unit.add(`${folder}/${name}`);
  }
  return `// steadysocket ${version} for the web, generated from its sources. MIT license: see LICENSE.\n\n${unit.text()}`;
}

/**
 * Writes the folder `steadysocket` into another folder, which is created.
 * @param {string} output
 */
export function writeSingleSource(output) {
  const folder = join(output, "steadysocket");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const headers of publicFolders) {
    cpSync(join(sdk, headers), join(folder, "include"), { recursive: true });
  }
  cpSync(join(sdk, "web/steady_web.js"), join(folder, "steady_web.js"));
  cpSync(join(root, "packaging/single-source/README.md"), join(folder, "README.md"));
  cpSync(join(root, "LICENSE"), join(folder, "LICENSE"));
  writeFileSync(join(folder, "steadysocket.cpp"), joinSources(readManifest().version));
}

/**
 * Writes the folder, its archive and the port of that into another folder.
 * @param {string} output
 */
export function writeRelease(output) {
  writeSingleSource(output);
  const archive = `steadysocket-${readManifest().version}.tar.gz`;
  run("tar", ["-czf", archive, "steadysocket"], { cwd: output });
  const checksum = createHash("sha512")
    .update(readFileSync(join(output, archive)))
    .digest("hex");
  const port = readFileSync(join(root, "packaging/emscripten/steadysocket.py"), "utf8");
  const checked = port.replace(/^SHA512 = None$/m, `SHA512 = "${checksum}"`);
  if (checked === port) fail("packaging/emscripten/steadysocket.py must have a line SHA512 = None");
  writeFileSync(join(output, "steadysocket.py"), checked);
  return archive;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = join(root, "build/single-source");
  const archive = writeRelease(output);
  step(`wrote steadysocket/, ${archive} and steadysocket.py in build/single-source`);
}
