// The state of the chat: the connection, the user, the other users, and the delivery of own
// messages. Independent of the page, which it notifies by events.
import { SteadySocket } from "./steadysocket.js";

/** The server's subprotocol for frames that contain arrays of messages. */
const batchProtocol = "chat.batch";
/** The time for which a message is repeated over new connections until it is accepted. */
const day = 24 * 60 * 60 * 1000;

function randomText() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
}

/** The tab's storage, which survives a reload; undefined where the browser stores nothing. */
const memory = {
  get(key) {
    try {
      return sessionStorage.getItem(key) ?? undefined;
    } catch {
      return undefined;
    }
  },
  set(key, value) {
    try {
      sessionStorage.setItem(key, value);
    } catch {}
  },
};

/**
 * The key by which the server recognizes this tab: its messages, and its name after a lost
 * connection.
 */
function tabKey() {
  const key = memory.get("key") ?? randomText();
  memory.set("key", key);
  return key;
}

/** An event of the chat, described by `detail`. */
class ChatEvent extends Event {
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

/**
 * Events: `joined` ({ user, before? }: the user's previous name), `refused` ({ code, suggestion }),
 * `people`, `entry` (an entry of the journal: a message, a join, a leave or a rename), `history`
 * (several of them), `missed`, `delivery` ({ ref, state, error? }), `notice` ({ code, … }), `text`
 * (a frame that is not JSON), `trouble` (an error that belongs to no request).
 */
export class Chat extends EventTarget {
  /** @type {SteadySocket} */
  socket;
  /** The own user, set by the server's welcome. */
  me;
  /** All connected users, by id. */
  people = new Map();
  /** The requested name, and the one last sent to the server. */
  userName = memory.get("userName");
  /** True if the last connection exceeded the server's limit. */
  isFull = false;
  received = 0;
  connections = 0;
  #key = tabKey();
  /** Two pages of the same tab must not use the same reference. */
  #run = randomText();
  #lastRef = 0;
  /** Messages that the server has not accepted: reference -> state. */
  #unconfirmed = new Map();
  /** The last position of the journal that this page received. */
  #position;
  /** The join without an answer. */
  #join = { id: undefined, send: (_message) => {}, done: () => {} };

  constructor(url) {
    super();
    this.socket = new SteadySocket(url, [batchProtocol], {
      // Messages that waited for a connection are sent in one frame.
      batch: { subprotocol: batchProtocol },
      // Detects a dead connection, also if messages from the server still arrive.
      heartbeat: { interval: 10_000, timeout: 5_000, reply: "pong" },
      // WebKitGTK treats 1013 as an error. The server has sent a message with the same meaning
      // before.
      reconnect: { decide: () => (this.isFull ? "later" : undefined) },
      // The join is sent first on every connection; the queue follows when the server has answered.
      greet: (connection) => this.#greet(connection),
    });
    this.#listen();
  }

  /** The number of own messages that the server has not accepted. */
  get waiting() {
    return this.#unconfirmed.size;
  }

  /** Joins with this name, as soon as there is a connection. */
  join(userName) {
    this.userName = userName;
    if (this.socket.state === "open") this.socket.send(this.#joinMessage());
    else this.tryNow();
  }

  /**
   * Resolves to undefined, or to the reason for which the name is unavailable: `{ code, suggestion
   * }`.
   */
  async rename(userName) {
    try {
      const { user } = await this.socket.request({ type: "rename", userName });
      this.#setName(user);
      return undefined;
    } catch (error) {
      return errorOf(error);
    }
  }

  /**
   * Sends a message to all, or to the user with the id `to` only. It is repeated on every
   * connection until it is accepted; the server recognizes repetitions by the reference.
   */
  say(message, to) {
    const ref = `${this.#run}-${++this.#lastRef}`;
    const type = to === undefined ? "chat-message" : "private-message";
    this.#unconfirmed.set(ref, undefined);
    this.socket
      .request({ type, id: ref, to, message }, { retry: true, timeout: day })
      .then(({ position, time }) => this.#settle(ref, "sent", { position, time }))
      .catch((error) => this.#settle(ref, "failed", { error: errorOf(error) }));
    // Dispatched after the caller has received the reference.
    queueMicrotask(() => this.#mark(ref));
    return ref;
  }

  /** Resolves to the milliseconds that the server took to answer, or undefined if it did not. */
  async ping() {
    const began = performance.now();
    try {
      await this.socket.request({ type: "ping" }, { timeout: 5_000 });
      return performance.now() - began;
    } catch {
      return undefined;
    }
  }

  /** Closes the connection, or opens a new one. */
  toggle(reason) {
    if (this.socket.state === "closed") this.tryNow();
    else this.socket.close(1000, reason);
  }

  /** Skips the delay before the next attempt, or opens a new connection. */
  tryNow() {
    const { state } = this.socket;
    if (state === "closed") this.socket.reconnect();
    else if (state === "waiting" || state === "suspended") this.socket.connect();
  }

  #joinMessage() {
    this.#join.id = `${this.#run}-join-${++this.#lastRef}`;
    const { userName } = this;
    const since = this.#position;
    return { type: "join", id: this.#join.id, userName, key: this.#key, since };
  }

  #greet(connection) {
    this.connections += 1;
    this.isFull = false;
    if (this.userName === undefined) return undefined;
    return new Promise((resolve) => {
      this.#join.send = (message) => connection.send(message);
      this.#join.done = resolve;
      this.#join.send(this.#joinMessage());
    });
  }

  #listen() {
    const { socket } = this;
    socket.addEventListener("message", ({ data }) => {
      this.received += 1;
      if (typeof data === "string" && !/^\s*[{[]/.test(data)) this.#dispatch("text", data);
    });
    socket.addEventListener("statechange", () => this.#markAll());
    socket.on("welcome", (message) => this.#welcome(message));
    socket.on("error", (message) => this.#error(message));
    socket.on("notice", (message) => this.#dispatch("notice", message));
    socket.on("user-join", (entry) => this.#changePeople(entry, () => this.#add(entry.user)));
    socket.on("user-rename", (entry) => this.#changePeople(entry, () => this.#add(entry.user)));
    socket.on("user-leave", (entry) =>
      this.#changePeople(entry, () => this.people.delete(entry.user.id)),
    );
    for (const type of ["chat-message", "private-message"]) {
      socket.on(type, (entry) => this.#receive(entry));
    }
  }

  #welcome({ id, user, users, position, history, missed, time }) {
    if (id !== this.#join.id) return;
    const before = this.me?.userName;
    this.#setName(user);
    this.people = new Map(users.map((one) => [one.id, one]));
    this.#dispatch("people");
    if (missed) this.#dispatch("missed");
    if (history) {
      this.#position = position;
      this.#dispatch("history", history);
    }
    this.#join.done();
    this.#dispatch("joined", { user, before, time });
    this.#markAll();
  }

  #error({ id, error }) {
    if (error.code === "full") this.isFull = true;
    if (id === undefined) this.#dispatch("trouble", error);
    if (id === undefined || id !== this.#join.id) return;
    if (this.me !== undefined && error.code === "name_in_use") {
      // Disconnected for so long that another user has the name: queued messages do not wait for
      // the user to choose one.
      this.userName = error.suggestion;
      this.#join.send(this.#joinMessage());
    } else {
      this.userName = undefined;
      this.#join.done();
      this.#dispatch("refused", error);
    }
  }

  #receive(entry) {
    this.#position = entry.position;
    this.#dispatch("entry", entry);
  }

  #changePeople(entry, change) {
    change();
    // Applies also to a name assigned by the server: it is used for reconnecting.
    if (entry.type === "user-rename" && entry.user.id === this.me?.id) this.#setName(entry.user);
    this.#dispatch("people");
    this.#receive(entry);
  }

  #add(user) {
    this.people.set(user.id, user);
  }

  #setName(user) {
    this.me = user;
    this.userName = user.userName;
    memory.set("userName", user.userName);
  }

  #markAll() {
    for (const ref of this.#unconfirmed.keys()) this.#mark(ref);
  }

  /** The delivery state of a message that is not accepted yet. */
  #mark(ref) {
    if (!this.#unconfirmed.has(ref)) return;
    const state = this.socket.state === "open" && this.me ? "sending" : "waiting";
    if (this.#unconfirmed.get(ref) === state) return;
    this.#unconfirmed.set(ref, state);
    this.#dispatch("delivery", { ref, state });
  }

  #settle(ref, state, more) {
    this.#unconfirmed.delete(ref);
    this.#dispatch("delivery", { ref, state, ...more });
  }

  #dispatch(type, detail) {
    this.dispatchEvent(new ChatEvent(type, detail));
  }
}

/** An error reported by the server or the socket: `{ code, … }`. */
function errorOf(error) {
  return error.reply?.error ?? { code: error.code ?? String(error) };
}
