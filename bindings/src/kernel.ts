// A kernel in WebAssembly. Inputs and commands are numbers in its memory.
import { BasePort } from "./base-port.js";
import { Border, CommandKind, Reading } from "./codes.gen.js";
import type { CoreSettings } from "./read-options.js";
import type { KernelModule } from "./web.js";

/** The longest delay of `setTimeout` in milliseconds (HTML standard, timer initialisation). */
const longestDelay = 0x7fff_ffff;

/** A port with at most one kernel. Inputs append commands, which `drain` executes. */
export abstract class KernelBasePort extends BasePort {
  /** 1 if messages have arrived that were not reported to the kernel. */
  heard = 0;
  /** The number of the received frame that is to be reported to the kernel. */
  receiptDue = 0;
  /** The address of a Host in ../embind.cpp; 0 without a kernel. */
  host = 0;
  #border = 0;
  /** The index of the commands in the memory, their number, and how many were executed. */
  #commands = 0;
  #commandCount = 0;
  #carriedOut = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The deadline of the timer; negative if none is set. */
  #due = -1;

  abstract readonly module: KernelModule;
  /** Bytes in the platform's buffer. */
  abstract amount(): number;
  /** Executes a command. `kind`: a CommandKind, which defines the other arguments. */
  abstract carryOut(kind: number, a: number, b: number, c: number): void;
  /** Called when `InputKind.timer` is due. */
  abstract timerDue(): void;
  /** Reports messages sent within the grant. Called before every other input. */
  abstract reportSent(): void;
  /** The number of the last frame of a session that was handled. */
  abstract received(): number;

  create(observer: number, { values, rules }: CoreSettings): void {
    const { module } = this;
    this.#border = module.border() / 8;
    module.numbers().set(values, module.settings() / 8);
    this.host = module.create(observer);
    for (const rule of rules) module.addCloseRule(this.host, ...rule);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#due = -1;
    this.#commandCount = this.#carriedOut = 0;
    this.module.destroy(this.host);
    this.host = 0;
  }

  /**
   * Passes an input to the kernel, if there is one. Its InputKind defines the arguments and the
   * result. `drain` executes its commands.
   */
  input(kind: number, a = 0, b = 0, c = 0, d = 0, e = 0): number {
    if (this.host === 0) return 0;
    this.reportSent();
    this.#describeMoment();
    return this.#give(kind, a, b, c, d, e);
  }

  /** Same as `input`, for inputs in a session that do not depend on messages sent before. */
  inputUnreported(kind: number, a: number, b: number): number {
    this.#describeMoment();
    return this.#give(kind, a, b, 0, 0, 0);
  }

  /** Same as `input`, for inputs that do not depend on the clock or the platform. */
  inputAnytime(kind: number, a: number, b: number, c = 0, d = 0, e = 0): number {
    const numbers = this.module.numbers();
    const border = this.#border;
    numbers[border + Border.now] = -1;
    numbers[border + Border.buffered] = -1;
    numbers[border + Border.hasHeard] = 0;
    numbers[border + Border.received] = -1;
    return this.#give(kind, a, b, c, d, e);
  }

  #give(kind: number, a: number, b: number, c: number, d: number, e: number): number {
    const answer = this.module.input(this.host, kind, a, b, c, d, e);
    this.#takeOutput();
    return answer;
  }

  /** Called before an event of the connection. C++ passes `argument` on with its inputs. */
  enterWith(argument: number): void {
    this.reportSent();
    this.#describeMoment();
    const numbers = this.module.numbers();
    numbers[this.#border + Border.argument] = argument;
    numbers[this.#border + Border.commandCount] = -1;
  }

  /** Called after an event of the connection. */
  leave(): void {
    if ((this.module.numbers()[this.#border + Border.commandCount] as number) < 0) return;
    this.#takeOutput();
    this.drain();
  }

  /** Executes all commands, including those that inputs append meanwhile. */
  drain(): void {
    let isUnfinished: boolean;
    do {
      isUnfinished = false;
      while (this.host !== 0 && this.#carriedOut < this.#commandCount) {
        const numbers = this.module.numbers();
        const at = this.#commands + 4 * this.#carriedOut++;
        const kind = numbers[at] as number;
        if (kind === CommandKind.again) isUnfinished = true;
        else {
          this.carryOut(
            kind,
            numbers[at + 1] as number,
            numbers[at + 2] as number,
            numbers[at + 3] as number,
          );
        }
      }
      if (this.host === 0) return;
      if (this.#commandCount > 0) this.module.clear(this.host);
      this.#carriedOut = this.#commandCount = 0;
      if (isUnfinished) this.carryOut(CommandKind.again, 0, 0, 0);
    } while (isUnfinished);
  }

  reading(which: number): number {
    if (this.host === 0) return -1;
    // These depend on the clock.
    if (which === Reading.retryIn || which === Reading.retries) {
      this.module.numbers()[this.#border + Border.now] = this.#now();
    }
    return this.module.read(this.host, which);
  }

  // --- Memory. ---

  #now(): number {
    return this.module.SteadyWeb.now();
  }

  #describeMoment(): void {
    const numbers = this.module.numbers();
    const border = this.#border;
    numbers[border + Border.now] = this.#now();
    numbers[border + Border.random] = Math.random();
    numbers[border + Border.buffered] = this.amount();
    numbers[border + Border.hasHeard] = this.heard;
    numbers[border + Border.received] = this.received();
    this.heard = 0;
  }

  #takeOutput(): void {
    const numbers = this.module.numbers();
    const border = this.#border;
    this.#commands = (numbers[border + Border.commands] as number) / 8;
    this.#commandCount = numbers[border + Border.commandCount] as number;
    this.receiptDue = numbers[border + Border.receiptDue] as number;
    this.#arm(numbers[border + Border.deadline] as number);
    this.changed();
  }

  #arm(deadline: number): void {
    // An earlier timer is left running: it finds nothing to do, and is set again.
    if (deadline === this.#due || (this.#due >= 0 && deadline > this.#due)) return;
    clearTimeout(this.#timer);
    this.#due = deadline;
    if (deadline < 0) return;
    const delay = Math.ceil(deadline - this.#now());
    this.#timer = setTimeout(
      () => {
        this.#due = -1;
        this.timerDue();
      },
      Math.min(Math.max(delay, 0), longestDelay),
    );
  }
}
