// A tab, the same in every engine: made of the few things that an engine's page can do.
import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";

const deadline = 30_000;
/** Looked at from outside: a hidden page's own timers are slow. */
const pollEvery = 50;

/** @typedef {{ shift?: boolean, control?: boolean }} Modifiers */

export class Tab {
  /** Patterns of errors that the page may report. */
  expected = [];
  #page;
  #closed;
  #left = 0;

  constructor(engine, page) {
    this.engine = engine;
    this.#page = page;
  }

  /**
   * Calls a function in the page, also under a strict policy, and resolves to what it returns, or
   * its promise. The function sees nothing but its argument; both travel as JSON.
   */
  async evaluate(call, argument) {
    // As text, and its answer too: engines differ in what they do with values and with errors.
    const answer = await this.#page.run(`(async () => {
      "use strict";
      try {
        return JSON.stringify({ value: await (${call})(${JSON.stringify(argument)}) });
      } catch (error) {
        return JSON.stringify({ error: String(error), stack: String(error?.stack) });
      }
    })()`);
    const { value, error, stack } = JSON.parse(answer);
    if (error !== undefined) throw new Error(`in the page: ${error}`, { cause: stack });
    return value;
  }

  /**
   * Asks the page until the function answers with something that is true, and resolves to that.
   * @param what - what is waited for, in the error's words.
   */
  async until(call, argument, what = String(call)) {
    const began = performance.now();
    let last;
    for (;;) {
      try {
        last = await this.evaluate(call, argument);
        if (last) return last;
      } catch (error) {
        // A document that is being left for another cannot answer.
        last = error;
      }
      if (performance.now() - began > deadline) break;
      await new Promise((resolve) => setTimeout(resolve, pollEvery));
    }
    const shown = await this.evaluate(() => document.body.innerText.slice(0, 1_000)).catch(String);
    throw new Error(
      `${this.engine.name}: waited ${deadline / 1_000} s for ${what}; last it was ${inspect(last)}; the page: ${shown}`,
    );
  }

  /** Waits for an element that is seen and enabled, and clicks on it. */
  async click(selector) {
    await this.#ready(selector);
    await this.#page.click(selector);
  }

  /** Types at the end of a field, key by key. What no keyboard has, emoji, is inserted. No "\n". */
  async type(selector, text) {
    await this.#ready(selector);
    await this.evaluate((selector) => {
      const field = document.querySelector(selector);
      field.focus();
      field.setSelectionRange?.(field.value.length, field.value.length);
    }, selector);
    await this.#page.type(text);
  }

  /**
   * Presses a key, as KeyboardEvent.key names it, where the focus is.
   * @param {Modifiers} modifiers
   */
  async press(key, { shift = false, control = false } = {}) {
    const held = [shift && "Shift", control && "Control"].filter(Boolean);
    await this.#page.press(key, held);
  }

  /** Gives a field this text at once, with the events of input and change. */
  async fill(selector, text) {
    await this.#ready(selector);
    await this.evaluate(
      ([selector, text]) => {
        const field = document.querySelector(selector);
        field.focus();
        field.value = text;
        field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
        field.dispatchEvent(new Event("change", { bubbles: true }));
      },
      [selector, text],
    );
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

  /** Of the first such element; null if it has none. */
  attribute(selector, name) {
    return this.evaluate(
      ([selector, name]) => document.querySelector(selector)?.getAttribute(name),
      [selector, name],
    );
  }

  goto(url) {
    return this.#page.goto(url);
  }

  /** Resolves when the page is loaded. */
  reload() {
    return this.#leave(() => location.reload());
  }

  /** Resolves when the page before is there, from the cache or loaded anew. */
  goBack() {
    return this.#leave(() => history.back());
  }

  async screenshot(path) {
    // What was changed just now is not painted yet.
    await this.evaluate(
      () =>
        new Promise((resolve) =>
          requestAnimationFrame(() => requestAnimationFrame(() => resolve())),
        ),
    );
    await writeFile(path, await this.#page.screenshot());
  }

  /** Not in every engine: see Engine.canBeOffline. */
  async setOffline(isOffline) {
    if (!this.engine.canBeOffline) throw new Error(`${this.engine.name} cannot be offline`);
    await this.#page.setOffline(isOffline);
  }

  /** Puts it into the background. */
  async hide() {
    await this.#page.hide();
    await this.until(() => document.visibilityState === "hidden", null, "the page to be hidden");
  }

  async show() {
    await this.#page.show();
    await this.until(() => document.visibilityState === "visible", null, "the page to be visible");
  }

  /** Makes the page this large, in CSS pixels. */
  async resize(width, height) {
    await this.#page.resize(width, height);
    await this.until(
      ([width, height]) => innerWidth === width && innerHeight === height,
      [width, height],
      `a page of ${width} x ${height}`,
    );
  }

  /** Ends its session. */
  close() {
    this.#closed ??= this.#page.close();
    return this.#closed;
  }

  /** What the page has reported as errors and nobody expected. */
  complaints() {
    const isExpected = (text) => this.expected.some((pattern) => pattern.test(text));
    return this.#page.complaints.filter((text) => !isExpected(text));
  }

  async #ready(selector) {
    const isReady = (selector) => {
      const element = document.querySelector(selector);
      return element?.getClientRects().length > 0 && !element.disabled;
    };
    await this.until(isReady, selector, `${selector}, to be seen and enabled`);
  }

  /** Leaves the document, and resolves when another one is there. */
  async #leave(go) {
    // The one that is left cannot answer when it goes, so it goes afterwards, and is marked.
    const mark = ++this.#left;
    await this.evaluate(
      `(mark) => {
      globalThis[Symbol.for("left")] = mark;
      setTimeout(${go});
    }`,
      mark,
    );
    const isThere = (mark) =>
      globalThis[Symbol.for("left")] !== mark && document.readyState === "complete";
    await this.until(isThere, mark, "another document");
    await this.#page.arrived?.();
  }
}
