import type { Port } from "./core-port.js";
import type { Endpoint } from "./endpoint.js";
import type { EventDispatcher } from "./event-dispatcher.js";
import { SteadyErrorEvent } from "./events.js";
import type { Routes } from "./routes.js";
import { BatchReader, isBatch } from "./scan.js";

/** Requests that wait for a reply: see requests.ts. */
export interface Replies {
  /** Parses a received text if it may be a reply; undefined if it is none. */
  parse(text: string): unknown;
  /** Settles the request whose reply this message is. False if there is none. */
  settle(message: unknown): boolean;
}

/** Takes received messages to the listeners of `message`, to requests and to handlers. */
export class Receiver {
  binaryType: BinaryType = "blob";
  /** The number of the connection. */
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
      this.#malformed("not JSON");
    }
  }

  /** Stops if a handler closes the socket, which ends the grant. */
  #receiveBatch(text: string): void {
    const batch = new BatchReader(text);
    while (this.#port.grant.batched) {
      const element = batch.next();
      if (element === undefined) {
        if (batch.isMalformed) this.#malformed("a batch, but not a JSON array");
        return;
      }
      this.#receiveText(element);
    }
  }

  #malformed(what: string): void {
    this.#events.push(new SteadyErrorEvent("malformed_message", `a received message is ${what}`));
  }

  /** Dispatches a `message` event if there are listeners. False if the connection has ended. */
  #dispatch(received: string | ArrayBuffer): boolean {
    const events = this.#events;
    if (events.hasPending) {
      // What happened before the message is dispatched before it, and may end the connection.
      events.flush();
      if (!this.#port.isReceiving()) return false;
    }
    if (events.hasMessageListener) {
      // Creating a Blob takes longer than everything else.
      const isBlob = typeof received !== "string" && this.binaryType === "blob";
      const data = isBlob ? new Blob([received]) : received;
      const { origin } = this.#endpoint;
      events.dispatch(new MessageEvent("message", { data, origin }));
    }
    return true;
  }
}
