// The part of a kernel's port that loads the kernel and creates WebSockets, as late as possible.
import { ErrorCode, InputKind, Setting, StateCode, TextId } from "./codes.gen.js";
import { exceptionOf } from "./codes.js";
import type { ConnectionDetails, PortListener, PortOptions } from "./core-port.js";
import { shown } from "./faults.js";
import { compileKernel, loadKernel, prepareKernel } from "./kernel-module.js";
import { exactSize } from "./payload.js";
import {
  type ConnectionAhead,
  connectAhead,
  mayThrow,
  rememberPlatform,
  webSocketClass,
} from "./platform.js";
import { SessionPort } from "./session-port.js";
import { warnOfSecond } from "./warnings.js";
import type { KernelModule, SteadyWeb } from "./web.js";

export const classHint = "; pass a class as options.WebSocket";

const abnormal = 1006;

/** Runs `task` when the current task is over. Fake timers do not replace promises. */
const soon = (task: () => void) => void Promise.resolve().then(task);

/**
 * A port that leaves its kernel and its WebSockets to the end of the task that asks for them. A
 * socket that is closed or suspended in that task connects nothing.
 */
export abstract class DialingPort extends SessionPort {
  readonly options: PortOptions;
  details: ConnectionDetails;
  thrown: unknown;
  /** The strings behind the first members of TextId (`given_*` in texts.def). */
  readonly given: string[] = [];
  /** The error of the connection that the current call failed to create. */
  dialError: Error | undefined;
  #module: KernelModule | undefined;
  /** The first WebSocket, created before the kernel is instantiated. */
  #ahead: ConnectionAhead | undefined;
  /** The attempt whose WebSocket is created when the current task is over. */
  #dialing = 0;

  constructor(listener: PortListener, options: PortOptions) {
    super(listener);
    this.options = options;
    this.details = options.details;
  }

  /** Creates a kernel, and connects unless the socket rests in the state `suspended`. */
  abstract open(): void;
  /** Executes the kernel's commands. `isCall`: inside a call by the user. */
  abstract execute(isCall: boolean): void;

  /** Loaded when it is needed. */
  get module(): KernelModule {
    this.#module ??= this.#load(false);
    return this.#module;
  }

  get web(): SteadyWeb {
    return this.module.SteadyWeb;
  }

  #load(dials: boolean): KernelModule {
    const { core, webSocketClass: given } = this.options;
    if (compileKernel() && dials && core.values[Setting.asksProvider] === 0) {
      this.#ahead = connectAhead(webSocketClass(given), this.details);
    }
    try {
      return loadKernel();
    } catch (error) {
      this.#ahead?.giveUp();
      throw error;
    }
  }

  // --- Without a kernel. ---

  /** Connects: at once if that may throw, otherwise when the current task is over. */
  connectSoon(): void {
    // A provider is asked later in any case.
    const isNow = this.options.core.values[Setting.asksProvider] !== 0 || this.#dialsNow();
    if (!isNow) prepareKernel();
    this.restingState = StateCode.connecting;
    if (isNow) this.wake(true);
    else soon(() => this.wake(true));
  }

  /** Connects a socket that rests suspended, unless `kind` is InputKind.suspend. False for others. */
  resumeResting(kind: number): boolean {
    if (this.restingState !== StateCode.suspended) return false;
    if (kind !== InputKind.suspend) this.connectSoon();
    return true;
  }

  /**
   * Creates the kernel of a socket that rests, after the first WebSocket of the page if `dials`.
   * False if the socket is closed.
   */
  wake(dials = false): boolean {
    if (this.restingState !== StateCode.closed) {
      this.#module = this.#load(dials && this.restingState === StateCode.connecting);
      this.open();
    }
    return this.host !== 0;
  }

  // --- Dialing. ---

  /** True if the next WebSocket is created inside the current call. */
  #dialsNow(): boolean {
    const { url } = this.details;
    return url !== "" && mayThrow(this.options.webSocketClass, url);
  }

  /** Carries out CommandKind.dial. */
  dial(attempt: number): void {
    if (!this.isInCall || this.#ahead || this.#dialsNow()) {
      this.#dialNow(attempt);
      return;
    }
    this.#dialing = attempt;
    soon(() => {
      if (this.#dialing !== attempt) return;
      this.#dialNow(attempt);
      this.execute(false);
    });
  }

  #dialNow(attempt: number): void {
    this.attempt = attempt;
    this.#dialing = 0;
    const { url, subprotocols } = this.details;
    const web = this.web;
    // One that starts suspended is not made on close: see `hooks/shared-sockets.ts`.
    if (attempt === 1 && !this.options.startsSuspended) warnOfSecond(url);
    web.leaveText(`${url}\0${subprotocols.join()}`);
    const code = this.module.dial(this.host, attempt, exactSize(url));
    this.#ahead = undefined;
    if (code === 0) return;
    const { thrown: cause } = this;
    const isMissing = code === ErrorCode.notSupported && cause === undefined;
    const text = `${web.left}${isMissing ? classHint : ""}`;
    const error = exceptionOf(code, `${text} (${shown(this.details)})`);
    this.dialError = Object.assign(error, cause !== undefined && { cause });
    this.given[TextId.givenFailure] = text;
    this.input(InputKind.openFailed, attempt, code);
  }

  /** Carries out CommandKind.shut. */
  shut(code: number, reason: string): void {
    const attempt = this.#dialing;
    if (attempt === 0) {
      this.web.leaveText(reason);
      this.module.shut(this.host, code);
      return;
    }
    // Nothing was created: reports what a WebSocket reports that is closed while it connects.
    this.#dialing = 0;
    this.postTask(() => {
      const { given } = this;
      given[TextId.givenError] = given[TextId.givenReason] = "the connection failed";
      this.input(InputKind.error, attempt, ErrorCode.connectionFailed);
      this.input(InputKind.closed, attempt, abnormal, 0, -1);
      this.execute(false);
    });
  }

  /** Carries out CommandKind.abandon. */
  abandon(): void {
    this.#dialing = 0;
    this.module.abandon(this.host);
  }

  // --- The platform: see Observer. ---

  prepare(): void {
    this.module.useWebSocket(this.#ahead ?? webSocketClass(this.options.webSocketClass));
    this.listening()?.connecting();
  }

  prepared(made: unknown): void {
    if (this.options.webSocketClass !== undefined) return;
    rememberPlatform(made === this.#ahead ? webSocketClass(undefined) : made);
  }
}
