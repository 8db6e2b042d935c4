// Chromium, by the DevTools protocol.

import { chromiumOptions } from "../../../scripts/tools.mjs";
import { Engine, versionOf } from "./engine.mjs";
import { launch, PuppeteerPage } from "./puppeteer.mjs";

let browser;

function launchOnce() {
  browser ??= launch({
    ...chromiumOptions,
    // Otherwise puppeteer subscribes to every request and every WebSocket frame.
    networkEnabled: false,
    args: [
      ...chromiumOptions.args,
      "--host-resolver-rules=MAP *.test 127.0.0.1",
      // Each window would start processes that no test needs, and take four times as long.
      "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess",
    ],
    // Hidden tabs are throttled, as a user's are. puppeteer leaves the back/forward cache on.
    ignoreDefaultArgs: [
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
    ],
  });
  return browser;
}

class ChromiumPage extends PuppeteerPage {
  #session;

  async setUp(look) {
    const { inner } = this;
    this.#session = await inner.createCDPSession();
    const userAgent = await inner.browser().userAgent();
    await Promise.all([
      super.setUp(look),
      this.emulate(look),
      this.#session.send("Emulation.setLocaleOverride", { locale: look.lang }),
      this.#session.send("Emulation.setUserAgentOverride", {
        userAgent,
        acceptLanguage: look.lang,
      }),
      look.timeZone && inner.emulateTimezone(look.timeZone),
    ]);
  }

  emulate({ dark = false, reducedMotion = false }) {
    return this.inner.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: reducedMotion ? "reduce" : "no-preference" },
    ]);
  }

  async setOffline(offline) {
    await this.#session.send("Network.enable");
    const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.#session.send("Network.emulateNetworkConditions", { offline, ...unlimited });
  }

  setLifecycle(state) {
    return this.#session.send("Page.setWebLifecycleState", { state });
  }

  openCover() {
    return this.inner.browserContext().newPage();
  }
}

export const chromium = new Engine({
  id: "chromium",
  readName: () => `Chromium ${versionOf(chromiumOptions.executablePath)[0]}`,
  canBeOffline: true,
  refusedConnection: /^WebSocket connection to .* failed/,
  startPage: async (look) => ChromiumPage.start(await launchOnce(), look),
});
