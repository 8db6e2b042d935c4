// A kernel in WebAssembly. Inputs and commands are numbers in its memory.
import { Border, CommandKind, Reading } from "./codes.gen.js";
import type { CoreSettings } from "./read-options.js";
import type { KernelModule } from "./web.js";

/** The longest delay of `setTimeout` in milliseconds (HTML standard, timer initialisation). */
const longestDelay = 0x7fff_ffff;

/** Executes the commands of a kernel. */
export interface KernelUser {
  /** 1 if messages have arrived that were not reported to the kernel. */
  heard: number;
  /** Bytes in the platform's buffer. */
  amount(): number;
  /** Executes a command. `kind`: a CommandKind, which defines the other arguments. */
  carryOut(kind: number, a: number, b: number, c: number): void;
  /** Called when `InputKind.timer` is due. */
  timerDue(): void;
}

/** One kernel. Inputs append commands, which `drain` executes. */
export class Kernel {
  readonly #module: KernelModule;
  readonly #user: KernelUser;
  /** The address of a Host in ../embind.cpp; 0 after `destroy`. */
  #host: number;
  readonly #border: number;
  /** The index of the commands in the memory, their number, and how many were executed. */
  #commands = 0;
  #commandCount = 0;
  #carriedOut = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The deadline of the timer; negative if none is set. */
  #due = -1;

  constructor(
    module: KernelModule,
    observer: number,
    user: KernelUser,
    { values, rules }: CoreSettings,
  ) {
    this.#module = module;
    this.#user = user;
    this.#border = module.border() / 8;
    module.numbers().set(values, module.settings() / 8);
    this.#host = module.create(observer);
    for (const rule of rules) module.addCloseRule(this.#host, ...rule);
  }

  destroy(): void {
    clearTimeout(this.#timer);
    this.#module.destroy(this.#host);
    this.#host = 0;
  }

  /** Passes an input to the kernel. Its InputKind defines the arguments and the result. */
  input(kind: number, a: number, b: number, c: number, d: number, e: number): number {
    this.#describeMoment();
    return this.#give(kind, a, b, c, d, e);
  }

  /** Same as `input`, for inputs that do not depend on the clock or the platform. */
  inputAnytime(kind: number, a: number, b: number, c = 0, d = 0, e = 0): number {
    const numbers = this.#module.numbers();
    const border = this.#border;
    numbers[border + Border.now] = -1;
    numbers[border + Border.buffered] = -1;
    numbers[border + Border.hasHeard] = 0;
    return this.#give(kind, a, b, c, d, e);
  }

  #give(kind: number, a: number, b: number, c: number, d: number, e: number): number {
    const answer = this.#module.input(this.#host, kind, a, b, c, d, e);
    this.#takeOutput();
    return answer;
  }

  /** Called before an event of the connection. C++ passes `argument` on with its inputs. */
  enter(argument: number): void {
    this.#describeMoment();
    const numbers = this.#module.numbers();
    numbers[this.#border + Border.argument] = argument;
    numbers[this.#border + Border.commandCount] = -1;
  }

  /** Called after an event of the connection. */
  leave(): void {
    if ((this.#module.numbers()[this.#border + Border.commandCount] as number) < 0) return;
    this.#takeOutput();
    this.drain();
  }

  /** Executes all commands, including those that inputs append meanwhile. */
  drain(): void {
    let isUnfinished: boolean;
    do {
      isUnfinished = false;
      while (this.#host !== 0 && this.#carriedOut < this.#commandCount) {
        const numbers = this.#module.numbers();
        const at = this.#commands + 4 * this.#carriedOut++;
        const kind = numbers[at] as number;
        if (kind === CommandKind.again) isUnfinished = true;
        else {
          this.#user.carryOut(
            kind,
            numbers[at + 1] as number,
            numbers[at + 2] as number,
            numbers[at + 3] as number,
          );
        }
      }
      if (this.#host === 0) return;
      if (this.#commandCount > 0) this.#module.clear(this.#host);
      this.#carriedOut = this.#commandCount = 0;
      if (isUnfinished) this.#user.carryOut(CommandKind.again, 0, 0, 0);
    } while (isUnfinished);
  }

  /** Returns a Reading. */
  read(reading: number): number {
    // These depend on the clock.
    if (reading === Reading.retryIn || reading === Reading.retries) {
      this.#module.numbers()[this.#border + Border.now] = this.#now();
    }
    return this.#module.read(this.#host, reading);
  }

  // --- Connection: see ../embind.cpp. ---

  dial(attempt: number, urlSize: number): number {
    return this.#module.dial(this.#host, attempt, urlSize);
  }

  shut(code: number): void {
    this.#module.shut(this.#host, code);
  }

  abandon(): void {
    this.#module.abandon(this.#host);
  }

  // --- Memory. ---

  #now(): number {
    return this.#module.SteadyWeb.now();
  }

  #describeMoment(): void {
    const user = this.#user;
    const numbers = this.#module.numbers();
    const border = this.#border;
    numbers[border + Border.now] = this.#now();
    numbers[border + Border.random] = Math.random();
    numbers[border + Border.buffered] = user.amount();
    numbers[border + Border.hasHeard] = user.heard;
    user.heard = 0;
  }

  #takeOutput(): void {
    const numbers = this.#module.numbers();
    const border = this.#border;
    this.#commands = (numbers[border + Border.commands] as number) / 8;
    this.#commandCount = numbers[border + Border.commandCount] as number;
    this.#arm(numbers[border + Border.deadline] as number);
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
        this.#user.timerDue();
      },
      Math.min(Math.max(delay, 0), longestDelay),
    );
  }
}
