// Small apps that use the package, made in build/compat/ and run in Chromium.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "./browsers/chromium.mjs";
import { listen } from "./listen.mjs";
import { consumerFolder } from "./package.mjs";
import { ServerProcess } from "./server-process.mjs";

const folders = fileURLToPath(new URL("../../build/compat/", import.meta.url));
const sources = fileURLToPath(new URL("../compat/bundlers/app/", import.meta.url));

/** The files of an app that sends and receives, by the entry of the package that it imports. */
export function talkingApp(entry) {
  const source = (name) => readFileSync(join(sources, name), "utf8");
  return {
    "index.html": source("index.html"),
    "main.js": source(`${entry}.js`),
    "greet.js": source("greet.js"),
  };
}

/**
 * Creates a folder with these files and the installed package. That is copied: bundlers would
 * resolve a link to a path outside of the app.
 */
export function makeApp(name, files) {
  const folder = join(folders, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(consumerFolder, "node_modules"), join(folder, "node_modules"), { recursive: true });
  const all = { "package.json": '{ "private": true, "type": "module" }\n', ...files };
  for (const [path, text] of Object.entries(all)) writeFileSync(join(folder, path), text);
  return folder;
}

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/**
 * Apps that use little of the package, and their largest size in bytes. The app `types` is what
 * TypeScript emits for type-only imports (verbatimModuleSyntax).
 */
export const frugalApps = [
  {
    name: "one-class",
    uses: "the class of an event",
    limit: 1_000,
    main: `import { SteadyCloseEvent } from "steadysocket";
addEventListener("close", (event) => console.log(event instanceof SteadyCloseEvent));`,
  },
  {
    name: "types",
    uses: "types",
    limit: 200,
    main: `import {} from "steadysocket";
import {} from "steadysocket/core";
import {} from "steadysocket/external";
console.log("an app");`,
  },
];

/** Serves a folder with this Content-Security-Policy until the test ends. */
export async function serveFolder(t, folder, policy) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://host");
    const path = pathname === "/" ? "/index.html" : pathname;
    response.setHeader("Content-Security-Policy", policy);
    response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
    try {
      response.end(await readFile(join(folder, path)));
    } catch {
      response.statusCode = 404;
      response.end();
    }
  });
  return `http://127.0.0.1:${await listen(t, server)}/`;
}

/**
 * Checks that the page of this folder sends and receives, and does so again after its server was
 * killed and restarted: under a strict policy, which allows the inline script with this hash, if
 * any. Resolves to the URLs that the page requested.
 */
export async function talks(t, folder, hash = "") {
  const server = await ServerProcess.start(t);
  const policy = [
    "default-src 'none'",
    "img-src data:",
    `script-src 'self' 'wasm-unsafe-eval' ${hash}`,
    `connect-src 'self' ws://127.0.0.1:${server.port}`,
  ].join("; ");
  return talksAt(t, await serveFolder(t, folder, policy), server);
}

/** Same for a page that another server serves. */
export async function talksAt(t, url, server) {
  const page = await chromium.open(t);
  page.expected.push(chromium.refusedConnection);
  const requests = [];
  const session = await page.page.createCDPSession();
  session.on("Network.requestWillBeSent", ({ request }) => requests.push(request.url));
  await session.send("Network.enable");
  await page.goto(`${url}?server=${encodeURIComponent(server.url())}`);
  await page.sees("#received", "connection 1");
  await server.kill();
  await server.restart();
  await page.sees("#received", "connection 2");
  assert.deepEqual(await page.texts("#received > li"), ["connection 1", "connection 2"]);
  await page.close();
  return requests;
}

/** Same for an app that fetches the package's wasm file, which is copied beside its script. */
export async function talksWithCopy(t, folder, place) {
  const wasm = "steadysocket.wasm";
  copyFileSync(join(folder, "node_modules/steadysocket/dist", wasm), join(place, wasm));
  const requests = await talks(t, place);
  assert.ok(requests.some((url) => url.endsWith(`/${wasm}`)));
}

const gzipped = (input) => execFileSync("gzip", ["-9c"], { input }).length;

/** Reports the size of a script, and asserts that it adds little to the package's own. */
export function assertSmall(t, script, entry) {
  const own = readFileSync(join(consumerFolder, "node_modules/steadysocket/dist", entry));
  t.diagnostic(`${script.length} bytes, ${gzipped(script)} gzipped (the package: ${gzipped(own)})`);
  assert.ok(gzipped(script) < gzipped(own) + 1_500, `${gzipped(script)} bytes`);
}
