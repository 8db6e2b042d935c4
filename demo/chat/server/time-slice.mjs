// Runs long work in slices, so that reads, writes, timers and HTTP get the event loop in between.

/** Milliseconds. */
const length = 5;

export class TimeSlice {
  #end = 0;

  begin() {
    this.#end = performance.now() + length;
  }

  get isOver() {
    return performance.now() >= this.#end;
  }

  /** Yields to the event loop and begins the next slice. */
  async yield() {
    await new Promise((resolve) => setImmediate(resolve));
    this.begin();
  }
}
