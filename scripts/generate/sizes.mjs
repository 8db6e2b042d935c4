// The sizes that pages name: <!-- size steadysocket.js -->33.7 KB<!-- /size -->, where the name is a
// file of dist/, or `bundle NAME` for a library in the size table of bench/compare/results.json.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fail, root } from "../lib.mjs";

/** The record, in bytes after gzip -9. `npm run generate -- --sizes` writes it from dist/. */
export const sizesFile = "scripts/generate/sizes.json";

const files = [
  "steadysocket.js",
  "core.js",
  "js/steadysocket.js",
  "external.js",
  "steadysocket.wasm",
  "attach.js",
  "server.js",
  "testing.js",
  "react.js",
  "vue.js",
  "svelte.js",
];

const readJson = (file) => JSON.parse(readFileSync(join(root, file), "utf8"));

export const readSizes = () => readJson(sizesFile);

/** @returns file -> bytes after gzip -9, of the files in the folder `dist`. */
export function measureSizes(dist) {
  const size = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  return Object.fromEntries(files.map((file) => [file, size(file)]));
}

/** The text with the recorded sizes between its marks. */
export function withSizes(text, page) {
  if (!text.includes("<!-- size ")) return text;
  const sizes = readSizes();
  for (const { part, rows } of readJson("bench/compare/results.json").tables) {
    if (part !== "size") continue;
    for (const { line, client, value } of rows) {
      if (line === "gzip -9") sizes[`bundle ${client}`] = value;
    }
  }
  return text.replaceAll(/(<!-- size (.+?) -->).*?(<!-- \/size -->)/g, (_, begin, name, end) => {
    if (sizes[name] === undefined) fail(`${page}: no size of ${name} in ${sizesFile}`);
    return `${begin}${(sizes[name] / 1000).toFixed(1)} KB${end}`;
  });
}
