// Tells what is new to those who hear the page: single messages as they are, many as their number.
import { element, find } from "./dom.js";
import { say } from "./texts.js";

/** Milliseconds between two announcements. */
const pause = 1500;
/** More messages than these between two announcements are counted only. */
const mostSpoken = 3;

export class Announcer {
  #node = find("announcer");
  #texts = [];
  #timer;

  /** @param {string} text */
  announce(text) {
    this.#texts.push(text);
    this.#timer ??= setTimeout(() => this.#speak(), pause);
  }

  #speak() {
    this.#timer = undefined;
    const texts = this.#texts;
    this.#texts = [];
    const spoken =
      texts.length > mostSpoken ? [say("announceMany", { count: texts.length })] : texts;
    this.#node.replaceChildren(...spoken.map((text) => element("span", "", text, " ")));
  }
}
