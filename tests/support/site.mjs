// A web site on loopback for browser tests.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { listen } from "./listen.mjs";
import { entryUrl, isInJavaScript, packageUrl } from "./package.mjs";

const typeOf = (url) => (url.endsWith(".wasm") ? "application/wasm" : "text/javascript");

export const packageText = await readFile(fileURLToPath(packageUrl));
/** The entry `steadysocket`, whichever entry is tested. */
export const wasmText = await readFile(fileURLToPath(entryUrl(".")));

/** The part of a Content-Security-Policy that the tested entry needs. */
export const scriptSources = isInJavaScript
  ? "script-src 'self'"
  : "script-src 'self' 'wasm-unsafe-eval'";

/**
 * Serves empty pages, with this Content-Security-Policy if there is one, and beside them the
 * package and other files: scripts, and WebAssembly if the name ends in .wasm. Stops when the test
 * ends.
 */
export async function serveSite(t, policy, files = {}) {
  const all = { "/steadysocket.js": packageText, ...files };
  const server = createServer((request, response) => {
    const file = all[request.url];
    if (policy !== undefined) response.setHeader("Content-Security-Policy", policy);
    response.setHeader("Content-Type", file ? typeOf(request.url) : "text/html");
    response.end(file ?? '<!doctype html><link rel="icon" href="data:,">');
  });
  return `http://localhost:${await listen(t, server)}/`;
}
