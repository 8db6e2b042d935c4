// The chat as this page knows it: its connection, who I am, who is here, and what becomes of what I
// say. Knows nothing of the page; tells what happens by events.
import { SteadySocket } from "./steadysocket.js";

/** The server's name for: a frame may be an array of messages. */
const batchProtocol = "chat.batch";
/** A message is asked to be accepted until it is, over all connections, at most this long. */
const day = 24 * 60 * 60 * 1000;

function randomText() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("-");
}

/** What is remembered of this tab over a reload; nothing where the browser keeps nothing. */
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

/** By it the server knows this tab again: its messages, and its name after a lost connection. */
function tabKey() {
  const key = memory.get("key") ?? randomText();
  memory.set("key", key);
  return key;
}

/** Something that has happened; `detail` says what. */
class ChatEvent extends Event {
  constructor(type, detail) {
    super(type);
    this.detail = detail;
  }
}

/**
 * Events: `joined` ({ user, before? }: my name until then), `refused` ({ code, suggestion }), `people`,
 * `entry` (one of the journal: a message, or who came, left, is called otherwise), `history` (many
 * of them), `missed`, `delivery` ({ ref, state, error? }), `notice` ({ code, … }), `text` (a frame
 * that is no JSON), `trouble` (an error that belongs to nothing that was asked).
 */
export class Chat extends EventTarget {
  /** @type {SteadySocket} */
  socket;
  /** Who I am, once the server has said so. */
  me;
  /** Everybody who is here, by id. */
  people = new Map();
  /** The name that is asked for; what the server was told last. */
  userName = memory.get("userName");
  /** Whether the last connection was one too many. */
  isFull = false;
  received = 0;
  connections = 0;
  #key = tabKey();
  /** No two pages of the same tab may say something by the same reference. */
  #run = randomText();
  #lastRef = 0;
  /** What the server has not accepted yet: reference -> state. */
  #unconfirmed = new Map();
  /** The last position of the journal that this page has heard. */
  #position;
  /** The join that is not answered yet. */
  #join = { id: undefined, send: (_message) => {}, done: () => {} };

  constructor(url) {
    super();
    this.socket = new SteadySocket(url, [batchProtocol], {
      // What waited for a connection leaves in one frame.
      batch: { subprotocol: batchProtocol },
      // Finds a connection that is dead in silence, also if only the server can still be heard.
      heartbeat: { interval: 10_000, timeout: 5_000, reply: "pong" },
      // Not every browser tells of 1013: WebKitGTK takes it for a mistake. The server has said it before.
      reconnect: { decide: () => (this.isFull ? "later" : undefined) },
      // Who we are comes first on every connection; what waits goes when the server knows.
      greet: (connection) => this.#greet(connection),
    });
    this.#listen();
  }

  /** How many of my messages the server has not accepted yet. */
  get waiting() {
    return this.#unconfirmed.size;
  }

  /** Joins by this name, as soon as there is a connection. */
  join(userName) {
    this.userName = userName;
    if (this.socket.state === "open") this.socket.send(this.#joinMessage());
    else this.tryNow();
  }

  /** Resolves to nothing, or to why the name cannot be had: `{ code, suggestion }`. */
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
   * Says something to everybody, or to the user of the id `to` alone. It is asked to be accepted on
   * every connection until it is; the server knows by the reference if it had been accepted before.
   */
  say(message, to) {
    const ref = `${this.#run}-${++this.#lastRef}`;
    const type = to === undefined ? "chat-message" : "private-message";
    this.#unconfirmed.set(ref, undefined);
    this.socket
      .request({ type, id: ref, to, message }, { retry: true, timeout: day })
      .then(({ position, time }) => this.#settle(ref, "sent", { position, time }))
      .catch((error) => this.#settle(ref, "failed", { error: errorOf(error) }));
    // After the caller knows the reference.
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

  /** Ends the connection, or begins it anew. */
  toggle(reason) {
    if (this.socket.state === "closed") this.tryNow();
    else this.socket.close(1000, reason);
  }

  /** Ends the wait for the next attempt, or begins the connection anew. */
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
      if (typeof data === "string" && !/^\s*[{[]/.test(data)) this.#tell("text", data);
    });
    socket.addEventListener("statechange", () => this.#markAll());
    socket.on("welcome", (message) => this.#welcome(message));
    socket.on("error", (message) => this.#error(message));
    socket.on("notice", (message) => this.#tell("notice", message));
    socket.on("user-join", (entry) => this.#changePeople(entry, () => this.#add(entry.user)));
    socket.on("user-rename", (entry) => this.#changePeople(entry, () => this.#add(entry.user)));
    socket.on("user-leave", (entry) =>
      this.#changePeople(entry, () => this.people.delete(entry.user.id)),
    );
    for (const type of ["chat-message", "private-message"]) {
      socket.on(type, (entry) => this.#hear(entry));
    }
  }

  #welcome({ id, user, users, position, history, missed, time }) {
    if (id !== this.#join.id) return;
    const before = this.me?.userName;
    this.#setName(user);
    this.people = new Map(users.map((one) => [one.id, one]));
    this.#tell("people");
    if (missed) this.#tell("missed");
    if (history) {
      this.#position = position;
      this.#tell("history", history);
    }
    this.#join.done();
    this.#tell("joined", { user, before, time });
    this.#markAll();
  }

  #error({ id, error }) {
    if (error.code === "full") this.isFull = true;
    if (id === undefined) this.#tell("trouble", error);
    if (id === undefined || id !== this.#join.id) return;
    if (this.me !== undefined && error.code === "name_in_use") {
      // Away for so long that somebody else has the name: what waits should not wait for people.
      this.userName = error.suggestion;
      this.#join.send(this.#joinMessage());
    } else {
      this.userName = undefined;
      this.#join.done();
      this.#tell("refused", error);
    }
  }

  #hear(entry) {
    this.#position = entry.position;
    this.#tell("entry", entry);
  }

  #changePeople(entry, change) {
    change();
    // Also a name that was not asked for: it is the one to come back by.
    if (entry.type === "user-rename" && entry.user.id === this.me?.id) this.#setName(entry.user);
    this.#tell("people");
    this.#hear(entry);
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

  /** Where a message is that is not accepted yet. */
  #mark(ref) {
    if (!this.#unconfirmed.has(ref)) return;
    const state = this.socket.state === "open" && this.me ? "sending" : "waiting";
    if (this.#unconfirmed.get(ref) === state) return;
    this.#unconfirmed.set(ref, state);
    this.#tell("delivery", { ref, state });
  }

  #settle(ref, state, more) {
    this.#unconfirmed.delete(ref);
    this.#tell("delivery", { ref, state, ...more });
  }

  #tell(type, detail) {
    this.dispatchEvent(new ChatEvent(type, detail));
  }
}

/** What the server, or the socket, says has gone wrong: `{ code, … }`. */
function errorOf(error) {
  return error.reply?.error ?? { code: error.code ?? String(error) };
}
