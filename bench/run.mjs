// npm run bench: ratios to raw, measured side by side in one run, in Node and in Chromium; and the
// size of the package.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { cpus } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import { chromiumOptions, root } from "../scripts/lib.mjs";
import { measure } from "./cases.mjs";

const packageFile = join(root, "dist/steadysocket.js");

function print(title, rows) {
  console.log(`\n${title}`);
  console.log("path     bytes   raw ns   raw again   steadysocket");
  for (const { path, size, clients } of rows) {
    const [raw, again, steady] = clients;
    console.log(
      [
        path.padEnd(8),
        String(size).padStart(5),
        raw.nanoseconds.toFixed(0).padStart(8),
        again.ratio.toFixed(2).padStart(11),
        steady.ratio.toFixed(2).padStart(14),
      ].join(" "),
    );
  }
}

async function measureInChromium() {
  const scripts = {
    "/steadysocket.js": readFileSync(packageFile),
    "/cases.mjs": readFileSync(new URL("cases.mjs", import.meta.url)),
  };
  const server = createServer((request, response) => {
    const script = scripts[request.url];
    response.setHeader("Content-Type", script ? "text/javascript" : "text/html");
    response.end(script ?? "<!doctype html>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const browser = await chromium.launch(chromiumOptions);
  try {
    const page = await browser.newPage();
    await page.goto(`http://localhost:${port}/`);
    const rows = await page.evaluate(async () => {
      const [{ measure }, { SteadySocket }] = await Promise.all(
        ["/cases.mjs", "/steadysocket.js"].map((path) => import(path)),
      );
      return measure(SteadySocket);
    });
    return { version: browser.version(), rows };
  } finally {
    await browser.close();
    server.close();
    server.closeAllConnections();
  }
}

console.log(`${cpus()[0].model}, ${cpus().length} cores; ratios to raw, medians of paired rounds`);
const { SteadySocket } = await import(packageFile);
print(`Node ${process.versions.node}`, await measure(SteadySocket));
const { version, rows } = await measureInChromium();
print(`Chromium ${version}`, rows);

const bytes = readFileSync(packageFile);
const gzipped = gzipSync(bytes, { level: 9 }).length;
console.log(`\npackage, JS and wasm: ${bytes.length} bytes, gzip -9 ${gzipped} bytes`);
