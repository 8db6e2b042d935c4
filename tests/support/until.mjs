/** Milliseconds that a test waits for something. */
const deadline = 90_000;

/** What a test waits for: `look` is to be called whenever anything has happened. */
export class Waiting {
  #waiting = new Set();

  /**
   * Resolves to what the condition answers, when that is something that is true; rejected when that
   * takes longer than any test should.
   * @param whatIsThere - is said then.
   */
  async until(condition, whatIsThere = () => "") {
    const answer = condition();
    if (answer) return answer;
    return new Promise((resolve, reject) => {
      const entry = { condition, resolve, timer: undefined };
      entry.timer = setTimeout(() => {
        this.#waiting.delete(entry);
        reject(new Error(`waited ${deadline} ms for ${condition}; ${whatIsThere()}`));
      }, deadline);
      this.#waiting.add(entry);
    });
  }

  look() {
    for (const entry of this.#waiting) {
      const answer = entry.condition();
      if (!answer) continue;
      this.#waiting.delete(entry);
      clearTimeout(entry.timer);
      entry.resolve(answer);
    }
  }
}
