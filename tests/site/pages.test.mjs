// The pages of the site in Chromium: they load nothing from elsewhere, report no error, can be used by
// everybody, and fit a phone.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { isGenerated } from "../../site/pages.mjs";
import { chromium } from "../support/browsers/chromium.mjs";
import { limitTests } from "../support/limit.mjs";
import { htmlFiles, serveSite } from "./support.mjs";

// Dozens of pages, one after the other.
limitTests(180_000);

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Pages of every kind. */
const kinds = {
  home: "index.html",
  guide: "guides/sending.html",
  "page-of-typescript": "reference/typescript/steadysocket/interfaces/SendOptions.html",
  "page-of-cpp": "reference/cpp/steady/options.html",
};
const phone = { width: 375, height: 760 };
const desktop = { width: 1280, height: 900 };

/** All pages written by hand, and one of each API reference. */
const visited = htmlFiles().filter(
  (name) => !isGenerated(name) || Object.values(kinds).includes(name),
);

/** Resolves when Vue has taken over the page. */
async function hydrated(tab) {
  await tab.until(() => document.querySelector("#app")?.__vue_app__ !== undefined);
}

async function faultsOf(tab) {
  await tab.evaluate(`() => {${axe}}`);
  const { violations } = await tab.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

/** The elements that are wider than the page, as lines. */
const overflowing = () => {
  const { clientWidth, scrollWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const isWide = (one) => one.getBoundingClientRect().right > clientWidth + 1;
  const scrolls = (one) => !["visible", "clip"].includes(getComputedStyle(one).overflowX);
  const isInScroller = (one) =>
    one.parentElement !== document.body &&
    (scrolls(one.parentElement) || isInScroller(one.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((one) => isWide(one) && !isInScroller(one))
    .slice(0, 5)
    .map((one) => one.outerHTML.slice(0, 200));
};

test("every page loads without an error, from its own site only, and fits a phone", async (t) => {
  const home = await serveSite(t);
  // An error of a page fails the test: see Engine.open.
  const tab = await chromium.open(t, undefined, phone);
  const foreign = [];
  tab.page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(home) && !url.startsWith("data:")) foreign.push(url);
  });
  const wide = [];
  for (const name of visited) {
    await tab.goto(new URL(name, home).href);
    await hydrated(tab);
    for (const line of await tab.evaluate(overflowing)) wide.push(`${name}: ${line}`);
  }
  assert.deepEqual(foreign, []);
  assert.deepEqual(wide, []);
});

for (const [kind, name] of Object.entries(kinds)) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing wrong: ${kind}, ${theme}`, async (t) => {
      const home = await serveSite(t);
      const look = { ...desktop, dark: theme === "dark", reducedMotion: true };
      const tab = await chromium.open(t, new URL(name, home).href, look);
      // axe looks at every element, and a page has thousands.
      tab.deadline = 60_000;
      await hydrated(tab);
      assert.deepEqual(await faultsOf(tab), [], "desktop");
      await tab.screenshot(`site-${kind}-desktop-${theme}.png`);
      await tab.resize(phone.width, phone.height);
      assert.deepEqual(await faultsOf(tab), [], "phone");
      await tab.screenshot(`site-${kind}-phone-${theme}.png`);
    });
  }
}

test("code in several languages is shown in tabs, one at a time", async (t) => {
  const tab = await chromium.open(t, await serveSite(t), desktop);
  await hydrated(tab);
  await tab.sees(".vp-code-group pre", "new SteadySocket(");
  await tab.seesNone(".vp-code-group pre", "steady::Socket");
  await tab.click(".vp-code-group label", "C++");
  await tab.sees(".vp-code-group pre", "steady::Socket");
});
