// Debian's Chromium, by the DevTools protocol.
import { chromiumOptions } from "../../../scripts/lib.mjs";
import { Engine, versionOf } from "./engine.mjs";
import { launch, PuppeteerPage } from "./puppeteer.mjs";

let browser;

async function startPage(look) {
  // As a user has it: hidden tabs are slow, and "back" takes pages from the cache.
  browser ??= launch({
    ...chromiumOptions,
    ignoreDefaultArgs: [
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
      "--disable-back-forward-cache",
    ],
  });
  const page = await PuppeteerPage.start(await browser, look, (own) =>
    own.browserContext().newPage(),
  );
  await page.inner.emulateMediaFeatures([
    { name: "prefers-color-scheme", value: look.dark ? "dark" : "light" },
    { name: "prefers-reduced-motion", value: look.reducedMotion ? "reduce" : "no-preference" },
  ]);
  const session = await page.inner.createCDPSession();
  await session.send("Emulation.setLocaleOverride", { locale: look.lang });
  await session.send("Emulation.setUserAgentOverride", {
    userAgent: await (await browser).userAgent(),
    acceptLanguage: look.lang,
  });
  return page;
}

export const chromium = new Engine({
  id: "chromium",
  name: `Chromium ${versionOf("chromium")[0]}`,
  canBeOffline: true,
  startPage,
  ownWords: /^WebSocket connection to .* failed/,
});
