// The drivers of three engines (../support/browsers).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "../support/browsers/chromium.mjs";
import { engines } from "../support/browsers/index.mjs";
import { listen } from "../support/listen.mjs";

const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>a page</title>
<p id="one">first</p><p>second</p><input id="field" value="so "><input id="other">
<button id="button" disabled>press</button><script type="module" src="/page.js"></script>`;
const script = `
const button = document.querySelector("#button");
button.addEventListener("click", () => (button.textContent = "pressed"));
button.disabled = false;
globalThis.keys = [];
addEventListener("keydown", ({ key, shiftKey, ctrlKey, isTrusted }) =>
  keys.push([key, shiftKey, ctrlKey, isTrusted]));
globalThis.shown = [];
addEventListener("pageshow", ({ persisted }) => shown.push(persisted));`;

/** A site with a strict policy, which records the languages of its requests. */
async function startSite(t) {
  const languages = [];
  const server = createServer((request, response) => {
    const isScript = request.url.endsWith(".js");
    languages.push(request.headers["accept-language"]);
    response.setHeader("Content-Security-Policy", "default-src 'self'; img-src 'self' data:");
    response.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
    response.end(isScript ? script : page);
  });
  return { url: `http://localhost:${await listen(t, server)}/`, languages };
}

for (const engine of engines) {
  test(`${engine.name}: reads a page, and calls functions in it, under a strict policy`, async (t) => {
    const { url } = await startSite(t);
    const tab = await engine.open(t, url);
    assert.equal(await tab.text("p"), "first");
    assert.deepEqual(await tab.texts("p"), ["first", "second"]);
    assert.deepEqual(await tab.texts("h1"), []);
    assert.equal(await tab.attribute("p", "id"), "one");
    assert.equal(await tab.attribute("p", "class"), null);
    assert.equal(await tab.evaluate((number) => Promise.resolve(number + 1), 1), 2);
    assert.equal(await tab.evaluate(() => undefined), undefined);
    const unusual = await tab.evaluate(() => [undefined, NaN, -0, -Infinity, { no: undefined }]);
    assert.deepEqual(unusual, [undefined, NaN, -0, -Infinity, { no: undefined }]);
    await tab.sees("p", "second");
    await tab.sees("p", /^f.rst$/);
    await tab.seesNone("p", "third");
    tab.deadline = 200;
    await assert.rejects(tab.sees("p", "third"), /waited 200 ms for p with third, .*first/s);
    tab.deadline = 15_000;
    const scripts = await tab.evaluate(async () => Object.keys(await import("/page.js")));
    assert.deepEqual(scripts, []);
    await assert.rejects(
      tab.evaluate(() => Promise.reject(new TypeError("no"))),
      { message: "in the page: TypeError: no" },
    );
  });

  test(`${engine.name}: clicks, types, presses keys and fills fields as a user does`, async (t) => {
    const { url } = await startSite(t);
    const tab = await engine.open(t, url);
    await tab.click("button", "press");
    assert.equal(await tab.text("#button"), "pressed");
    await tab.type("#field", "Größe 中文 😀!");
    const value = (selector) => document.querySelector(selector).value;
    assert.equal(await tab.evaluate(value, "#field"), "so Größe 中文 😀!");
    await tab.evaluate(() => globalThis.keys.splice(0));
    await tab.press("Enter", { shift: true });
    await tab.press("k", { control: true });
    await tab.press("Escape");
    await tab.press("Tab");
    const keys = await tab.evaluate(() => globalThis.keys);
    assert.deepEqual(
      keys.filter(([key]) => !["Shift", "Control"].includes(key)),
      [
        ["Enter", true, false, true],
        ["k", false, true, true],
        ["Escape", false, false, true],
        ["Tab", false, false, true],
      ],
    );
    assert.equal(await tab.evaluate(() => document.activeElement.id), "other");
    await tab.fill("#other", "at\u0000 once");
    assert.equal(await tab.evaluate(value, "#other"), "at\u0000 once");
  });

  test(`${engine.name}: applies the requested size, language and color scheme`, async (t) => {
    const { url, languages } = await startSite(t);
    const look = { width: 390, height: 700, lang: "zh-CN", dark: true, reducedMotion: true };
    const tab = await engine.open(t, url, look);
    const seen = () => [
      innerWidth,
      innerHeight,
      navigator.language,
      matchMedia("(prefers-color-scheme: dark)").matches,
      matchMedia("(prefers-reduced-motion: reduce)").matches,
    ];
    assert.deepEqual(await tab.evaluate(seen), [390, 700, "zh-CN", true, true]);
    assert.match(languages[0], /^zh-CN/);
    await tab.resize(800, 600);
    const other = await engine.open(t, url);
    assert.deepEqual(await tab.evaluate(seen), [800, 600, "zh-CN", true, true]);
    assert.deepEqual(await other.evaluate(seen), [1024, 768, "en-US", false, false]);
    await other.evaluate(() => {
      document.documentElement.style.background = "rgb(0, 128, 0)";
    });
    const path = join(tmpdir(), `steadysocket-${engine.id}-${process.pid}.png`);
    await other.screenshot(path);
    const png = readFileSync(path, "base64");
    rmSync(path);
    const corner = async (png) => {
      const image = Object.assign(new Image(), { src: `data:image/png;base64,${png}` });
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
      canvas.drawImage(image, 0, 0);
      const { data } = canvas.getImageData(image.width - 1, image.height - 1, 1, 1);
      return [image.width, image.height, ...data];
    };
    assert.deepEqual(await other.evaluate(corner, png), [1024, 768, 0, 128, 0, 255]);
  });

  test(`${engine.name}: a tab can be hidden and shown, and shares nothing with another`, async (t) => {
    const { url } = await startSite(t);
    const [tab, other] = [await engine.open(t, url), await engine.open(t, url)];
    await tab.evaluate(() => {
      localStorage.setItem("of", "one");
      // biome-ignore lint/suspicious/noDocumentCookie: not every engine has another way.
      document.cookie = "of=one";
      globalThis.visibilities = [];
      addEventListener("visibilitychange", () => visibilities.push(document.visibilityState));
    });
    assert.deepEqual(await other.evaluate(() => [localStorage.length, document.cookie]), [0, ""]);
    await tab.hide();
    assert.equal(await other.evaluate(() => document.visibilityState), "visible");
    await tab.show();
    assert.deepEqual(await tab.evaluate(() => globalThis.visibilities), ["hidden", "visible"]);
  });

  test(`${engine.name}: reloads, and goes back to a page in the cache`, async (t) => {
    const { url } = await startSite(t);
    const tab = await engine.open(t, url);
    await tab.evaluate(() => (globalThis.visited = 1));
    await tab.reload();
    assert.equal(await tab.evaluate(() => globalThis.visited ?? "new"), "new");
    await tab.evaluate(() => (globalThis.visited = 2));
    await tab.goto(`${url}elsewhere`);
    assert.equal(await tab.goBack(), true);
    assert.deepEqual(await tab.evaluate(() => [globalThis.visited, location.pathname]), [2, "/"]);
    assert.equal(await tab.evaluate(() => globalThis.shown.at(-1)), true);
  });

  test(`${engine.name}: reports uncaught errors of the page`, async (t) => {
    const { url } = await startSite(t);
    const tab = await engine.open(t, url);
    await tab.evaluate(async () => {
      console.error("the page's own");
      Promise.reject(new Error("rejected"));
      setTimeout(() => {
        throw new Error("thrown");
      });
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
    await tab.close();
    const wanted = ["rejected", "the page's own", "thrown"];
    const reported = tab.complaints().sort();
    assert.deepEqual(
      wanted.map((one) => reported.filter((text) => text.includes(one)).length),
      [1, 1, 1],
      reported.join("; "),
    );
    tab.expected.push(/rejected|the page's own|thrown/);
    assert.deepEqual(tab.complaints(), []);
  });
}

for (const engine of engines.filter(({ canBeOffline }) => canBeOffline)) {
  test(`${engine.name}: can be set offline and online`, async (t) => {
    const { url } = await startSite(t);
    const tab = await engine.open(t, url);
    await tab.setOffline(true);
    await tab.until(() => !navigator.onLine);
    await tab.setOffline(false);
    await tab.until(() => navigator.onLine);
    assert.equal(await tab.evaluate(async () => (await fetch("/")).status), 200);
  });
}

test("Chromium: a frozen page can be evaluated, and a call that never ends times out", async (t) => {
  const { url } = await startSite(t);
  const tab = await chromium.open(t, url);
  await tab.hide();
  await tab.setLifecycle("frozen");
  assert.equal(await tab.evaluate(() => document.wasDiscarded), false);
  await tab.setLifecycle("active");
  await tab.show();
  await tab.emulate({ dark: true });
  assert.ok(await tab.evaluate(() => matchMedia("(prefers-color-scheme: dark)").matches));
  const never = tab.evaluate(() => new Promise(() => {}), undefined, 100);
  await assert.rejects(never, /waited 100 ms/);
});

test("Chromium: an error of a page fails its test, whose servers are stopped", async () => {
  const file = fileURLToPath(new URL("complaining-page.mjs", import.meta.url));
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  const running = promisify(execFile)(process.execPath, ["--test", file], { env, timeout: 30_000 });
  const { code, stdout } = await running.catch((error) => error);
  // If the server were still running, the process would be killed, without an exit code.
  assert.equal(code, 1, stdout);
  assert.match(stdout, /the page complained:\s+the page's own/);
  assert.match(stdout, /the last hook was run/);
});
