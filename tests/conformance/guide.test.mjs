// The program of docs/cpp.md that is one for the web and the desktop, against the suite's server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { openPage } from "../support/browser.mjs";
import { serveSite } from "../support/site.mjs";
import { ConformanceServer } from "./server.mjs";

const build = (path) => fileURLToPath(new URL(`../../build/${path}`, import.meta.url));
const state = '{"type":"state","x":1}';

async function startServer(t) {
  const server = await ConformanceServer.start();
  t.after(() => server.stop());
  return `${server.url}/echo?run=guide`;
}

test("the game of docs/cpp.md plays on the desktop", async (t) => {
  const url = await startServer(t);
  const program = build("native-sanitize/tests/conformance/guide_game");
  const { stdout } = await promisify(execFile)(program, [url]);
  const lines = stdout.trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), ["connecting", "open"]);
  assert.deepEqual(
    lines.filter((line) => line === state),
    [state, state, state],
  );
});

test("the game of docs/cpp.md plays in a page", async (t) => {
  const url = await startServer(t);
  const folder = build("web/tests/conformance");
  const site = await serveSite(t, undefined, {
    "/guide_game.js": readFileSync(`${folder}/guide_game.js`),
    "/guide_game.wasm": readFileSync(`${folder}/guide_game.wasm`),
  });
  const page = await openPage(t);
  await page.goto(site);
  const lines = await page.evaluate(
    (argument) =>
      new Promise((resolve) => {
        const said = [];
        globalThis.Module = {
          arguments: [argument],
          print(line) {
            said.push(line);
            if (said.length === 5) resolve([...said]);
          },
        };
        const script = document.createElement("script");
        script.src = "/guide_game.js";
        document.body.append(script);
      }),
    url,
  );
  assert.deepEqual(lines, ["connecting", "open", state, state, state]);
});
