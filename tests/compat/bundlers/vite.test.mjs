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

for (const [entry, own] of [
  ["default", "steadysocket.js"],
  ["external", "external.js"],
]) {
  test(`Bundler Vite ${version}, ${entry} entry: a built app talks`, async (t) => {
    const folder = makeApp(`vite-${entry}`, talkingApp(entry));
    const assets = await bundle(folder);
    const script = assets.find((name) => name.endsWith(".js"));
    assertSmall(t, readFileSync(join(folder, "dist/assets", script)), own);
    const requests = await talks(t, join(folder, "dist"));
    const wasm = assets.filter((name) => name.endsWith(".wasm"));
    assert.equal(wasm.length, entry === "external" ? 1 : 0);
    for (const name of wasm) assert.ok(requests.some((url) => url.endsWith(`/assets/${name}`)));
  });

  test(`Bundler Vite ${version}, ${entry} entry: the app talks from the dev server`, async (t) => {
    const echo = await ServerProcess.start(t);
    const folder = makeApp(`vite-dev-${entry}`, talkingApp(entry));
    const { url, complaints } = await serve(t, folder);
    const requests = await talksAt(t, url, echo);
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
