// Run by drivers.test.mjs: a test whose page reports an error.
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { serveSite } from "../support/site.mjs";

test("a page with an error", async (t) => {
  const tab = await chromium.open(t, await serveSite(t));
  t.after(() => console.log("the last hook was run"));
  await tab.evaluate(() => console.error("the page's own"));
});
