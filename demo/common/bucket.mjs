// A token bucket: limits the rate of an action, with a burst.

export class TokenBucket {
  /** The cost of a token and the available budget, in milliseconds. */
  #cost;
  #credit;
  #most;
  #now;
  #updated;

  /**
   * @param {object} options
   * @param {number} options.rate Tokens a second.
   * @param {number} options.burst Maximum number of tokens, and the initial one.
   * @param {() => number} options.now Milliseconds of a monotonic clock.
   */
  constructor({ rate, burst, now }) {
    this.#cost = 1000 / rate;
    this.#most = burst * this.#cost;
    this.#credit = this.#most;
    this.#now = now;
    this.#updated = now();
  }

  /** Takes a token. Returns false if there is none. */
  take() {
    if (this.wait() > 0) return false;
    this.#credit -= this.#cost;
    return true;
  }

  /** Whole milliseconds until a token is available; 0 if one is. */
  wait() {
    this.#fill();
    return Math.max(0, Math.ceil(this.#cost - this.#credit));
  }

  /** True if a full burst is available. */
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
