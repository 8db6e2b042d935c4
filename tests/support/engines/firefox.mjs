// Debian's Firefox, by WebDriver BiDi.
import { firefoxFile } from "../../../scripts/lib.mjs";
import { Engine, versionOf } from "./engine.mjs";
import { launch, PuppeteerPage } from "./puppeteer.mjs";

/** One for each set of the preferences that are a whole browser's. */
const browsers = new Map();

function browserWith({ dark, reducedMotion }) {
  const preferences = {
    "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
    "ui.prefersReducedMotion": reducedMotion ? 1 : 0,
    // Otherwise it holds back connections to a host that has just refused one, for up to a minute.
    "network.websocket.delay-failed-reconnects": false,
  };
  const key = JSON.stringify(preferences);
  if (!browsers.has(key)) {
    const options = { executablePath: firefoxFile, extraPrefsFirefox: preferences };
    browsers.set(key, launch({ browser: "firefox", ...options }));
  }
  return browsers.get(key);
}

/** BiDi's name of a page. */
const contextOf = (page) => page.mainFrame()._id;

/** In the same window: where puppeteer itself opens a tab is Firefox's to choose. */
async function openBeside(page) {
  const opened = { type: "tab", referenceContext: contextOf(page) };
  const { result } = await page.browser().connection.send("browsingContext.create", opened);
  const pages = await page.browserContext().pages();
  return pages.find((one) => contextOf(one) === result.context);
}

async function startPage(look) {
  const browser = await browserWith(look);
  const page = await PuppeteerPage.start(browser, look, openBeside);
  // puppeteer has no word for it yet.
  await browser.connection.send("emulation.setLocaleOverride", {
    locale: look.lang,
    contexts: [contextOf(page.inner)],
  });
  return page;
}

const [major, minor] = versionOf("firefox-esr");
export const firefox = new Engine({
  id: "firefox",
  name: `Firefox ${major}.${minor}`,
  canBeOffline: true,
  startPage,
  ownWords: /^Firefox can’t establish a connection|^The connection to ws.* was interrupted/,
});
