import { control, escaped, type Hello, type MessageData, ProtocolError, read } from "./frames.js";
import type { LiveSession } from "./live-session.js";
import type { StoredMessage } from "./store.js";
import { listen, type ServerWebSocket, send, type WebSocketListener } from "./web-socket.js";

/**
 * Bounds of what a client may have sent without an acknowledgement (docs/design/session-protocol.md,
 * "Window").
 */
export const windowFrames = 1000;
export const windowBytes = 1 << 20;

/** Returns the size of a payload on the wire. */
export function sizeOf(data: MessageData): number {
  if (typeof data !== "string") return data.byteLength;
  let size = data.length;
  for (let i = 0; i < data.length; ++i) {
    const unit = data.charCodeAt(i);
    if (unit > 0x7f) ++size;
    // A pair of surrogates has four bytes.
    if (unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff)) ++size;
  }
  return size;
}

export interface ConnectionHooks {
  /** Called when a greeting can be sent; returns the life. */
  life(): string;
  /** The hello has arrived. Frames wait until `welcome` is called. */
  hello(hello: Hello): void;
  /** A frame of the application has arrived before the hello. */
  plain(data: MessageData): void;
}

/** One WebSocket that speaks the protocol. */
export class Connection<User> implements WebSocketListener {
  /** `ending`: what still arrives is ignored. */
  #phase: "greeting" | "entering" | "open" | "ending" | "over" = "greeting";
  #session: LiveSession<User> | undefined;
  /** The number of the next frame from the client; undefined if unknown. */
  #incoming: number | undefined;
  /** The number that the client expects next; undefined if it knows none. */
  #outgoing: number | undefined;
  /** Frames that wait for `welcome`. */
  #early: MessageData[] = [];
  #earlyBytes = 0;
  readonly #webSocket: ServerWebSocket;
  readonly #hooks: ConnectionHooks;

  constructor(webSocket: ServerWebSocket, hooks: ConnectionHooks) {
    this.#webSocket = webSocket;
    this.#hooks = hooks;
    listen(webSocket, this);
  }

  get isClosed() {
    return this.#phase === "over";
  }

  opened(): void {
    this.write(control("G", 1, this.#hooks.life()));
  }

  closed(): void {
    this.#phase = "over";
    this.#early = [];
    this.#session?.disconnected(this);
  }

  received(data: MessageData): void {
    if (this.#phase === "over" || this.#phase === "ending") return;
    try {
      if (this.#phase === "entering") this.#wait(data);
      else this.#take(data);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.close(4400, error.message);
    }
  }

  /** Answers the hello. The frames that have waited are taken; the first one has the number `first`. */
  welcome(session: LiveSession<User>, welcome: string, first: number | undefined): void {
    this.#session = session;
    this.#incoming = first;
    this.write(welcome);
    if (!this.isClosed) this.#phase = "open";
  }

  /** Takes the frames that have arrived before the welcome. */
  catchUp(): void {
    for (const data of this.#early.splice(0)) this.received(data);
  }

  /** Sends a message with its number where the client does not know it. */
  transmit({ number, data }: StoredMessage): void {
    if (this.#outgoing !== number) this.write(control("@", number));
    this.#outgoing = number + 1;
    this.write(typeof data === "string" ? escaped(data) : data);
  }

  write(frame: string | Uint8Array): void {
    if (this.#phase === "over") return;
    try {
      send(this.#webSocket, frame);
    } catch {
      // It is closing: its close event follows.
    }
  }

  /** Ignores further messages. The connection remains until it is closed. */
  ignore(): void {
    this.#phase = "ending";
  }

  /** Closes the connection, which counts as closed at once. */
  close(code: number, reason: string): void {
    if (this.#phase === "over") return;
    this.closed();
    try {
      this.#webSocket.close(code, reason);
    } catch {
      // It is already closed.
    }
  }

  /** Ends the session for the client. */
  leave(reason: string): void {
    this.write(control("X", reason || undefined));
    this.close(1000, "");
  }

  #wait(data: MessageData): void {
    // Twice the window: every message may have a control frame.
    if (this.#early.length >= 2 * windowFrames || this.#earlyBytes > windowBytes) {
      throw new ProtocolError("window exceeded");
    }
    this.#early.push(data);
    this.#earlyBytes += sizeOf(data);
  }

  #take(data: MessageData): void {
    const frame = read(data);
    const session = this.#session;
    if (session === undefined) {
      if (frame.type === "H") {
        this.#phase = "entering";
        this.#hooks.hello(frame);
      } else if (frame.type === "X") this.close(1000, "");
      else if (frame.type === "") this.#hooks.plain(frame.data);
      else throw new ProtocolError(`${frame.type}: sent before the hello`);
      return;
    }
    switch (frame.type) {
      case "":
        if (this.#incoming === undefined) return;
        if (this.#incoming > Number.MAX_SAFE_INTEGER) throw new ProtocolError("number too large");
        session.received(this.#incoming++, frame.data);
        return;
      case "@":
        this.#incoming = frame.number;
        return;
      case "A":
        session.acknowledged(frame.number);
        return;
      case "?":
        this.write(control("!", frame.number, session.handledNow(), Date.now()));
        return;
      case "!":
        // Answers a question that was never asked.
        return;
      case "X":
        session.left(frame.reason);
        return;
      default:
        throw new ProtocolError("H: sent twice");
    }
  }
}
