// The pending requests of one client: processed one after another, within its rate.

/** The limit of pending requests, one frame's worth, above which reading pauses. */
const full = 64;

/** @template Request */
export class Inbox {
  /** @type {Request[]} */
  #waiting = [];
  #bucket;
  #listener;
  /** "The state: "resting" without requests, "working", or "stopped". to do, "working", or "stopped". */
  #state = "resting";
  #isSlow = false;
  #timer;
  /** Resolvers that wait for rest. */
  #waiters = [];

  /**
   * @param {import("../../common/bucket.mjs").TokenBucket} bucket
   * @param {object} listener
   * @param {(request: Request) => Promise<void> | void} listener.work The next begins when its
   *   promise is fulfilled.
   * @param {() => void} listener.onSlow Requests wait because of the rate. Called once, until a
   *   full burst is available again.
   * @param {() => void} listener.onLess Fewer requests are pending than before.
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

  /** Resolves when no request is pending or in progress, or when it was stopped. */
  async rested() {
    if (this.#state === "working") await new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** @param {Request} request */
  push(request) {
    if (this.#state === "stopped") return;
    this.#waiting.push(request);
    if (this.#state === "resting") void this.#work();
  }

  /** Drops pending requests. */
  stop() {
    this.#state = "stopped";
    this.#waiting = [];
    clearTimeout(this.#timer);
    this.#rest();
  }

  /**
   * Ends the input: of the pending requests, a frame's worth is processed and the rest is dropped.
   * These were not answered, so the client can repeat them on its next connection.
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
