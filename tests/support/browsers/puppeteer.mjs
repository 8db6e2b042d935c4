// A page of a browser that puppeteer drives.
import { after } from "node:test";
import puppeteer from "puppeteer-core";

const browsers = [];
after(async () => {
  for (const browser of browsers) await browser.close();
});

/**
 * Launches a browser that ends with the test file, also if that is interrupted: see cleanup.mjs.
 */
export async function launch(options) {
  const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
  const browser = await puppeteer.launch({ headless: true, ...signals, ...options });
  browsers.push(browser);
  return browser;
}

export class PuppeteerPage {
  complaints = [];
  #context;
  #page;
  #cover;

  /** Opens a page in a context and a window of its own, so that no other page hides it. */
  static async start(browser, look) {
    const context = await browser.createBrowserContext();
    const made = new this(context, await context.newPage({ type: "window" }));
    await made.setUp(look);
    return made;
  }

  constructor(context, page) {
    this.#context = context;
    this.#page = page;
    page.on("console", (message) => {
      if (["error", "assert", "warn"].includes(message.type())) {
        this.complaints.push(message.text());
      }
    });
    page.on("pageerror", (error) => this.complaints.push(error?.message ?? String(error)));
  }

  /** Same for another page of this context. */
  beside(page) {
    return Object.assign(new this.constructor(this.#context, page), {
      complaints: this.complaints,
    });
  }

  setUp({ width, height, touch = false }) {
    return this.#page.setViewport({ width, height, hasTouch: touch });
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

  /** Clicks on the element that is the value of this expression. */
  async click(expression) {
    const element = await this.#page.evaluateHandle(expression);
    await element.click();
    await element.dispose();
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

  /** Brings another tab of its window to the front. */
  async hide() {
    this.#cover ??= await this.openCover();
    await this.#cover.bringToFront();
  }

  show() {
    return this.#page.bringToFront();
  }

  close() {
    return this.#context.close();
  }
}
