// The bytes that a page downloads: steadysocket and its peers, bundled and minified by esbuild.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { readManifest, root } from "../scripts/lib.mjs";
import { bundle } from "./bundle.mjs";

/** The modules of other libraries that a page imports. */
export const peers = {
  "reconnecting-websocket": "reconnecting-websocket",
  partysocket: "partysocket/ws",
  "socket.io": "socket.io-client",
  signalr: "@microsoft/signalr",
  phoenix: "phoenix",
};

const gzip = (code) => gzipSync(code, { level: 9 }).length;

/** The file that a bundler selects from a target of `exports`. */
const fileOf = (target) =>
  typeof target === "string" ? target : fileOf(target.import ?? target.default);

/** The entries that package.json exports: name -> file. */
export function entries() {
  const { name, exports } = readManifest();
  return Object.fromEntries(
    Object.entries(exports)
      .map(([path, target]) => [name + path.slice(1), join(root, fileOf(target))])
      .filter(([, file]) => file.endsWith(".js")),
  );
}

/**
 * Sizes of bundles with a single import.
 * @param modules - name -> imported module
 * @returns rows of { line, client, value: bytes }
 */
export async function sizesOf(modules) {
  const rows = [];
  for (const [client, path] of Object.entries(modules)) {
    const code = await bundle(path);
    const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
    const sizes = {
      minified: code.length,
      "gzip -9": gzip(code),
      "brotli 11": brotliCompressSync(code, brotli).length,
    };
    for (const [line, value] of Object.entries(sizes)) rows.push({ line, client, value });
  }
  return rows;
}

/** The size of each entry of the package. */
export async function measureSize() {
  const published = Object.entries(entries()).map(([client, file]) => ({
    line: "gzip -9, as published",
    client,
    value: gzip(readFileSync(file)),
  }));
  const rows = [...(await sizesOf(entries())), ...published];
  return [{ title: "size", unit: "bytes", show: "value", rows }];
}
