// A kernel in WebAssembly. Numbers in its memory are all that goes in and comes out.
import { Border, CommandKind, Reading } from "./codes.gen.js";
import type { CoreSettings } from "./read-options.js";
import type { KernelModule } from "./web.js";

/** The longest timeout (HTML standard, timer initialisation). */
const longestDelay = 0x7fff_ffff;

/** Carries out what a kernel commands. */
export interface KernelUser {
  /** 1 if messages have arrived that the kernel has not seen. */
  heard: number;
  /** Bytes in the platform's buffer. */
  amount(): number;
  /** `kind`: a CommandKind, which describes the others. */
  carryOut(kind: number, a: number, b: number, c: number): void;
  /** `InputKind.timer` is due. */
  timerDue(): void;
}

/** One kernel: an input adds to its commands, which `drain` has carried out. */
export class Kernel {
  readonly #module: KernelModule;
  readonly #user: KernelUser;
  /** The address of a Host in ../embind.cpp; 0 when it is destroyed. */
  #host: number;
  readonly #border: number;
  /** Where the commands are in the memory, how many there are, and how many were carried out. */
  #commands = 0;
  #commandCount = 0;
  #carriedOut = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer is due; negative if it does not run. */
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

  /** Gives an input. Returns what its InputKind describes. */
  input(kind: number, a = 0, b = 0, c = 0, d = 0, e = 0): number {
    this.#describeMoment();
    return this.#give(kind, a, b, c, d, e);
  }

  /** The same for an input that does not depend on the time or on the platform. */
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

  /** To be called before an event of the connection, which may give inputs with this argument. */
  enter(argument: number): void {
    this.#describeMoment();
    const numbers = this.#module.numbers();
    numbers[this.#border + Border.argument] = argument;
    numbers[this.#border + Border.commandCount] = -1;
  }

  /** To be called after it. */
  leave(): void {
    if ((this.#module.numbers()[this.#border + Border.commandCount] as number) < 0) return;
    this.#takeOutput();
    this.drain();
  }

  /** Has all commands carried out. An input that is given meanwhile adds to them. */
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
    // What depends on the time.
    if (reading === Reading.retryIn || reading === Reading.retries) {
      this.#module.numbers()[this.#border + Border.now] = this.#now();
    }
    return this.#module.read(this.#host, reading);
  }

  // --- The connection: see ../embind.cpp. ---

  dial(attempt: number, urlSize: number): number {
    return this.#module.dial(this.#host, attempt, urlSize);
  }

  shut(code: number): void {
    this.#module.shut(this.#host, code);
  }

  abandon(): void {
    this.#module.abandon(this.#host);
  }

  // --- The memory. ---

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
    // A timer that is due earlier finds nothing to do, and is started again.
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
