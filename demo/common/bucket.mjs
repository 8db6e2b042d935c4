// A token bucket: how often something may happen, with some at once.

export class TokenBucket {
  /** What a token costs, and what there is to spend, in milliseconds. */
  #cost;
  #credit;
  #most;
  #now;
  #updated;

  /**
   * @param {object} options
   * @param {number} options.rate Tokens a second.
   * @param {number} options.burst Tokens at most, and at the beginning.
   * @param {() => number} options.now Milliseconds of a clock that does not go back.
   */
  constructor({ rate, burst, now }) {
    this.#cost = 1000 / rate;
    this.#most = burst * this.#cost;
    this.#credit = this.#most;
    this.#now = now;
    this.#updated = now();
  }

  /** Takes a token, if there is one. */
  take() {
    if (this.wait() > 0) return false;
    this.#credit -= this.#cost;
    return true;
  }

  /** Whole milliseconds until there is a token; 0 if there is one. */
  wait() {
    this.#fill();
    return Math.max(0, Math.ceil(this.#cost - this.#credit));
  }

  /** Whether a whole burst may come. */
  isFull() {
    this.#fill();
    return this.#credit === this.#most;
  }

  #fill() {
    const now = this.#now();
    this.#credit = Math.min(this.#most, this.#credit + now - this.#updated);
    this.#updated = now;
  }
}
