// Tabs as a user has them. Playwright keeps each of its pages in the foreground, and the cache of
// pages for "back" switched off; these it does not know of.
import { after } from "node:test";
import { chromium } from "playwright-core";
import { chromiumOptions } from "../../scripts/lib.mjs";

const browser = await chromium.launch({
  ...chromiumOptions,
  ignoreDefaultArgs: ["--disable-back-forward-cache"],
});
after(() => browser.close());
const root = await browser.newBrowserCDPSession();

/** A window, closed when the test ends. The test fails if an error in a page is not caught. */
export class Window {
  complaints = [];
  #context;

  static async open(t) {
    const made = new Window();
    made.#context = (await root.send("Target.createBrowserContext")).browserContextId;
    t.after(async () => {
      await root.send("Target.disposeBrowserContext", { browserContextId: made.#context });
      if (made.complaints.length > 0) throw new Error(`a page: ${made.complaints.join("\n")}`);
    });
    return made;
  }

  /** Opens a tab in the foreground, and resolves when its page is there. */
  openTab(url) {
    return Tab.open(this, this.#context, url);
  }
}

/** A tab, by the DevTools protocol. */
class Tab {
  #target;
  #session;
  #lastCall = 0;
  #calls = new Map();
  #events = new Set();

  static async open(window, browserContextId, url) {
    const tab = new Tab();
    const { targetId } = await root.send("Target.createTarget", {
      url: "about:blank",
      browserContextId,
    });
    tab.#target = targetId;
    const attached = await root.send("Target.attachToTarget", { targetId, flatten: false });
    tab.#session = attached.sessionId;
    root.on("Target.receivedMessageFromTarget", ({ sessionId, message }) => {
      if (sessionId !== tab.#session) return;
      const told = JSON.parse(message);
      if (told.method === "Runtime.exceptionThrown") {
        const { text, exception } = told.params.exceptionDetails;
        window.complaints.push(`${text} ${exception?.description ?? ""}`);
      }
      tab.#hear(told);
    });
    await tab.send("Runtime.enable");
    await tab.send("Page.enable");
    await tab.goto(url);
    return tab;
  }

  /** Calls a method of the protocol. */
  async send(method, params = {}) {
    const id = ++this.#lastCall;
    const answer = new Promise((resolve) => this.#calls.set(id, resolve));
    const message = JSON.stringify({ id, method, params });
    await root.send("Target.sendMessageToTarget", { sessionId: this.#session, message });
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  /** The parameters of the next event of this name for which `holds` does. */
  next(method, holds = () => true) {
    return new Promise((resolve) => this.#events.add({ method, holds, resolve }));
  }

  #hear(told) {
    this.#calls.get(told.id)?.(told);
    this.#calls.delete(told.id);
    for (const entry of this.#events) {
      if (entry.method !== told.method || !entry.holds(told.params)) continue;
      this.#events.delete(entry);
      entry.resolve(told.params);
    }
  }

  /** Calls a function in the page, and resolves to what it returns, or its promise. */
  async evaluate(call, argument) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression: `(${call})(${JSON.stringify(argument)})`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception.description);
    return result.value;
  }

  async goto(url) {
    const loaded = this.next("Page.loadEventFired");
    await this.send("Page.navigate", { url });
    await loaded;
  }

  /** Goes back in the history. Resolves to whether the page was taken out of the cache. */
  async goBack() {
    const shown = this.next("Page.frameNavigated", ({ frame }) => !frame.parentId);
    // What goes back is not there any more to answer.
    await this.evaluate(() => void setTimeout(() => history.back()));
    return (await shown).type === "BackForwardCacheRestore";
  }

  /** Brings it to the foreground, and so the others of its window to the background. */
  async show() {
    await root.send("Target.activateTarget", { targetId: this.#target });
  }

  /** "frozen", which only a tab in the background can be, or "active". */
  async setLifecycle(state) {
    await this.send("Page.setWebLifecycleState", { state });
  }
}
