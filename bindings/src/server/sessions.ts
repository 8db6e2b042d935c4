import { Connection } from "./connection.js";
import { type Hello, type MessageData, ProtocolError } from "./frames.js";
import {
  isPromise,
  LiveSession,
  type SessionOwner,
  type SessionStart,
  type Trace,
} from "./live-session.js";
import type { Session } from "./session.js";
import type { SessionStore, StoredSession } from "./store.js";
import type { ServerWebSocket } from "./web-socket.js";

/** Options of {@link createSessions}. */
export interface SessionsOptions<User = unknown> {
  /**
   * Milliseconds for which a session is kept without a connection. 0 to 2147483647.
   * @default 120000
   */
  ttl?: number;
  /** Largest number of messages kept for a client. 1 or more. @default 1000 */
  maxMessages?: number;
  /**
   * Largest size of the messages kept for a client, in bytes. One message may be larger. 1 or more.
   * @default 262144
   */
  maxBytes?: number;
  /**
   * Largest number of sessions. Beyond it the one that has been without a connection for longest is
   * `evicted`; if all are connected, a client with a new session is closed with 1013. Twice as many
   * ended sessions leave a trace of about 200 bytes. 1 or more.
   * @default 10000
   */
  maxSessions?: number;
  /**
   * Decides at every hello whether the user of a connection may resume a session. Must return true
   * to allow it.
   * @default compares the JSON of `user` and `session.user`
   */
  authorize?: (user: User, session: Pick<Session<User>, "id" | "user">) => boolean;
  /** Shares sessions between processes. @default undefined, sessions live in this process */
  store?: SessionStore<User>;
  /**
   * Called for every session that begins or is loaded, before its first message: sets its handlers.
   * Messages wait for a promise; if it throws or rejects, the session ends with `failed`.
   */
  onsession: (session: Session<User>) => void | PromiseLike<void>;
  /**
   * Called with what a handler has thrown, and with a rejection of the store, then mostly without a
   * session.
   * @default reports it as an unhandled rejection, which ends a process of Node
   */
  onerror?: (error: unknown, session: Session<User> | undefined) => void;
}

/** Options of {@link Sessions.accept}. */
export interface AcceptOptions<User = unknown> {
  /** The authenticated user of the connection. @default undefined */
  user?: User;
  /** The selected subprotocol, if the WebSocket has no `protocol`. @default webSocket.protocol */
  protocol?: string;
  /**
   * Called with messages that arrive before the session of the connection: they are not counted, not
   * acknowledged and not repeated.
   * @default ignores them
   */
  onplain?: (data: MessageData) => void;
}

/**
 * A connection that speaks sessions. Its methods are for servers that report events elsewhere than
 * at the WebSocket, such as `Bun.serve`; other servers need none of them.
 */
export interface AcceptedConnection {
  /** Passes on a received frame: text as a string, anything else is binary. */
  receive(data: MessageData): void;
  /** Reports the end of the connection. */
  closed(): void;
}

/** The sessions of a server. Its functions need no `this`. */
export interface Sessions<User = unknown> {
  /** The number of sessions, with and without a connection. */
  readonly size: number;
  /**
   * Selects a subprotocol: the first one that has sessions, otherwise the first one. For
   * `handleProtocols` of the `ws` package.
   * @returns false if none is offered.
   */
  readonly pick: (offered: Iterable<string>) => string | false;
  /**
   * Takes over an open WebSocket and greets the client. To be called once the client is
   * authenticated. What arrives before is the application's, which must not listen any longer.
   * @returns undefined if the subprotocol has no sessions: the WebSocket is left as it is.
   */
  readonly accept: (
    webSocket: ServerWebSocket,
    options?: AcceptOptions<User>,
  ) => AcceptedConnection | undefined;
}

const hasSessions = (protocol: string | null | undefined) =>
  /(^|\+)steady\.1$/.test(protocol ?? "");

const defaults = {
  ttl: 120_000,
  maxMessages: 1000,
  maxBytes: 262_144,
  maxSessions: 10_000,
  // A store may return null for undefined, as JSON does.
  authorize: (user: unknown, session: { user: unknown }) =>
    JSON.stringify(user ?? null) === JSON.stringify(session.user ?? null),
  store: undefined,
  onerror: undefined,
};

/**
 * Creates the server's side of sessions.
 * @example
 * const sessions = createSessions({ onsession: (session) => { session.onmessage = (data) => {…}; } });
 * new WebSocketServer({ port, handleProtocols: sessions.pick }).on("connection", (ws) => sessions.accept(ws));
 * @throws TypeError - `onsession` is missing, or an option is unknown.
 * @throws RangeError - A number is out of its range.
 */
export function createSessions<User = unknown>(options: SessionsOptions<User>): Sessions<User> {
  const registry = new Registry<User>(options);
  return {
    get size() {
      return registry.size;
    },
    pick: (offered) => {
      const all = [...offered];
      return all.find(hasSessions) ?? all[0] ?? false;
    },
    accept: (webSocket, acceptOptions = {}) => {
      const { protocol = webSocket.protocol } = acceptOptions;
      return hasSessions(protocol) ? registry.accept(webSocket, acceptOptions) : undefined;
    },
  };
}

/** The session that a hello names, in memory or in the store, or the trace of one. */
interface Found<User> extends Trace {
  /** The messages to the client that it has acknowledged, and those that it may have. */
  readonly acknowledged: number;
  readonly sent: number;
  readonly live?: LiveSession<User>;
  readonly stored?: StoredSession<User>;
}

class Registry<User> implements SessionOwner<User> {
  readonly ttl: number;
  readonly maxMessages: number;
  readonly maxBytes: number;
  readonly keep: number;
  readonly store: SessionStore<User> | undefined;
  readonly #options: Required<Pick<SessionsOptions<User>, "authorize" | "maxSessions">> &
    Pick<SessionsOptions<User>, "onsession" | "onerror">;
  readonly #sessions = new Map<string, LiveSession<User>>();
  /** Those without a connection, the longest first. */
  readonly #away = new Set<LiveSession<User>>();
  readonly #traces = new Map<string, Trace>();
  /** The last hello of an id, while the store is asked. */
  readonly #entering = new Map<string, Promise<void>>();
  #currentLife = "";

  constructor(options: SessionsOptions<User>) {
    for (const name of Object.keys(options)) {
      if (name !== "onsession" && !(name in defaults)) {
        throw new TypeError(`createSessions: unknown option: ${name}`);
      }
    }
    if (typeof options.onsession !== "function") {
      throw new TypeError("createSessions: onsession must be a function");
    }
    const integer = (name: "ttl" | "maxMessages" | "maxBytes" | "maxSessions", least: number) => {
      const value = options[name] ?? defaults[name];
      const most = name === "ttl" ? 2 ** 31 - 1 : Number.MAX_SAFE_INTEGER;
      if (Number.isInteger(value) && value >= least && value <= most) return value;
      throw new RangeError(
        `createSessions: ${name} must be an integer from ${least} to ${most}, got ${value}`,
      );
    };
    this.ttl = integer("ttl", 0);
    this.maxMessages = integer("maxMessages", 1);
    this.maxBytes = integer("maxBytes", 1);
    const maxSessions = integer("maxSessions", 1);
    // A connected session saves every ttl; the process may end right before that.
    this.keep = 2 * this.ttl;
    this.store = options.store;
    const { authorize = defaults.authorize, onsession } = options;
    this.#options = { authorize, maxSessions, onsession };
    if (options.onerror) this.#options.onerror = options.onerror;
  }

  get size() {
    return this.#sessions.size;
  }

  /** Drawn when it is needed: Cloudflare Workers have no random numbers while they start. */
  get #life() {
    this.#currentLife ||= random();
    return this.#currentLife;
  }

  accept(webSocket: ServerWebSocket, options: AcceptOptions<User>): AcceptedConnection {
    const connection: Connection<User> = new Connection(webSocket, {
      life: () => this.#life,
      hello: (hello) => this.#hello(connection, hello, options.user as User),
      plain: (data) => {
        try {
          options.onplain?.(data);
        } catch (error) {
          this.report(error);
        }
      },
    });
    return {
      receive: (data) => connection.received(data),
      closed: () => connection.closed(),
    };
  }

  report(error: unknown, session?: Session<User>): void {
    const { onerror } = this.#options;
    try {
      if (!onerror) throw error;
      onerror(error, session);
    } catch (unhandled) {
      Promise.reject(unhandled);
    }
  }

  away(session: LiveSession<User>): void {
    this.#away.add(session);
  }

  gone(session: LiveSession<User>, trace: Trace): void {
    this.#away.delete(session);
    if (this.#sessions.get(session.id) !== session) return;
    this.#sessions.delete(session.id);
    this.#traces.delete(session.id);
    this.#traces.set(session.id, trace);
    if (this.#traces.size <= 2 * this.#options.maxSessions) return;
    // Evicts half of them at once: first hellos with the previous life lose their session.
    for (const id of this.#traces.keys()) {
      if (this.#traces.size <= this.#options.maxSessions) break;
      this.#traces.delete(id);
    }
    this.#currentLife = "";
  }

  #hello(connection: Connection<User>, hello: Hello, user: User): void {
    const { store } = this;
    if (!store) {
      const found = this.#find(hello.id);
      if (this.#mayEnter(connection, hello, user, found)) {
        this.#enter(connection, hello, user, found);
      }
      return;
    }
    const { id } = hello;
    const entering = Promise.resolve(this.#entering.get(id))
      .then(() => this.#enterStored(store, connection, hello, user))
      .catch((error) => {
        if (error instanceof ProtocolError) return connection.close(4400, error.message);
        connection.close(1011, "the store has failed");
        this.report(error);
      })
      .then(() => {
        if (this.#entering.get(id) === entering) this.#entering.delete(id);
      });
    this.#entering.set(id, entering);
  }

  async #enterStored(
    store: SessionStore<User>,
    connection: Connection<User>,
    hello: Hello,
    user: User,
  ): Promise<void> {
    const { id, generation } = hello;
    if (!this.#mayEnter(connection, hello, user, this.#find(id, await store.load(id)))) return;
    const live = this.#sessions.get(id);
    const owner = live?.owner ?? "";
    const successor = random();
    const stored = await store.fence(id, { generation, owner, successor, keep: this.keep });
    // Otherwise another process had it in between, or the store has lost it.
    const isMine = stored !== false && stored?.owner === owner;
    if (!isMine) live?.end(stored === undefined ? "lost" : "moved");
    if (stored === false) return connection.close(4409, "a newer connection exists");
    const found = this.#find(id, stored);
    this.#enter(connection, hello, user, found, isMine ? owner : successor);
  }

  /** Returns the newest that is known. A session of this process is as new as that of the store. */
  #find(id: string, stored?: StoredSession<User>): Found<User> | undefined {
    const live = this.#sessions.get(id);
    if (live) return { ...live.trace, ...live.counters, live };
    const trace = this.#traces.get(id);
    if (trace && !(stored && stored.generation > trace.generation)) {
      return { ...trace, acknowledged: 0, sent: 0 };
    }
    if (!stored) return undefined;
    const { epoch, generation, handled, acknowledged, state } = stored;
    return {
      ...{ epoch, generation, handled, acknowledged },
      sent: acknowledged + stored.messages.length,
      previous: undefined,
      isLeaving: false,
      user: stored.user,
      idle: trace?.idle,
      ...(state === "kept" ? { stored } : {}),
    };
  }

  /** Refuses a hello, which then changes nothing. */
  #mayEnter(
    connection: Connection<User>,
    hello: Hello,
    user: User,
    found: Found<User> | undefined,
  ): boolean {
    if (!found) return true;
    const session = { id: hello.id, user: found.user as User };
    let isAllowed: unknown;
    try {
      isAllowed = this.#options.authorize(user, session);
    } catch (error) {
      this.report(error, found.live);
    }
    // A promise is no permission.
    if (isAllowed !== true) connection.leave("not authorized");
    else if (found.isLeaving) connection.leave("the session has ended");
    else if (hello.generation <= found.generation) {
      connection.close(4409, "a newer connection exists");
    } else {
      const isKept = found.live !== undefined || found.stored !== undefined;
      const isSame = isKept && hello.epoch === found.epoch;
      if (isSame && hello.received > found.sent)
        throw new ProtocolError("H: number was never sent");
      return true;
    }
    return false;
  }

  #enter(
    connection: Connection<User>,
    hello: Hello,
    user: User,
    found: Found<User> | undefined,
    owner = "",
  ): void {
    const { id, epoch, generation, received } = hello;
    const isSame = found?.epoch === epoch;
    const isWhole = found && isSame && received >= found.acknowledged;
    let live = found?.live;
    if (found?.stored) {
      // Also if it is lost: the application is to know what was kept for the client.
      const { handled, acknowledged, messages } = found.stored;
      const counters = { epoch: found.epoch, handled, acknowledged, messages, previous: undefined };
      const from = { generation: found.generation, origin: "loaded" } as const;
      const start = { id, user, owner, ...from, ...counters };
      live = this.#begin(connection, start, found.idle);
      if (!live) return;
    }
    if (live && isWhole) {
      live.generation = generation;
      live.user = user;
      this.#away.delete(live);
      live.attach(connection, received);
    } else {
      live?.end("lost");
      const isNew = !found && epoch === this.#life && received === 0;
      const known = isSame ? found : found?.previous;
      const previous = known?.epoch === epoch ? { epoch, handled: known.handled } : undefined;
      const start = {
        ...{ id, user, owner, generation, previous },
        ...(isNew
          ? ({ epoch, origin: "new" } as const)
          : ({ epoch: random(), origin: "replaced" } as const)),
        ...{ handled: 0, acknowledged: 0, messages: [] },
      };
      const session = this.#begin(connection, start, found?.idle);
      session?.attach(connection, 0, isNew ? 1 : undefined, previous?.handled);
    }
  }

  /** Creates a session, and closes the connection if there is no room. */
  #begin(
    connection: Connection<User>,
    start: SessionStart<User>,
    idle: Promise<void> | undefined,
  ): LiveSession<User> | undefined {
    if (this.#sessions.size >= this.#options.maxSessions) {
      const [oldest] = this.#away;
      if (!oldest) {
        connection.close(1013, "too many sessions");
        return undefined;
      }
      oldest.end("evicted");
    }
    const session = new LiveSession(this, start);
    this.#sessions.set(start.id, session);
    this.#traces.delete(start.id);
    try {
      const ready = this.#options.onsession(session);
      if (isPromise(ready) || idle) session.hold(ready, idle);
    } catch (error) {
      session.fail(error);
    }
    return session;
  }
}

/** 96 random bits. */
function random(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(36).padStart(2, "0")).join("");
}
