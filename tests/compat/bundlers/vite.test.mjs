import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build, createLogger, createServer, version } from "vite";
import {
  assertSmall,
  frugalApps,
  makeApp,
  talkingApp,
  talks,
  talksAt,
} from "../../support/apps.mjs";
import { ServerProcess } from "../../support/server-process.mjs";

/** What every run has, and what it complains of. */
function quiet(root) {
  const complaints = [];
  const customLogger = createLogger("silent");
  customLogger.warn = customLogger.warnOnce = customLogger.error = (text) => complaints.push(text);
  return { complaints, config: { root, configFile: false, logLevel: "silent", customLogger } };
}

/** Builds the app for production. Gives the names of its assets. */
async function bundle(root, options = {}) {
  const { complaints, config } = quiet(root);
  await build({ ...config, build: options });
  assert.deepEqual(complaints, []);
  return readdirSync(join(root, "dist/assets"));
}

/** Serves the app for development. */
async function serve(t, root) {
  const { complaints, config } = quiet(root);
  const server = await createServer({
    ...config,
    server: { host: "127.0.0.1", port: 0 },
  });
  t.after(() => server.close());
  await server.listen();
  return { url: server.resolvedUrls.local[0], complaints };
}

const external = talkingApp("external");
/** As it has to be for the dev server of Vite 7 and older. */
const withUrl = external["main.js"]
  .replace("import", 'import wasm from "steadysocket/steadysocket.wasm?url";\nimport')
  .replace("load()", "load(wasm)");
const apps = {
  "default entry": { files: talkingApp("default"), own: "steadysocket.js", wasm: false },
  "external entry": { files: external, own: "external.js", wasm: true },
  "external entry with ?url": {
    files: { ...external, "main.js": withUrl },
    own: "external.js",
    wasm: true,
  },
};
for (const [label, { files, own, wasm }] of Object.entries(apps)) {
  const name = label.replaceAll(/\W+/g, "-");

  test(`Bundler Vite ${version}, ${label}: a built app talks`, async (t) => {
    const folder = makeApp(`vite-${name}`, files);
    const assets = await bundle(folder);
    const script = assets.find((asset) => asset.endsWith(".js"));
    assertSmall(t, readFileSync(join(folder, "dist/assets", script)), own);
    const requests = await talks(t, join(folder, "dist"));
    const wasmAssets = assets.filter((asset) => asset.endsWith(".wasm"));
    assert.equal(wasmAssets.length, wasm ? 1 : 0);
    for (const asset of wasmAssets) {
      assert.ok(requests.some((url) => url.endsWith(`/assets/${asset}`)));
    }
  });

  test(`Bundler Vite ${version}, ${label}: the app talks from the dev server`, async (t) => {
    const echo = await ServerProcess.start(t);
    const { url, complaints } = await serve(t, makeApp(`vite-dev-${name}`, files));
    const requests = await talksAt(t, url, echo);
    // It has prepared the package in its own way.
    assert.ok(requests.some((address) => address.includes("/.vite/deps/steadysocket")));
    assert.deepEqual(complaints, []);
  });
}

for (const { name, uses, limit, main } of frugalApps) {
  test(`Bundler Vite ${version}: an app that imports only ${uses} carries no more`, async (t) => {
    const folder = makeApp(`vite-${name}`, { ...talkingApp("default"), "main.js": main });
    // Which is for old browsers, and in every app.
    const [script] = await bundle(folder, { modulePreload: { polyfill: false } });
    const { length } = readFileSync(join(folder, "dist/assets", script));
    t.diagnostic(`${length} bytes`);
    assert.ok(length < limit, `${length} bytes`);
  });
}
