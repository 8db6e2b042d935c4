// localStorage turns the log of `debug` on in a page, unless the page may not read it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { packageText, serveSite } from "../support/site.mjs";

/** The lines that a socket of this module logs if it is closed at once. */
function logOf([module, names]) {
  if (names !== undefined) localStorage.debug = names;
  const lines = [];
  const debugLogger = (line) => lines.push(line);
  return import(module).then(async ({ SteadySocket }) => {
    const socket = new SteadySocket("ws://localhost:1/?token=secret", [], { debugLogger });
    const closed = new Promise((done) => socket.addEventListener("close", done));
    socket.close();
    await closed;
    return lines;
  });
}

test("localStorage.debug turns the log on for sockets created afterwards", async (t) => {
  const page = await chromium.open(t);
  await page.goto(await serveSite(t));
  const log = (names) => page.evaluate(logOf, ["/steadysocket.js", names]);
  assert.deepEqual(await log(), []);
  assert.deepEqual(await log("app,other:*"), []);
  const lines = await log("app,steadysocket");
  assert.match(lines[0], /^steadysocket #1 \+0ms created for ws:\/\/localhost:1\/\?token=\*\*\*, /);
  assert.ok((await log("*")).length > 0);
});

test("sockets work in a page that may not read its storage", async (t) => {
  const page = await chromium.open(t);
  await page.goto(await serveSite(t, "sandbox allow-scripts"));
  const isDenied = () => {
    try {
      return localStorage === undefined;
    } catch (error) {
      return error.name === "SecurityError";
    }
  };
  assert.equal(await page.evaluate(isDenied), true);
  const module = `data:text/javascript;charset=utf-8;base64,${packageText.toString("base64")}`;
  assert.deepEqual(await page.evaluate(logOf, [module]), []);
});
