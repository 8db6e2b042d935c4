import { MessageFlag } from "./codes.gen.js";
import { accepted, type DeliveryOptions, type Port, type SendAnswer } from "./core-port.js";
import { deferred } from "./deferred.js";
import type { DropReason } from "./names.gen.js";
import type { SendOptions } from "./options.js";
import { exactSize, toWire, type WireData } from "./payload.js";
import { readSendOptions } from "./read-options.js";
import type { Outcome, QueuedMessage, SendResult, TrackedResult } from "./results.js";

/** Called with the reason of a drop, or "" if the message was sent. */
type Settle = (reason: string, isDelivered: boolean) => void;

const sent: SendResult = Object.freeze({ status: "sent" });

/** The result of `send` for a queued message. */
class Queued implements QueuedMessage {
  readonly status = "queued";
  readonly id: number;
  readonly #port: Port;
  constructor(port: Port, id: number) {
    this.#port = port;
    this.id = id;
  }
  cancel(): boolean {
    return this.#port.cancel(this.id);
  }
}

/** Converts arguments of `send` to payloads, and answers of the port to results. */
export class Sender {
  /**
   * Bytes passed to `send` after the socket was closed: part of `bufferedAmount` (HTML standard).
   */
  sentTooLate = 0;
  readonly #port: Port;
  /** Callbacks for outcomes, by message id. */
  readonly #outcomes = new Map<number, Settle>();

  constructor(port: Port) {
    this.#port = port;
  }

  send(data: unknown): SendResult {
    const payload = typeof data === "string" ? data : toWire(data);
    const answer = this.#port.send(payload, data);
    return answer === accepted ? sent : this.#resultOf(answer, payload);
  }

  sendWith(data: unknown, options: SendOptions): SendResult {
    const delivery = readSendOptions(options);
    if ((delivery.flags & MessageFlag.track) === 0) return this.post(data, delivery).result;
    this.#port.hold();
    return this.#track(data, delivery);
  }

  #track(data: unknown, delivery: DeliveryOptions): TrackedResult {
    const { promise: outcome, resolve } = deferred<Outcome>();
    const { result } = this.post(data, delivery, (reason, isDelivered) =>
      resolve(
        reason === ""
          ? { status: isDelivered ? "delivered" : "sent" }
          : { status: "dropped", reason: reason as DropReason },
      ),
    );
    if ("reason" in result) resolve({ ...result, status: "dropped" });
    // Extends a Queued in place, which has the method `cancel`.
    return Object.assign(result === sent ? { ...sent } : result, { outcome });
  }

  /** Sends a message. Calls `settled` with the outcome if it is tracked or expects a reply. */
  post(
    data: unknown,
    delivery: DeliveryOptions,
    settled?: Settle,
  ): { result: SendResult; id: number } {
    const payload = toWire(data);
    const answer = this.#port.send(payload, data, delivery);
    const { id } = answer;
    if (settled !== undefined && id > 0) this.#outcomes.set(id, settled);
    return { result: this.#resultOf(answer, payload), id };
  }

  #resultOf({ status, id, reason }: SendAnswer, payload: WireData): SendResult {
    if (status === "sent") return sent;
    if (status === "queued") return new Queued(this.#port, id);
    if (status === "rejected" && reason === "closed") this.sentTooLate += exactSize(payload);
    return { status, reason: reason as DropReason };
  }

  /** Ignores the outcome and the reply of a message, and cancels it if it is queued. */
  forget(id: number): void {
    this.#outcomes.delete(id);
    if (id > 0 && !this.#port.answered(id)) this.#port.cancel(id);
  }

  outcome(id: number, reason: string, isDelivered: boolean): void {
    this.#outcomes.get(id)?.(reason, isDelivered);
    this.#outcomes.delete(id);
  }
}
