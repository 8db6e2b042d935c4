// What a page downloads, by entry: bundled and minified by esbuild, the peers as we are.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { readManifest, root } from "../scripts/lib.mjs";
import { bundle } from "./bundle.mjs";

/** The modules of other libraries that a page imports. */
const peers = {
  "reconnecting-websocket": "reconnecting-websocket",
  partysocket: "partysocket/ws",
  "socket.io": "socket.io-client",
  signalr: "@microsoft/signalr",
  phoenix: "phoenix",
};

/** The entries that package.json exports: name -> file. */
function entries() {
  const { name, exports } = readManifest();
  return Object.entries(exports)
    .filter(([, target]) => target.default?.endsWith(".js"))
    .map(([path, target]) => [name + path.slice(1), target.default]);
}

export async function measureSize() {
  const bundles = [];
  const published = [];
  for (const [name, file] of entries()) {
    bundles.push([name, await bundle(join(root, file))]);
    published.push([name, readFileSync(join(root, file))]);
  }
  for (const [name, path] of Object.entries(peers)) bundles.push([name, await bundle(path)]);
  const brotli = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
  const gzip = (code) => gzipSync(code, { level: 9 }).length;
  const lines = {
    minified: [bundles, (code) => code.length],
    "gzip -9": [bundles, gzip],
    "brotli 11": [bundles, (code) => brotliCompressSync(code, brotli).length],
    "gzip -9, as published": [published, gzip],
  };
  const rows = Object.entries(lines).flatMap(([line, [files, pick]]) =>
    files.map(([client, code]) => ({ line, client, value: pick(code) })),
  );
  return [{ title: "size", unit: "bytes", show: "value", rows }];
}
