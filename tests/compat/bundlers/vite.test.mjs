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

/** The configuration of every run, and the warnings and errors logged so far. */
function quiet(root) {
  const warnings = [];
  const customLogger = createLogger("silent");
  customLogger.warn = customLogger.warnOnce = customLogger.error = (text) => warnings.push(text);
  return { warnings, config: { root, configFile: false, logLevel: "silent", customLogger } };
}

/** Builds the app for production. Returns the names of its assets. */
async function bundle(root, options = {}) {
  const { warnings, config } = quiet(root);
  await build({ ...config, build: options });
  assert.deepEqual(warnings, []);
  return readdirSync(join(root, "dist/assets"));
}

/** Serves the app for development. */
async function serve(t, root) {
  const { warnings, config } = quiet(root);
  const server = await createServer({
    ...config,
    server: { host: "127.0.0.1", port: 0 },
  });
  t.after(() => server.close());
  await server.listen();
  return { url: server.resolvedUrls.local[0], warnings };
}

const external = talkingApp("external");
/** Required by the dev server of Vite 7 and older. */
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

  test(`Bundler Vite ${version}, ${label}: a built app sends and receives`, async (t) => {
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

  test(`Bundler Vite ${version}, ${label}: the app works on the dev server`, async (t) => {
    const echo = await ServerProcess.start(t);
    const { url, warnings } = await serve(t, makeApp(`vite-dev-${name}`, files));
    const requests = await talksAt(t, url, echo);
    // The dev server has pre-bundled the package.
    assert.ok(requests.some((address) => address.includes("/.vite/deps/steadysocket")));
    assert.deepEqual(warnings, []);
  });
}

for (const { name, uses, limit, main } of frugalApps) {
  test(`Bundler Vite ${version}: an app that imports only ${uses} contains no more`, async (t) => {
    const folder = makeApp(`vite-${name}`, { ...talkingApp("default"), "main.js": main });
    // The polyfill is for old browsers, and in every app.
    const [script] = await bundle(folder, { modulePreload: { polyfill: false } });
    const { length } = readFileSync(join(folder, "dist/assets", script));
    t.diagnostic(`${length} bytes`);
    assert.ok(length < limit, `${length} bytes`);
  });
}
