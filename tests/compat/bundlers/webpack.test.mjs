import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import webpack from "webpack";
import { assertSmall, frugalApps, makeApp, talkingApp, talks } from "../../support/apps.mjs";

/** Builds the app for production, as a classic script. Returns the names of the output files. */
async function bundle(context) {
  const output = { path: join(context, "dist") };
  const compiler = webpack({ context, mode: "production", entry: "./main.js", output });
  const stats = await promisify(compiler.run.bind(compiler))();
  await promisify(compiler.close.bind(compiler))();
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  assert.deepEqual([...errors, ...warnings], []);
  const page = readFileSync(join(context, "index.html"), "utf8");
  writeFileSync(join(context, "dist/index.html"), page.replace('type="module"', "defer"));
  return readdirSync(join(context, "dist"));
}

for (const [entry, own] of [
  ["default", "steadysocket.js"],
  ["external", "external.js"],
]) {
  test(`Bundler webpack ${webpack.version}, ${entry} entry: a production build sends and receives`, async (t) => {
    const folder = makeApp(`webpack-${entry}`, talkingApp(entry));
    const files = await bundle(folder);
    assertSmall(t, readFileSync(join(folder, "dist/main.js")), own);
    const requests = await talks(t, join(folder, "dist"));
    const wasm = files.filter((name) => name.endsWith(".wasm"));
    assert.equal(wasm.length, entry === "external" ? 1 : 0);
    for (const name of wasm) assert.ok(requests.some((url) => url.endsWith(`/${name}`)));
  });
}

for (const { name, uses, limit, main } of frugalApps) {
  test(`Bundler webpack ${webpack.version}: an app that imports only ${uses} contains no more`, async (t) => {
    const folder = makeApp(`webpack-${name}`, { ...talkingApp("default"), "main.js": main });
    await bundle(folder);
    const { length } = readFileSync(join(folder, "dist/main.js"));
    t.diagnostic(`${length} bytes`);
    assert.ok(length < limit, `${length} bytes`);
  });
}
