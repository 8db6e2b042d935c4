/** A timer that can be started again. It does not keep a process alive. */
export class Timer {
  readonly #due: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(due: () => void) {
    this.#due = due;
  }

  start(milliseconds: number): void {
    this.stop();
    this.#timer = setTimeout(this.#due, milliseconds);
    (this.#timer as { unref?(): void }).unref?.();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
