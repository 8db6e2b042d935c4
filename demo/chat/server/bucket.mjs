// A token bucket: how often something may happen, with some at once.

export class TokenBucket {
  #perMs;
  #burst;
  #now;
  #tokens;
  #updated;

  /**
   * @param {object} options
   * @param {number} options.rate Tokens a second.
   * @param {number} options.burst Tokens at most, and at the beginning.
   * @param {() => number} options.now Milliseconds of a clock that does not go back.
   */
  constructor({ rate, burst, now }) {
    this.#perMs = rate / 1000;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#updated = now();
  }

  /** Takes a token, if there is one. */
  take() {
    this.#fill();
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Whole milliseconds until there is a token; 0 if there is one. */
  wait() {
    this.#fill();
    return this.#tokens >= 1 ? 0 : Math.ceil((1 - this.#tokens) / this.#perMs);
  }

  #fill() {
    const now = this.#now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#updated) * this.#perMs);
    this.#updated = now;
  }
}
