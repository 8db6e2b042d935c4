import { type Connection, sizeOf, windowBytes, windowFrames } from "./connection.js";
import { control, type MessageData, ProtocolError } from "./frames.js";
import {
  type EndReason,
  type MessageHandler,
  type Session,
  SessionError,
  type SessionSendOptions,
} from "./session.js";
import type { SessionStore, StoredChanges, StoredMessage, StoredState } from "./store.js";
import { Timer } from "./timer.js";

/** Acknowledges after this many frames, characters or bytes, or milliseconds (protocol page). */
const acknowledgeFrames = 64;
const acknowledgeBytes = 32 << 10;
const acknowledgeDelay = 250;

/** The record of counters that are no longer in use. */
export interface Trace {
  readonly epoch: string;
  readonly generation: number;
  /** A handler that still runs counts: its message must not be sent again. */
  readonly handled: number;
  /** The epoch before, until the client is known to have this one. */
  readonly previous: { readonly epoch: string; readonly handled: number } | undefined;
  /** The client has ended it, and what it sent before is still being handled. */
  readonly isLeaving: boolean;
  /** To whom it belongs. */
  readonly user: unknown;
  /** Settles when the last handler has returned. */
  readonly idle: Promise<void> | undefined;
}

/** The part of the object with all sessions that a session uses. */
export interface SessionOwner<User> {
  readonly ttl: number;
  readonly maxMessages: number;
  readonly maxBytes: number;
  /** Milliseconds for which a store keeps a session after a call. */
  readonly keep: number;
  readonly store: SessionStore<User> | undefined;
  report(error: unknown, session?: Session<User>): void;
  /** The session has lost its connection. */
  away(session: LiveSession<User>): void;
  /** The session has ended and leaves this trace. */
  gone(session: LiveSession<User>, trace: Trace): void;
}

/** The counters of a session at its beginning. */
export interface SessionStart<User> {
  readonly id: string;
  readonly user: User;
  readonly owner: string;
  readonly epoch: string;
  readonly generation: number;
  readonly origin: Session<User>["origin"];
  readonly handled: number;
  readonly acknowledged: number;
  readonly messages: readonly StoredMessage[];
  readonly previous: Trace["previous"];
}

interface Kept extends StoredMessage {
  /** Whether it may be transmitted: without the store, or when that has it. */
  isStored: boolean;
}

interface Waiting {
  readonly number: number;
  readonly data: MessageData;
  readonly size: number;
}

/** One set of counters: a session from the first hello with an epoch until the epoch ends. */
export class LiveSession<User> implements Session<User> {
  onconnect: (() => void) | undefined;
  ondisconnect: (() => void) | undefined;
  onend: Session<User>["onend"];
  user: User;
  generation: number;
  readonly id: string;
  readonly owner: string;
  readonly epoch: string;
  readonly origin: Session<User>["origin"];
  readonly #owner: SessionOwner<User>;
  readonly #previous: Trace["previous"];
  #connection: Connection<User> | undefined;
  #end: EndReason | undefined;
  /** The client has ended the session; what it sent before is still being handled. */
  #isLeaving = false;
  /** The client's reason. */
  #reason = "";
  /** The reason to send in `X`; undefined if the session does not end for the client. */
  #farewell: string | undefined;

  // To the client. Kept messages have numbers above #acknowledged, with gaps for volatile ones.
  #sent: number;
  #acknowledged: number;
  #kept: Kept[];
  #keptBytes = 0;
  /** The highest number that was ever transmitted. */
  #transmitted: number;
  /** How many of the kept messages were transmitted on this connection. */
  #flushed = 0;

  // From the client.
  #handler: MessageHandler | undefined;
  /** Counts frames and not what was handled: a duplicate of a frame that waits is one, too. */
  #received: number;
  #handled: number;
  /** The first one stays until it was handled. */
  #inbox: Waiting[] = [];
  #inboxBytes = 0;
  #unacknowledgedFrames = 0;
  #unacknowledgedBytes = 0;
  /** The number of the message that the handler has, and its promise. */
  #handling: number | undefined;
  #running: Promise<void> | undefined;
  #isHeld = false;
  #before: Promise<void> | undefined;

  readonly #acknowledging = new Timer(() => this.#acknowledge());
  readonly #expiring = new Timer(() => this.#expire());
  /** A store forgets what is not saved again in time. */
  readonly #touching = new Timer(() => this.#save());
  #isSaving = false;
  #isUnsaved = false;

  constructor(owner: SessionOwner<User>, start: SessionStart<User>) {
    this.#owner = owner;
    this.id = start.id;
    this.user = start.user;
    this.epoch = start.epoch;
    this.generation = start.generation;
    this.owner = start.owner;
    this.origin = start.origin;
    this.#previous = start.previous;
    this.#handled = this.#received = start.handled;
    this.#acknowledged = start.acknowledged;
    const first = start.acknowledged + 1;
    this.#kept = start.messages.map(({ data }, index) => {
      return { number: first + index, data, isStored: true };
    });
    for (const { data } of this.#kept) this.#keptBytes += sizeOf(data);
    this.#sent = this.#transmitted = start.acknowledged + this.#kept.length;
    if (start.origin !== "loaded") {
      const { user, epoch } = start;
      this.#write({ user, epoch, handled: 0, acknowledged: 0, state: "kept" });
    }
  }

  get isConnected() {
    return this.#connection !== undefined;
  }

  get sent() {
    return this.#sent;
  }

  get onmessage() {
    return this.#handler;
  }

  set onmessage(handler) {
    this.#handler = handler;
    this.#handleNext();
  }

  send(data: string | ArrayBufferLike | ArrayBufferView, options?: SessionSendOptions): number {
    const { maxMessages, maxBytes, store } = this.#owner;
    const isVolatile = readVolatile(options);
    if (isVolatile && store) {
      throw new TypeError("session.send: volatile is not supported with a store");
    }
    const owned = copyOf(data);
    if (this.#end) throw new SessionError("ended", `the session has ended: ${this.#end}`);
    if (isVolatile) return this.#sendVolatile(owned);
    const size = sizeOf(owned);
    const isFull = this.#kept.length >= maxMessages || this.#keptBytes + size > maxBytes;
    const message = { number: ++this.#sent, data: owned, isStored: store === undefined };
    const isOverflow = isFull && this.#kept.length > 0 && !this.#isLeaving;
    this.#kept.push(message);
    this.#keptBytes += size;
    if (isOverflow) this.end("overflow");
    else if (store === undefined) this.#flush();
    else this.#append(store, message);
    return message.number;
  }

  /** Without a store nothing waits before it. */
  #sendVolatile(data: string | Uint8Array): number {
    const connection = this.#connection;
    if (!connection || this.#isLeaving) return 0;
    const number = ++this.#sent;
    this.#transmitted = number;
    connection.transmit({ number, data });
    return number;
  }

  close(reason = ""): void {
    // Throws for a reason that is too long, before anything has changed.
    control("X", reason);
    this.end("closed", reason);
  }

  /** The counters that a hello is compared with. */
  get trace(): Trace {
    const isMoved = this.#end === "moved";
    return {
      // The store may refuse what the handler does: what was handled is for the new owner to say.
      epoch: isMoved ? "" : this.epoch,
      generation: this.generation,
      handled: this.#handling ?? this.#handled,
      previous: isMoved ? undefined : this.#previous,
      isLeaving: this.#isLeaving && this.#end === undefined,
      user: this.user,
      idle: this.#running ?? this.#before,
    };
  }

  /** The messages to the client that it has acknowledged, and those that it may have. */
  get counters() {
    return { acknowledged: this.#acknowledged, sent: this.#transmitted };
  }

  /**
   * No message is handled until both settle.
   * @param ready - A rejection is a failure of the application.
   * @param before - Settles when the handler of the epoch before has returned.
   */
  hold(ready: unknown, before: Promise<void> | undefined): void {
    this.#isHeld = true;
    this.#before = before;
    Promise.all([ready, before]).then(
      () => {
        this.#isHeld = false;
        this.#before = undefined;
        this.#handleNext();
      },
      (error) => this.fail(error),
    );
  }

  /**
   * Takes a connection that has sent its hello, and drops the one before.
   * @param received - The number of messages that the client has handled.
   * @param first - The number of the client's first frame, if that is known.
   * @param old - What was handled in the epoch of the hello, if that is another one.
   */
  attach(connection: Connection<User>, received: number, first?: number, old?: number): void {
    // By onsession.
    if (this.#end) {
      this.#dismiss(connection);
      return;
    }
    const before = this.#connection;
    this.#connection = connection;
    before?.close(4409, "taken over by a newer connection");
    const { ttl } = this.#owner;
    this.#expiring.stop();
    this.#touching.start(ttl);
    this.acknowledged(received);
    this.#flushed = 0;
    connection.welcome(this, control("W", this.epoch, this.handledNow(), ttl, old), first);
    this.#flush();
    if (before) this.#call(() => this.ondisconnect?.());
    this.#call(() => this.onconnect?.());
    connection.catchUp();
    if (connection.isClosed) this.disconnected(connection);
  }

  /** The end of a connection; of an older one it means nothing. */
  disconnected(connection: Connection<User>): void {
    if (connection !== this.#connection) return;
    this.#connection = undefined;
    this.#acknowledging.stop();
    this.#touching.stop();
    this.#expiring.start(this.#owner.ttl);
    this.#save();
    this.#owner.away(this);
    this.#call(() => this.ondisconnect?.());
  }

  /** A message of the client. */
  received(number: number, data: MessageData): void {
    if (number <= this.#received) return;
    const frames = this.#inbox.length + this.#unacknowledgedFrames;
    const size = sizeOf(data);
    const bytes = this.#inboxBytes + this.#unacknowledgedBytes + size;
    // One frame may be larger.
    if (frames >= windowFrames || (frames > 0 && bytes > windowBytes)) {
      throw new ProtocolError("window exceeded");
    }
    this.#received = number;
    this.#inbox.push({ number, data, size });
    this.#inboxBytes += size;
    this.#handleNext();
  }

  /** The client has handled the messages up to this number. */
  acknowledged(number: number): void {
    if (number > this.#transmitted) throw new ProtocolError("A: number was never sent");
    if (number <= this.#acknowledged) return;
    const next = this.#kept.findIndex((message) => message.number > number);
    const acknowledged = this.#kept.splice(0, next < 0 ? this.#kept.length : next);
    for (const { data } of acknowledged) this.#keptBytes -= sizeOf(data);
    this.#flushed = Math.max(0, this.#flushed - acknowledged.length);
    this.#acknowledged = number;
    this.#save();
  }

  /** Returns the number to acknowledge, and counts as an acknowledgement. */
  handledNow(): number {
    this.#acknowledging.stop();
    this.#unacknowledgedFrames = this.#unacknowledgedBytes = 0;
    return this.#handled;
  }

  /** The client has ended the session: what came before is handled. */
  left(reason: string): void {
    this.#reason = reason;
    this.#isLeaving = true;
    this.#connection?.ignore();
    this.#acknowledging.stop();
    this.#touching.stop();
    this.#forget("ended");
    if (this.#isBusy) this.#handleNext();
    else this.end("ended");
  }

  /** The application has failed. */
  fail(error: unknown): void {
    this.#owner.report(error, this);
    this.end("failed", "the server has failed");
  }

  /**
   * Ends the session. What waits for the handler is dropped: it was not acknowledged.
   * @param farewell - Ends it for the client as well; otherwise the client loses a connection.
   */
  end(reason: EndReason, farewell?: string): void {
    if (this.#end) return;
    this.#end = reason;
    this.#farewell = farewell;
    for (const timer of [this.#acknowledging, this.#expiring, this.#touching]) timer.stop();
    const { trace } = this;
    this.#owner.gone(this, trace);
    if (reason !== "moved" && !this.#isLeaving)
      this.#forget(farewell === undefined ? "forgotten" : "ended");
    this.#inbox = [];
    const undelivered = this.#kept.map(({ number, data }) => ({ number, data }));
    this.#kept = [];
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) {
      this.#dismiss(connection);
      this.#call(() => this.ondisconnect?.());
    }
    this.#call(() => this.onend?.(reason, undelivered, this.#reason));
  }

  #dismiss(connection: Connection<User>): void {
    if (this.#farewell !== undefined) {
      // The client reports what is not acknowledged.
      if (this.#unacknowledgedFrames > 0) connection.write(control("A", this.#handled));
      connection.leave(this.#farewell);
    } else if (this.#end === "ended") connection.close(1000, "");
    else if (this.#end === "moved") connection.close(4409, "taken over by a newer connection");
    else connection.close(1011, `session ${this.#end}`);
  }

  /** Transmits what was not yet on this connection. */
  #flush(): void {
    const connection = this.#connection;
    if (!connection || this.#isLeaving) return;
    for (;;) {
      const message = this.#kept[this.#flushed];
      if (!message?.isStored) return;
      ++this.#flushed;
      this.#transmitted = Math.max(this.#transmitted, message.number);
      connection.transmit(message);
    }
  }

  /** Before it is transmitted: another process must never give its number to another message. */
  #append(store: SessionStore<User>, message: Kept): void {
    if (this.#isLeaving) return;
    const { number, data } = message;
    store.append(this.id, this.owner, { number, data }).then(
      (isOwner) => {
        if (!isOwner) return this.end("moved");
        message.isStored = true;
        this.#flush();
      },
      (error) => {
        this.#owner.report(error, this);
        this.end("lost");
      },
    );
  }

  /** Whether the handler has a message or will get one. */
  get #isBusy() {
    return this.#inbox.length > 0 && (this.#isHeld || this.#handler !== undefined);
  }

  /** Handles what waits, up to a handler that returns a promise. */
  #handleNext(): void {
    while (this.#isBusy && !this.#isHeld && this.#handling === undefined) {
      const message = this.#inbox[0] as Waiting;
      this.#handling = message.number;
      let result: unknown;
      try {
        result = this.#handler?.(message.data, message.number);
      } catch (error) {
        this.#failed(error);
        break;
      }
      if (isPromise(result)) {
        const running = Promise.resolve(result);
        this.#running = running.then(
          () => {
            this.#done(message);
            this.#handleNext();
          },
          (error) => this.#failed(error),
        );
      } else this.#done(message);
    }
    if (this.#isLeaving && !this.#isBusy) this.end("ended");
  }

  #done({ number, size }: Waiting): void {
    this.#handling = this.#running = undefined;
    this.#handled = number;
    if (this.#end) return;
    this.#inbox.shift();
    this.#inboxBytes -= size;
    this.#count(size);
  }

  #failed(error: unknown): void {
    this.#handling = this.#running = undefined;
    // Not by instanceof: the application may have bundled another copy of the class.
    const { name, code } = (error ?? {}) as Partial<SessionError>;
    if (name === "SessionError" && code === "moved") this.end("moved");
    else this.fail(error);
  }

  #count(size: number): void {
    this.#save();
    if (!this.#connection || this.#isLeaving) return;
    ++this.#unacknowledgedFrames;
    this.#unacknowledgedBytes += size;
    const isDue =
      this.#unacknowledgedFrames >= acknowledgeFrames ||
      this.#unacknowledgedBytes >= acknowledgeBytes;
    if (isDue) this.#acknowledge();
    else if (this.#unacknowledgedFrames === 1) this.#acknowledging.start(acknowledgeDelay);
  }

  #acknowledge(): void {
    this.#connection?.write(control("A", this.handledNow()));
  }

  #expire(): void {
    // Messages that the client sent before are still being handled.
    if (this.#isBusy) this.#expiring.start(this.#owner.ttl);
    else this.end("expired");
  }

  /** Saves both counters, one call at a time. */
  #save(): void {
    if (!this.#owner.store || this.#end || this.#isLeaving) return;
    if (this.isConnected) this.#touching.start(this.#owner.ttl);
    this.#isUnsaved = this.#isSaving;
    if (this.#isSaving) return;
    this.#isSaving = true;
    const changes = { handled: this.#handled, acknowledged: this.#acknowledged };
    this.#write(changes)?.then(() => {
      this.#isSaving = false;
      if (this.#isUnsaved) this.#save();
    });
  }

  #forget(state: StoredState): void {
    this.#write({ handled: this.trace.handled, state });
  }

  #write(changes: StoredChanges<User>): Promise<unknown> | undefined {
    const { store, keep } = this.#owner;
    return store
      ?.save(this.id, this.owner, changes, keep)
      .then((isOwner) => isOwner || this.end("moved"))
      .catch((error) => this.#owner.report(error, this));
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#owner.report(error, this);
    }
  }
}

export const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";

/** Returns `options.volatile`. */
function readVolatile(options: SessionSendOptions = {}): boolean {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`session.send: options must be an object, got ${options}`);
  }
  for (const name of Object.keys(options)) {
    if (name !== "volatile") throw new TypeError(`session.send: unknown option: ${name}`);
  }
  const { volatile: isVolatile = false } = options;
  if (typeof isVolatile === "boolean") return isVolatile;
  throw new TypeError(`session.send: volatile must be a boolean, got ${isVolatile}`);
}

/** Returns text, or a copy of binary data. */
function copyOf(data: unknown): string | Uint8Array {
  if (typeof data === "string") return data;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  // Also of another realm, for which instanceof is false.
  if (/(Shared)?ArrayBuffer\]$/.test(Object.prototype.toString.call(data))) {
    return new Uint8Array(new Uint8Array(data as ArrayBuffer));
  }
  throw new TypeError(
    `session.send: data must be a string, an ArrayBuffer or a view, got ${data === null ? data : typeof data}`,
  );
}
