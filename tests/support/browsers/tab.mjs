// A tab, the same in every engine.
import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { deadline, within } from "../until.mjs";
import { decode, encode } from "./values.mjs";

const pollInterval = 20;
const screenshots = fileURLToPath(new URL("../../../build/screenshots/", import.meta.url));

/**
 * The source of an expression for the visible elements that match the selector and contain the
 * text, or match the pattern.
 */
function elements(selector, text = "") {
  const fits = text instanceof RegExp ? `${text}.test(text)` : `text.includes(${toSource(text)})`;
  return `[...document.querySelectorAll(${toSource(selector)})].filter((one) => {
    const text = one.textContent.replace(/\\s+/g, " ");
    return one.getClientRects().length > 0 && ${fits};
  })`;
}

const toSource = (value) => JSON.stringify(value) ?? "undefined";
const described = (selector, text) => (text === undefined ? selector : `${selector} with ${text}`);

/** @typedef {{ shift?: boolean, control?: boolean }} Modifiers */

export class Tab {
  /** Patterns of errors that the page may report. */
  expected = [];
  /** Milliseconds that any call may take. A test that needs more sets this, and says why. */
  deadline = deadline;
  #page;
  #closed;
  #left = 0;

  constructor(engine, page) {
    this.engine = engine;
    this.#page = page;
  }

  /** puppeteer's page, in Chromium and Firefox, for what a single test needs. */
  get page() {
    return this.#page.inner;
  }

  /**
   * Calls a function in the page, also under a strict policy, and resolves to its result, awaited.
   * The function can use only its argument, which is passed as JSON.
   * @param {Function | string} call
   * @param {number} [limit] - milliseconds.
   */
  async evaluate(call, argument, limit = this.deadline) {
    // As a string, and the result too: engines differ in the values and errors that they return.
    const running = this.#page.run(`(async () => {
      "use strict";
      const encode = ${encode};
      try {
        return encode({ value: await (${call})(${toSource(argument)}) });
      } catch (error) {
        return encode({ error: String(error), stack: String(error?.stack) });
      }
    })()`);
    const { value, error, stack } = decode(await this.#inTime(running, String(call), limit));
    if (error !== undefined) throw new Error(`in the page: ${error}`, { cause: stack });
    return value;
  }

  /**
   * Polls until the function returns a truthy value, and resolves to that.
   * @param {Function | string} call
   * @param {string} what - the condition, for the error.
   */
  async until(call, argument, what = String(call)) {
    const end = performance.now() + this.deadline;
    let last;
    // From outside of the page: timers are throttled in a hidden page, and stopped in a frozen one.
    do {
      try {
        last = await this.evaluate(call, argument, end - performance.now());
        if (last) return last;
      } catch (error) {
        // A document cannot answer during a navigation.
        last = error;
      }
      await wait(pollInterval);
    } while (performance.now() < end);
    const text = () => document.body.innerText.slice(0, 1_000);
    const shown = await this.evaluate(text, null, 1_000).catch(String);
    throw new Error(
      `waited ${this.deadline} ms for ${what}, in ${this.engine.name}; last it was ${inspect(last)}; the page: ${shown}`,
    );
  }

  /** Waits for a visible element that contains the text, or matches the pattern. */
  sees(selector, text) {
    return this.until(
      `() => ${elements(selector, text)}.length > 0`,
      null,
      described(selector, text),
    );
  }

  /** Waits until no such element is visible. */
  async seesNone(selector, text) {
    const what = `no ${described(selector, text)}`;
    await this.until(`() => ${elements(selector, text)}.length === 0`, null, what);
  }

  /** Waits for a visible element that contains the text and is enabled, and clicks on the first. */
  async click(selector, text) {
    const one = `${elements(selector, text)}.find((one) => !one.disabled)`;
    const what = `${described(selector, text)}, enabled`;
    await this.until(`() => ${one} !== undefined`, null, what);
    await this.#inTime(this.#page.click(one), `a click on ${what}`);
  }

  /**
   * Waits for a field, and types at its end, key by key. Emoji, which have no key, are inserted.
   */
  async type(selector, text) {
    await this.#focus(selector);
    await this.#inTime(this.#page.type(text), `typing into ${selector}`);
  }

  /**
   * Presses a key where the focus is.
   * @param {string} key - its name in KeyboardEvent.key.
   * @param {Modifiers} modifiers
   */
  async press(key, { shift = false, control = false } = {}) {
    const held = [shift && "Shift", control && "Control"].filter(Boolean);
    await this.#inTime(this.#page.press(key, held), key);
  }

  /** Waits for a field, and sets its value at once, with the events of input and change. */
  async fill(selector, text) {
    await this.#focus(selector);
    await this.evaluate((text) => {
      const field = document.activeElement;
      field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }, text);
  }

  /** The text of the first such element, or undefined. */
  async text(selector) {
    return (await this.texts(selector))[0];
  }

  texts(selector) {
    return this.evaluate(
      (selector) => Array.from(document.querySelectorAll(selector), (one) => one.textContent),
      selector,
    );
  }

  async count(selector) {
    return (await this.texts(selector)).length;
  }

  /** The attribute of the first such element; null if it has none. */
  attribute(selector, name) {
    return this.evaluate(
      ([selector, name]) => document.querySelector(selector)?.getAttribute(name),
      [selector, name],
    );
  }

  async goto(url) {
    await this.#mark();
    await this.#inTime(this.#page.goto(url), url);
  }

  /** Resolves when the page is loaded. */
  async reload() {
    await this.#leave("reload", () => location.reload());
  }

  /** Resolves to whether the page comes from the back/forward cache. */
  goBack() {
    return this.#leave("back", () => history.back());
  }

  /** @param {string} path - in build/screenshots/, or absolute. */
  async screenshot(path) {
    // The last changes may not be painted yet.
    await this.evaluate(
      () =>
        new Promise((resolve) =>
          requestAnimationFrame(() => requestAnimationFrame(() => resolve())),
        ),
    );
    mkdirSync(screenshots, { recursive: true });
    await writeFile(resolve(screenshots, path), await this.#page.screenshot());
  }

  /** Not in every engine: see Engine.canBeOffline. */
  async setOffline(isOffline) {
    if (!this.engine.canBeOffline) throw new Error(`${this.engine.name} cannot be offline`);
    await this.#page.setOffline(isOffline);
  }

  /** Puts it into the background. */
  async hide() {
    await this.#inTime(this.#page.hide(), "the tab to be hidden");
    await this.until(() => document.visibilityState === "hidden", null, "the page to be hidden");
  }

  async show() {
    await this.#inTime(this.#page.show(), "the tab to be shown");
    await this.until(() => document.visibilityState === "visible", null, "the page to be visible");
  }

  /**
   * In Chromium.
   * @param {"frozen" | "active"} state - only a tab in the background can be frozen.
   */
  setLifecycle(state) {
    return this.#inTime(this.#page.setLifecycle(state), `the tab to be ${state}`);
  }

  /**
   * In Chromium, for the page that is shown.
   * @param {{ dark?: boolean, reducedMotion?: boolean }} look
   */
  emulate(look) {
    return this.#page.emulate(look);
  }

  /** Sets the size of the page, in CSS pixels. */
  async resize(width, height) {
    await this.#page.resize(width, height);
    await this.until(
      ([width, height]) => innerWidth === width && innerHeight === height,
      [width, height],
      `a page of ${width} x ${height}`,
    );
  }

  /** A tab of another puppeteer page of this session, which ends with this one. */
  beside(page) {
    const tab = new Tab(this.engine, this.#page.beside(page));
    tab.expected = this.expected;
    return tab;
  }

  /** Closes the tab and ends its session. */
  close() {
    this.#closed ??= this.#inTime(this.#page.close(), "the tab to be closed", deadline);
    return this.#closed;
  }

  /** The errors of the page that are not expected. */
  complaints() {
    const isExpected = (text) => this.expected.some((pattern) => pattern.test(text));
    return this.#page.complaints.filter((text) => !isExpected(text));
  }

  /** Clears expected and complaints(). */
  forget() {
    this.expected.length = this.#page.complaints.length = 0;
  }

  async #focus(selector) {
    const what = `${selector}, visible and enabled`;
    await this.until(`() => ${elements(selector)}.some((one) => !one.disabled)`, null, what);
    await this.evaluate((selector) => {
      const field = document.querySelector(selector);
      field.focus();
      field.setSelectionRange?.(field.value.length, field.value.length);
    }, selector);
  }

  /** Marks the document, to detect whether it is restored later. */
  async #mark() {
    const mark = ++this.#left;
    await this.evaluate(
      (left) => Object.assign(globalThis, { [Symbol.for("left")]: left }) && null,
      mark,
    );
    return mark;
  }

  /** Navigates, and resolves when another document is loaded, to whether that has a mark. */
  async #leave(how, go) {
    const mark = await this.#mark();
    if (this.#page.leave) await this.#inTime(this.#page.leave(how), how);
    // Later, or the call would have no result.
    else await this.evaluate(`() => void setTimeout(${go})`);
    const isThere = (mark) =>
      globalThis[Symbol.for("left")] !== mark && document.readyState === "complete";
    await this.until(isThere, mark, "another document");
    await this.#page.arrived?.();
    return this.evaluate(() => globalThis[Symbol.for("left")] !== undefined);
  }

  /** Settles as the promise does; rejects if that takes longer than the limit. */
  #inTime(promise, what, limit = this.deadline) {
    return within(promise, `${what}, in ${this.engine.name}`, undefined, limit);
  }
}
