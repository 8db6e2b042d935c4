// A page of a browser that puppeteer drives.
import puppeteer from "puppeteer-core";
import { addGroup, atEnd, endGroup, makeFolder } from "./processes.mjs";

/** Launches a browser that ends with the test file, also if that is interrupted. */
export async function launch(options) {
  const browser = await puppeteer.launch({
    headless: true,
    userDataDir: makeFolder("profile"),
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    ...options,
  });
  addGroup(browser.process().pid);
  atEnd(async () => {
    await browser.close();
    await endGroup(browser.process());
  });
  return browser;
}

export class PuppeteerPage {
  complaints = [];
  #context;
  #page;
  #cover;
  #openCover;

  /**
   * In a session of its own, and a window of its own, so that no other page hides it.
   * @param openCover - opens another tab in the window of a page.
   */
  static async start(browser, { width, height }, openCover) {
    const made = new PuppeteerPage();
    made.#context = await browser.createBrowserContext();
    made.#openCover = openCover;
    made.#page = await made.#context.newPage({ type: "window" });
    made.#page.on("console", (message) => {
      if (["error", "assert"].includes(message.type())) made.complaints.push(message.text());
    });
    made.#page.on("pageerror", (error) => made.complaints.push(error?.message ?? String(error)));
    await made.resize(width, height);
    return made;
  }

  /** puppeteer's own. */
  get inner() {
    return this.#page;
  }

  run(expression) {
    return this.#page.evaluate(expression);
  }

  goto(url) {
    return this.#page.goto(url);
  }

  click(selector) {
    return this.#page.click(selector);
  }

  type(text) {
    return this.#page.keyboard.type(text);
  }

  async press(key, held) {
    for (const modifier of held) await this.#page.keyboard.down(modifier);
    await this.#page.keyboard.press(key);
    for (const modifier of held.toReversed()) await this.#page.keyboard.up(modifier);
  }

  screenshot() {
    return this.#page.screenshot();
  }

  setOffline(isOffline) {
    return this.#page.setOfflineMode(isOffline);
  }

  resize(width, height) {
    return this.#page.setViewport({ width, height });
  }

  /** Another tab in front of it. */
  async hide() {
    this.#cover ??= await this.#openCover(this.#page);
    await this.#cover.bringToFront();
  }

  show() {
    return this.#page.bringToFront();
  }

  close() {
    return this.#context.close();
  }
}
