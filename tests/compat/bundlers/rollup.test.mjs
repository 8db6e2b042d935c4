import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeResolve } from "@rollup/plugin-node-resolve";
import { rollup, VERSION } from "rollup";
import { minify } from "terser";
import {
  assertSmall,
  frugalApps,
  makeApp,
  talkingApp,
  talks,
  talksWithCopy,
} from "../../support/apps.mjs";

const terser = {
  name: "terser",
  renderChunk: (code) => minify(code, { module: true }),
};

/** Bundles and minifies the app's script. */
async function bundle(folder) {
  const warnings = [];
  const built = await rollup({
    input: join(folder, "main.js"),
    plugins: [nodeResolve(), terser],
    onwarn: ({ message }) => warnings.push(message),
  });
  await built.write({ dir: join(folder, "dist"), format: "es" });
  await built.close();
  assert.deepEqual(warnings, []);
  copyFileSync(join(folder, "index.html"), join(folder, "dist/index.html"));
  return readFileSync(join(folder, "dist/main.js"));
}

test(`Bundler Rollup ${VERSION}, default entry: a minified app sends and receives`, async (t) => {
  const folder = makeApp("rollup-default", talkingApp("default"));
  assertSmall(t, await bundle(folder), "steadysocket.js");
  await talks(t, join(folder, "dist"));
});

test(`Bundler Rollup ${VERSION}, external entry: the wasm is copied beside the script`, async (t) => {
  const folder = makeApp("rollup-external", talkingApp("external"));
  assertSmall(t, await bundle(folder), "external.js");
  await talksWithCopy(t, folder, join(folder, "dist"));
});

for (const { name, uses, limit, main } of frugalApps) {
  test(`Bundler Rollup ${VERSION}: an app that imports only ${uses} contains no more`, async (t) => {
    const folder = makeApp(`rollup-${name}`, { ...talkingApp("default"), "main.js": main });
    const { length } = await bundle(folder);
    t.diagnostic(`${length} bytes`);
    assert.ok(length < limit, `${length} bytes`);
  });
}
