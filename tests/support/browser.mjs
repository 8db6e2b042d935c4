import { after } from "node:test";
import { chromium } from "playwright-core";
import { chromiumOptions } from "../../scripts/lib.mjs";
import { addPages } from "./pages.mjs";

const browser = await chromium.launch({
  ...chromiumOptions,
  args: [...chromiumOptions.args, "--host-resolver-rules=MAP *.test 127.0.0.1"],
});
after(() => browser.close());
/** "Chromium" and its major version, for the names of tests. */
export const browserName = `Chromium ${browser.version().split(".")[0]}`;

/**
 * A page in a context of its own, closed when the test ends. The test fails on everything that the
 * page's console reports as an error, other than what `page.expected` matches.
 */
export async function openPage(t, options = {}) {
  const context = await browser.newContext(options);
  addPages(t, context);
  const page = await context.newPage();
  const complaints = [];
  const expected = [];
  const note = (text) => {
    if (!expected.some((pattern) => pattern.test(text))) complaints.push(text);
  };
  page.on("console", (message) => {
    if (["error", "warning", "assert"].includes(message.type())) note(message.text());
  });
  page.on("pageerror", (error) => note(String(error)));
  t.after(async () => {
    await context.close();
    if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
  });
  return Object.assign(page, { expected });
}

/** Chromium itself reports every connection that is refused while a server is down. */
export const refusedConnection = /^WebSocket connection to .* failed/;
