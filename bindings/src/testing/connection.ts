import { HandlerAttributes } from "../attributes.js";
import { exactSize, isBlob, tagOf } from "../payload.js";
import { maxReasonBytes } from "../protocol.js";
import { closeEvent, messageEvent } from "./events.js";
import { Inbox, keep, timeoutOf, type WaitOptions } from "./inbox.js";
import type { Link, Request } from "./link.js";
import { type Arrived, type Content, copied, wellFormed } from "./pipe.js";

/** A received message: text, or binary data. */
export type TestData = string | ArrayBuffer;

/** The end of a connection. */
export interface TestCloseInfo {
  /** The close code: 1005 for a close frame without one, 1006 for an end without a close frame. */
  readonly code: number;
  /** The reason in the close frame; empty without one. */
  readonly reason: string;
}

/** The events of a {@link TestConnection} by their type. */
export interface TestConnectionEventMap {
  /** A message was received. */
  message: MessageEvent<TestData>;
  /** The connection has ended. */
  close: CloseEvent;
}

/**
 * The server's side of a connection. It is also a WebSocket of a server, so that code for servers
 * takes it, such as `accept` of `steadysocket/server`.
 */
export interface TestConnection extends EventTarget {
  /** The URL that the client has connected to. */
  readonly url: string;
  /** The subprotocols that the client has offered. */
  readonly protocols: readonly string[];
  /** The selected subprotocol; empty without one. */
  readonly protocol: string;
  /** Same as WebSocket: 1 is open, 2 is closing, 3 is closed. */
  readonly readyState: number;
  /** Every received message, the oldest first. Keeps the last 10000. */
  readonly received: readonly TestData[];
  /** The end of the connection; undefined before. */
  readonly closed: TestCloseInfo | undefined;
  /** Always `arraybuffer`. Code for servers assigns it. */
  binaryType: "arraybuffer";
  /** Called with every message. */
  onmessage: ((event: MessageEvent<TestData>) => unknown) | null;
  /** Called when the connection has ended. */
  onclose: ((event: CloseEvent) => unknown) | null;

  /**
   * Sends a message: a string, binary data, or an object or array as JSON.
   * @throws TypeError - Anything else, and an object without JSON.
   * @throws DOMException - `InvalidStateError`: the connection is closing or closed.
   */
  send(data: string | object): void;

  /**
   * Returns the next message: the oldest one that this method has not returned yet, or the next to
   * arrive.
   * @throws Error - The promise rejects when the connection has ended, and after `timeout`.
   */
  message(options?: WaitOptions): Promise<TestData>;

  /**
   * Returns the next message, parsed as JSON: see {@link TestConnection.message}.
   * @throws SyntaxError - The promise rejects if the message is not JSON.
   */
  json(options?: WaitOptions): Promise<unknown>;

  /**
   * Begins the close handshake. Without a code the client reports 1005.
   * @throws RangeError - The code is not 1000 to 1003, 1007 to 1014, or 3000 to 4999, or the reason
   * has more than 123 bytes.
   */
  close(code?: number, reason?: string): void;

  /**
   * Ends the connection without a close frame, as the end of a server's process does. The client
   * reports 1006, and loses what was on its way.
   */
  terminate(): void;

  /**
   * Makes the connection half-open: nothing is delivered in either direction, and nothing fails. The
   * network takes 64 KB of the client's messages; the rest stays in its `bufferedAmount`.
   */
  silence(): void;

  /** Ends the silence: what was sent meanwhile arrives, in order. */
  resume(): void;

  /** Adds a listener. */
  addEventListener<Type extends keyof TestConnectionEventMap>(
    type: Type,
    listener: (event: TestConnectionEventMap[Type]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  /** Adds a listener. */
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject | null,
    options?: boolean | AddEventListenerOptions,
  ): void;
}

/** Codes that a close frame may have (RFC 6455 7.4, and the registry of IANA). */
const isCloseCode = (code: number) =>
  (code >= 1000 && code <= 1003) ||
  (code >= 1007 && code <= 1014) ||
  (code >= 3000 && code <= 4999);

const [open, closing, closed] = [1, 2, 3] as const;

/** Converts an argument of `send`. */
export function contentOf(method: string, data: unknown): Content {
  if (typeof data === "string") return wellFormed(data);
  if (typeof data !== "object" || data === null) {
    const got = data === null ? "null" : typeof data;
    throw new TypeError(`${method}: data must be a string, an object or binary data, got ${got}`);
  }
  if (isBlob(data)) return data;
  const bytes = copied(data);
  if (bytes !== undefined) return bytes;
  const text: string | undefined = JSON.stringify(data);
  if (text === undefined || /^(Promise|Map|Set)$/.test(tagOf(data))) {
    throw new TypeError(`${method}: a ${tagOf(data)} cannot be serialized as JSON`);
  }
  return wellFormed(text);
}

/** The implementation of TestConnection. */
export class ServerSide extends EventTarget implements TestConnection {
  readonly url: string;
  readonly protocols: readonly string[];
  readonly protocol: string;
  readonly received: TestData[] = [];
  binaryType = "arraybuffer" as const;
  closed: TestCloseInfo | undefined;
  readonly #link: Link;
  readonly #ended: (connection: ServerSide) => void;
  readonly #timeout: number;
  readonly #handlers = new HandlerAttributes(this);
  readonly #inbox = new Inbox<TestData>();
  #state: number = open;

  constructor(
    link: Link,
    { url, protocols }: Request,
    protocol: string,
    timeout: number,
    ended: (connection: ServerSide) => void,
  ) {
    super();
    this.url = url;
    this.protocols = protocols;
    this.protocol = protocol;
    this.#link = link;
    this.#timeout = timeout;
    this.#ended = ended;
    link.server = {
      message: (data) => this.#message(data),
      closeFrame: (code, reason) => this.#closeFrame(code, reason),
      lost: () => this.#finish(1006, "", false),
    };
  }
  get readyState(): number {
    return this.#state;
  }

  get onmessage(): TestConnection["onmessage"] {
    return this.#handlers.get("message") as TestConnection["onmessage"];
  }
  set onmessage(handler: TestConnection["onmessage"]) {
    this.#handlers.set("message", handler);
  }

  get onclose(): TestConnection["onclose"] {
    return this.#handlers.get("close") as TestConnection["onclose"];
  }
  set onclose(handler: TestConnection["onclose"]) {
    this.#handlers.set("close", handler);
  }

  send(data: string | object): void {
    const content = contentOf("TestConnection.send", data);
    if (this.#state !== open) {
      const { closed: end } = this;
      throw new DOMException(
        `TestConnection.send: the connection is ${end ? `closed (${end.code})` : "closing"}`,
        "InvalidStateError",
      );
    }
    this.#link.down.push((arrived) => this.#link.client.message(arrived), content);
  }

  message(options: WaitOptions = {}): Promise<TestData> {
    return this.#next("message", options);
  }

  async json(options: WaitOptions = {}): Promise<unknown> {
    const data = await this.#next("json", options);
    try {
      return JSON.parse(data as string) as unknown;
    } catch {
      const shown = typeof data === "string" ? data.slice(0, 100) : "binary data";
      throw new SyntaxError(`TestConnection.json: the message is not JSON: ${shown}`);
    }
  }

  close(code?: number, reason = ""): void {
    if (code !== undefined && !isCloseCode(code)) {
      const hint = code === 1006 ? "; terminate() is an end with 1006" : "";
      throw new RangeError(
        `TestConnection.close: the code must be 1000 to 1003, 1007 to 1014 or 3000 to 4999, got ${code}${hint}`,
      );
    }
    const text = wellFormed(`${reason}`);
    if (exactSize(text) > maxReasonBytes) {
      throw new RangeError("TestConnection.close: the reason must be at most 123 bytes of UTF-8");
    }
    if (code === undefined && text !== "") {
      throw new RangeError("TestConnection.close: a reason requires a code");
    }
    if (this.#state >= closing) return;
    this.#state = closing;
    this.#link.down.push(() => this.#link.client.closeFrame(code ?? 1005, text));
  }

  terminate(): void {
    if (this.#state === closed) return;
    this.#link.cut("client");
    this.#finish(1006, "", false);
  }

  silence(): void {
    this.#link.silence();
  }

  resume(): void {
    this.#link.resume();
  }

  #next(method: string, options: WaitOptions): Promise<TestData> {
    const name = `TestConnection.${method}`;
    const timeout = timeoutOf(name, options, this.#timeout);
    return this.#inbox.next(name, timeout, () => `${this.received.length} received before`);
  }

  #message(data: Arrived): void {
    if (this.#state === closed) return;
    keep(this.received, data);
    this.#inbox.put(data);
    this.dispatchEvent(messageEvent(data, this.url));
  }

  #closeFrame(code: number, reason: string): void {
    if (this.#state === open) {
      this.#state = closing;
      this.#link.down.push(() => this.#link.client.closeFrame(code, reason));
    }
    this.#finish(code, reason, true);
  }

  #finish(code: number, reason: string, wasClean: boolean): void {
    if (this.#state === closed) return;
    this.#state = closed;
    this.closed = { code, reason };
    const why = reason === "" ? "" : ` (${reason})`;
    this.#inbox.end(`the connection has ended with ${code}${why}`);
    this.#ended(this);
    this.dispatchEvent(closeEvent({ code, reason, wasClean }));
  }
}
