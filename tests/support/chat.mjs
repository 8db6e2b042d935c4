// The demo for browser tests: its server, and people at its page.
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openPage } from "./browser.mjs";

export { ChatServer, serverScript } from "./chat-server.mjs";

const screenshots = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));
mkdirSync(screenshots, { recursive: true });

/** Somebody at the page. */
export class Person {
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  static async join(t, server, name, options) {
    const page = await openPage(t, options);
    await page.goto(server.url);
    await page.getByLabel("Your name").fill(name);
    await page.getByLabel("Your name").press("Enter");
    const person = new Person(page, name);
    await person.sees(`Welcome, ${name}.`);
    return person;
  }

  async says(text) {
    await this.page.getByLabel("Message").fill(text);
    await this.page.getByLabel("Message").press("Enter");
  }

  async sees(text) {
    await this.page.getByText(text, { exact: false }).first().waitFor();
  }

  async isIn(state) {
    await this.page.locator(`#status[data-state="${state}"]`).waitFor();
  }

  /** The texts of the confirmed messages, in order. */
  texts() {
    return this.page.locator("#messages .text").allTextContents();
  }

  waiting() {
    return this.page.locator('#pending [data-delivery="waiting"] .text').allTextContents();
  }

  /** Resolves when the last confirmed message is this one. */
  async hasHeard(text) {
    await this.page
      .locator("#messages > li:has(.text)")
      .last()
      .locator(".text", { hasText: text })
      .waitFor();
  }

  screenshot(name) {
    return this.page.screenshot({ path: `${screenshots}${name}.png` });
  }
}
