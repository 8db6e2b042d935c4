// Without a bundler, from a static server.
import { createHash } from "node:crypto";
import { test } from "node:test";
import { makeApp, talkingApp, talks } from "../../support/apps.mjs";

const files = {
  steadysocket: "./node_modules/steadysocket/dist/steadysocket.js",
  "steadysocket/external": "./node_modules/steadysocket/dist/external.js",
};

for (const entry of ["default", "external"]) {
  test(`Bundler none, ${entry} entry: a module script imports the package's file`, async (t) => {
    const app = talkingApp(entry);
    for (const [name, path] of Object.entries(files)) {
      app["main.js"] = app["main.js"].replace(`from "${name}"`, `from "${path}"`);
    }
    await talks(t, makeApp(`page-${entry}`, app));
  });

  test(`Bundler none, ${entry} entry: a module script imports through an import map`, async (t) => {
    const map = JSON.stringify({ imports: files });
    const app = talkingApp(entry);
    const [before, after] = app["index.html"].split('<script type="module"');
    app["index.html"] =
      `${before}<script type="importmap">${map}</script>\n<script type="module"${after}`;
    const hash = createHash("sha256").update(map).digest("base64");
    await talks(t, makeApp(`page-map-${entry}`, app), `'sha256-${hash}'`);
  });
}
