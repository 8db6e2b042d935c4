// A user at the chat's page, in Chromium.
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";

export class Person {
  /** @param {import("../../../../tests/support/browsers/tab.mjs").Tab} tab */
  constructor(tab, name) {
    this.tab = tab;
    this.name = name;
  }

  /**
   * Opens the page, joins, and resolves when the server has sent the welcome.
   * @param {{ query?: string } &
   *   Partial<import("../../../../tests/support/browsers/engine.mjs").Look>} [options]
   */
  static async join(t, server, name, { query = "", ...look } = {}) {
    const person = new Person(await chromium.open(t, `${server.url}${query}`, look), name);
    await person.asksFor(name);
    await person.tab.sees("#message");
    return person;
  }

  /** Enters a name in the form that is shown first. */
  async asksFor(name) {
    await this.tab.fill("#name", name);
    await this.tab.press("Enter");
  }

  async says(text) {
    await this.tab.fill("#message", text);
    await this.tab.press("Enter");
  }

  /** Selects the recipient of the next message, by the label. */
  async writesTo(label) {
    const choose = (label) => {
      const to = document.getElementById("to");
      const option = [...to.options].find((one) => one.label === label);
      if (option === undefined) return false;
      to.value = option.value;
      to.dispatchEvent(new Event("change", { bubbles: true }));
      return true;
    };
    await this.tab.until(choose, label, `the recipient ${label}`);
  }

  /** Resolves when this is in the thread. */
  sees(text) {
    return this.tab.sees("#messages", text);
  }

  isIn(state) {
    return this.tab.sees(`#status[data-state="${state}"]`);
  }

  /** The texts of the messages in the thread, in order. */
  texts() {
    return this.tab.texts("#messages .text");
  }

  /** The texts of pending messages. */
  waiting() {
    return this.tab.texts('#pending [data-delivery="waiting"] .text');
  }

  /** Resolves when the last message of the thread contains this. */
  hasReceived(text) {
    const isLast = (text) =>
      [...document.querySelectorAll("#messages > li .text")].at(-1)?.textContent.includes(text);
    return this.tab.until(isLast, text, `the last message to be "${text}"`);
  }

  /** The value of one of the connection's figures, by its name in the page's texts. */
  figure(name) {
    return this.tab.text(`#stats [data-stat="${name}"]`);
  }

  screenshot(name) {
    return this.tab.screenshot(`${name}.png`);
  }
}
