// What one client has sent and is not worked on yet: one after the other, not faster than its rate.

/** Where as much as a frame's worth waits, no more is read. */
const full = 64;

/** @template Request */
export class Inbox {
  /** @type {Request[]} */
  #waiting = [];
  #bucket;
  #listener;
  /** "resting" with nothing to do, "working", or "stopped". */
  #state = "resting";
  #isSlow = false;
  #timer;
  /** Those who wait for rest. */
  #waiters = [];

  /**
   * @param {import("../../common/bucket.mjs").TokenBucket} bucket
   * @param {object} listener
   * @param {(request: Request) => Promise<void> | void} listener.work The next begins when its
   *   promise is fulfilled.
   * @param {() => void} listener.onSlow What waits, waits for its rate. Once, until a whole burst may
   *   come again.
   * @param {() => void} listener.onLess Less waits than before.
   */
  constructor(bucket, listener) {
    this.#bucket = bucket;
    this.#listener = listener;
  }

  get isFull() {
    return this.#waiting.length > full;
  }

  get isStopped() {
    return this.#state === "stopped";
  }

  /** Resolves when nothing waits and nothing is worked on, or when it was stopped. */
  async rested() {
    if (this.#state === "working") await new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** @param {Request} request */
  push(request) {
    if (this.#state === "stopped") return;
    this.#waiting.push(request);
    if (this.#state === "resting") void this.#work();
  }

  /** Drops what waits. */
  stop() {
    this.#state = "stopped";
    this.#waiting = [];
    clearTimeout(this.#timer);
    this.#rest();
  }

  /**
   * No more will come: of what waits a frame's worth is worked on, and the rest is dropped. It was not
   * answered, so whoever wants it to be said comes back and asks again.
   */
  end() {
    this.#waiting.splice(full);
  }

  async #work() {
    this.#state = "working";
    if (this.#bucket.isFull()) this.#isSlow = false;
    while (this.#waiting.length > 0) {
      if (!this.#bucket.take()) {
        await this.#slowDown();
        continue;
      }
      await this.#listener.work(this.#waiting.shift());
      this.#listener.onLess();
    }
    if (this.#state === "stopped") return;
    this.#state = "resting";
    this.#rest();
  }

  #rest() {
    for (const resolve of this.#waiters.splice(0)) resolve();
  }

  async #slowDown() {
    if (!this.#isSlow) this.#listener.onSlow();
    this.#isSlow = true;
    await new Promise((resolve) => {
      this.#timer = setTimeout(resolve, this.#bucket.wait());
    });
  }
}
