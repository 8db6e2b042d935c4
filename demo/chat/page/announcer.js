// Announces new messages to screen readers: single messages with their text, many as a number.
import { element, find } from "./dom.js";
import { say } from "./texts.js";

/** Milliseconds between two announcements. */
const pause = 1500;
/** Above this number of messages between two announcements, only the number is announced. */
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
