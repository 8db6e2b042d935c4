import type { Port } from "./core-port.js";
import type { Endpoint } from "./endpoint.js";
import type { EventDispatcher } from "./event-dispatcher.js";
import { SteadyErrorEvent } from "./events.js";
import { beginning } from "./payload.js";
import type { Routes } from "./routes.js";
import { BatchReader, isBatch } from "./scan.js";

/** Pending requests: see requests.ts. */
export interface Replies {
  /** Parses a received string if it may be a reply, otherwise returns undefined. */
  parse(text: string): unknown;
  /** Settles the request that this message replies to. False if there is none. */
  settle(message: unknown): boolean;
}

/** Dispatches received messages to `message` listeners, pending requests and handlers. */
export class Receiver {
  binaryType: BinaryType = "blob";
  /** The number of the current connection. */
  connection = 1;
  replies: Replies | undefined;
  readonly #port: Port;
  readonly #events: EventDispatcher;
  readonly #routes: Routes;
  readonly #endpoint: Endpoint;
  /** `heartbeat.reply` */
  readonly #heartbeatReply: unknown;

  constructor(
    port: Port,
    events: EventDispatcher,
    routes: Routes,
    endpoint: Endpoint,
    heartbeatReply: unknown,
  ) {
    this.#port = port;
    this.#events = events;
    this.#routes = routes;
    this.#endpoint = endpoint;
    this.#heartbeatReply = heartbeatReply;
  }

  receive(data: string | ArrayBuffer): void {
    if (typeof data !== "string") this.#dispatch(data);
    else if (this.#port.grant.batched && isBatch(data)) this.#receiveBatch(data);
    else this.#receiveText(data);
  }

  #receiveText(text: string): void {
    if (this.#port.grant.seeksReply && this.#routes.nameOf(text) === this.#heartbeatReply) {
      this.#port.heartbeatAnswered();
    }
    if (!this.#dispatch(text)) return;
    const parsed = this.replies?.parse(text);
    const isReply = parsed !== undefined && this.replies?.settle(parsed);
    if (this.#routes.isEmpty) return;
    if (!this.#routes.dispatch(text, isReply ? 0 : this.connection, parsed)) {
      this.#malformed("message is not JSON", text);
    }
  }

  /** Stops when a handler closes the socket, which ends the grant. */
  #receiveBatch(text: string): void {
    const batch = new BatchReader(text);
    while (this.#port.grant.batched) {
      const element = batch.next();
      if (element === undefined) {
        if (batch.isMalformed) this.#malformed("batch is not a JSON array", text);
        return;
      }
      this.#receiveText(element);
    }
  }

  #malformed(what: string, text: string): void {
    const message = `a received ${what}: ${beginning(text)}`;
    this.#events.push(new SteadyErrorEvent("malformed_message", message));
  }

  /** Dispatches a `message` event to listeners, if any. False if the connection has ended. */
  #dispatch(received: string | ArrayBuffer): boolean {
    const events = this.#events;
    if (events.hasPending) {
      // Listeners of earlier events, which are dispatched first, may end the connection.
      events.flush();
      if (!this.#port.isReceiving()) return false;
    }
    if (events.hasMessageListener) {
      // Created only for listeners: a Blob costs more than the rest of the dispatch.
      const isBlob = typeof received !== "string" && this.binaryType === "blob";
      const data = isBlob ? new Blob([received]) : received;
      const { origin } = this.#endpoint;
      events.dispatch(new MessageEvent("message", { data, origin }));
    }
    return true;
  }
}
