// Somebody at the chat's page, in Chromium.
import { openPage } from "../../../../tests/support/browser.mjs";
import { screenshots } from "../../../../tests/support/screenshots.mjs";

export class Person {
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  /**
   * Opens the page, joins, and resolves when the server has said welcome.
   * @param {{ query?: string } & import("playwright-core").BrowserContextOptions} [options]
   */
  static async join(t, server, name, { query = "", ...options } = {}) {
    const page = await openPage(t, options);
    await page.goto(`${server.url}${query}`);
    const person = new Person(page, name);
    await person.asksFor(name);
    await page.locator("#message").waitFor();
    return person;
  }

  /** Asks for a name in the form that is shown first. */
  async asksFor(name) {
    await this.page.locator("#name").fill(name);
    await this.page.locator("#name").press("Enter");
  }

  async says(text) {
    await this.page.locator("#message").fill(text);
    await this.page.locator("#message").press("Enter");
  }

  /** Chooses to whom what is said goes. */
  async writesTo(name) {
    await this.page.locator("#to").selectOption({ label: name });
  }

  /** Resolves when this is in the thread. */
  async sees(text) {
    await this.page.locator("#messages").getByText(text).first().waitFor();
  }

  async isIn(state) {
    await this.page.locator(`#status[data-state="${state}"]`).waitFor();
  }

  /** The texts of the messages in the thread, in order. */
  texts() {
    return this.page.locator("#messages .text").allTextContents();
  }

  /** The texts of those that wait. */
  waiting() {
    return this.page.locator('#pending [data-delivery="waiting"] .text').allTextContents();
  }

  /** Resolves when the last message of the thread is this one. */
  async hasHeard(text) {
    await this.page
      .locator("#messages > li:has(.text)")
      .last()
      .locator(".text", { hasText: text })
      .waitFor();
  }

  /** The value of one of the connection's figures, by its name in the page's texts. */
  figure(name) {
    return this.page.locator(`#stats [data-stat="${name}"]`).textContent();
  }

  async screenshot(name) {
    await this.page.screenshot({ path: `${screenshots}${name}.png` });
  }
}
