// Firefox, by WebDriver BiDi.

import { firefoxFile } from "../../../scripts/tools.mjs";
import { Engine, versionOf } from "./engine.mjs";
import { launch, PuppeteerPage } from "./puppeteer.mjs";

/** One browser for each set of preferences, which apply to a whole browser. */
const browsers = new Map();

function launchOnce({ dark, reducedMotion }) {
  const extraPrefsFirefox = {
    "layout.css.prefers-color-scheme.content-override": dark ? 0 : 1,
    "ui.prefersReducedMotion": reducedMotion ? 1 : 0,
    // Otherwise it delays connections to a host that has just refused one, by up to a minute.
    "network.websocket.delay-failed-reconnects": false,
  };
  const key = JSON.stringify(extraPrefsFirefox);
  if (!browsers.has(key)) {
    const options = { executablePath: firefoxFile(), extraPrefsFirefox };
    browsers.set(key, launch({ browser: "firefox", ...options }));
  }
  return browsers.get(key);
}

/** The page's id in BiDi. */
const contextOf = (page) => page.mainFrame()._id;

class FirefoxPage extends PuppeteerPage {
  #send = (method, params) => this.inner.browser().connection.send(method, params);

  async setUp(look) {
    await super.setUp(look);
    // puppeteer has no method for this yet.
    const contexts = [contextOf(this.inner)];
    await this.#send("emulation.setLocaleOverride", { locale: look.lang, contexts });
  }

  /** In the same window: Firefox itself would choose one for puppeteer's newPage(). */
  async openCover() {
    const referenceContext = contextOf(this.inner);
    const { result } = await this.#send("browsingContext.create", {
      type: "tab",
      referenceContext,
    });
    const pages = await this.inner.browserContext().pages();
    return pages.find((page) => contextOf(page) === result.context);
  }
}

export const firefox = new Engine({
  id: "firefox",
  readName: () => `Firefox ${versionOf(firefoxFile()).join(".")}`,
  canBeOffline: true,
  refusedConnection:
    /^Firefox can’t establish a connection|^The connection to ws.* was interrupted/,
  startPage: async (look) => FirefoxPage.start(await launchOnce(look), look),
});
