import { ErrorCode, InputKind, MessageFlag, Reading } from "./codes.gen.js";
import type { ConnectionDetails, ConnectionSetup } from "./core-port.js";
import { textOf } from "./errors.js";
import { detailsFault } from "./faults.js";
import type { WireData } from "./payload.js";

/** Passes answers to a kernel as inputs. */
export interface AnswerTarget {
  reading(which: number): number;
  give(kind: number, attempt: number): number;
  giveDetails(attempt: number, details: ConnectionDetails): void;
  /** `flags`: MessageFlag bits. */
  giveGreeting(attempt: number, payload: WireData, flags: number): boolean;
  /** `kind`: providerFailed or greetingFailed. */
  giveFailure(kind: number, attempt: number, code: number, text: string, error?: unknown): void;
}

/** Validates answers and converts them to inputs of the kernel. */
export class Answers implements ConnectionSetup {
  readonly #target: AnswerTarget;

  constructor(target: AnswerTarget) {
    this.#target = target;
  }

  isAsking(attempt: number): boolean {
    return this.#target.reading(Reading.asking) === attempt;
  }

  provided(attempt: number, details: ConnectionDetails): void {
    const fault = detailsFault(details);
    if (fault === undefined) this.#target.giveDetails(attempt, details);
    else this.#target.giveFailure(InputKind.providerFailed, attempt, fault.code, fault.text);
  }

  providerFailed(attempt: number, error: unknown): void {
    const code = ErrorCode.providerFailed;
    this.#target.giveFailure(InputKind.providerFailed, attempt, code, textOf(error), error);
  }

  isGreeting(attempt: number): boolean {
    return this.#target.reading(Reading.greeting) === attempt;
  }

  sendGreeting(attempt: number, payload: WireData, isJson: boolean): boolean {
    return this.#target.giveGreeting(attempt, payload, isJson ? MessageFlag.isJson : 0);
  }

  greeted(attempt: number): void {
    this.#target.give(InputKind.greeted, attempt);
  }

  greetingFailed(attempt: number, error: unknown): void {
    const code = ErrorCode.greetingFailed;
    this.#target.giveFailure(InputKind.greetingFailed, attempt, code, textOf(error), error);
  }
}
