import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build, version } from "esbuild";
import {
  assertSmall,
  frugalApps,
  makeApp,
  talkingApp,
  talks,
  talksWithCopy,
} from "../../support/apps.mjs";

/** Bundles the app's script in place. */
async function bundle(folder, options = {}) {
  const { warnings } = await build({
    entryPoints: [join(folder, "main.js")],
    outfile: join(folder, "main.js"),
    allowOverwrite: true,
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    charset: "utf8",
    logLevel: "silent",
    ...options,
  });
  assert.deepEqual(warnings, []);
  return readFileSync(join(folder, "main.js"));
}

test(`Bundler esbuild ${version}, default entry: a minified app sends and receives`, async (t) => {
  const folder = makeApp("esbuild-default", talkingApp("default"));
  assertSmall(t, await bundle(folder), "steadysocket.js");
  await talks(t, folder);
});

test(`Bundler esbuild ${version}, default entry: its default charset makes a larger app that works`, async (t) => {
  const folder = makeApp("esbuild-ascii", talkingApp("default"));
  const script = await bundle(folder, { charset: "ascii" });
  t.diagnostic(`${script.length} bytes`);
  assert.ok(script.every((byte) => byte < 128));
  await talks(t, folder);
});

test(`Bundler esbuild ${version}, external entry: the wasm is copied beside the script`, async (t) => {
  const folder = makeApp("esbuild-external", talkingApp("external"));
  assertSmall(t, await bundle(folder), "external.js");
  await talksWithCopy(t, folder, folder);
});

test(`Bundler esbuild ${version}, external entry: load() accepts the file loader's URL`, async (t) => {
  const app = talkingApp("external");
  const main = app["main.js"]
    .replace("import", 'import wasm from "steadysocket/steadysocket.wasm";\nimport')
    .replace("load()", "load(new URL(wasm, import.meta.url))");
  const folder = makeApp("esbuild-external-loader", { ...app, "main.js": main });
  await bundle(folder, { loader: { ".wasm": "file" } });
  const requests = await talks(t, folder);
  assert.ok(requests.some((url) => /\/steadysocket-\w+\.wasm$/.test(url)));
});

for (const { name, uses, limit, main } of frugalApps) {
  test(`Bundler esbuild ${version}: an app that imports only ${uses} contains no more`, async (t) => {
    const folder = makeApp(`esbuild-${name}`, { "main.js": main });
    const { length } = await bundle(folder);
    t.diagnostic(`${length} bytes`);
    assert.ok(length < limit, `${length} bytes`);
  });
}
