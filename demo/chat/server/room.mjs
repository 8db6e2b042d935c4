// The connected users: their requests become calls of the journal, and its entries become messages
// to them.
import { createHash, randomUUID } from "node:crypto";
import { Broadcaster } from "./broadcaster.mjs";
import { Connection } from "./connection.mjs";
import { FairQueue, Flow } from "./fair-queue.mjs";
import { Feed } from "./feed.mjs";
import { comparable, suggest } from "./names.mjs";
import { closeCodes, limits, problem } from "./protocol.mjs";

/** Messages of one client that are written and delivered at one time. */
const enoughUnderWay = 64;
/** Entries delivered to one client before the next, and between two checks of the clock. */
const delivery = { turn: 1000, step: 64 };
/** All joins share one flow: many arriving users do not delay connected ones. */
const joinWeight = 8;
/** Milliseconds until a leave that could not be written is retried. */
const leaveDelay = 1000;

/**
 * @typedef {import("./journal/journal.mjs").Journal} Journal
 * @typedef {import("./journal/journal.mjs").User} User
 */

/** One connection and its user. */
class Client {
  /** Unique over all servers. */
  id = randomUUID();
  /** @type {Connection} */
  connection;
  /** Set by the join. @type {User | undefined} */
  user;
  /** The index of the next entry to deliver. */
  cursor = 0;
  flow = new Flow();
  /** Messages that are written and delivered. @type {Set<Promise<void>>} */
  underWay = new Set();
  /**
   * Replies to send after the entry before this index. @type {{ end: number, reply: () => void }[]}
   */
  owed = [];
  /** The close code sent. @type {number | undefined} */
  closeCode;
}

export class Room {
  #config;
  #logger;
  /** @type {Journal | undefined} */
  #journal;
  /** @type {Feed | undefined} */
  #feed;
  #queue;
  #joins = new Flow(joinWeight);
  /** Joins in progress. */
  #joining = 0;
  /**
   * The maximum cost of an entry: keeps the entries under way below half of those in memory, so
   * that clients can follow.
   */
  #leastCost;
  /** @type {Broadcaster<Client>} */
  #broadcaster = new Broadcaster({
    listeners: () => this.#members.values(),
    deliver: (client) => this.#deliver(client),
  });
  #begin;
  #begun = new Promise((resolve) => {
    this.#begin = resolve;
  });
  /** @type {Set<Client>} */
  #clients = new Set();
  /** Clients that have joined here, by user id. @type {Map<string, Client>} */
  #members = new Map();
  /** The current connection of users whose connection has changed. @type {Map<string, string>} */
  #places = new Map();
  /**
   * Timers of users who may reconnect, or whose leave is still to be written. @type
   * {Set<NodeJS.Timeout>}
   */
  #graces = new Set();
  #isStopping = false;

  /** Request handlers by type. */
  #handlers = {
    join: (client, request) => this.#join(client, request),
    rename: (client, request) => this.#rename(client, request),
    "chat-message": (client, request) => this.#chat(client, request),
    "private-message": (client, request) => this.#sayPrivately(client, request),
    ping: (client, { id }) => send(client, { type: "pong", id }),
  };

  /**
   * @param {import("./config.mjs").Config} config
   * @param {import("pino").Logger} logger
   */
  constructor(config, logger) {
    this.#config = config;
    this.#logger = logger;
    this.#queue = new FairQueue(config.deliveries);
    this.#leastCost = Math.max(1, (2 * config.deliveries) / config.recent);
  }

  /** The options for opening the journal. */
  get journalOptions() {
    const { grace, recent } = this.#config;
    return {
      grace,
      recent,
      onEntry: (entry) => this.#deliverEntry(entry),
      onMoved: (id, connection) => this.#move(id, connection),
      onUp: (isUp) => this.#logger.warn(isUp ? "journal up" : "journal down"),
      onError: (err) => this.#logger.error({ err }, "journal failed"),
    };
  }

  /** The number of users on all servers. */
  get online() {
    return this.#journal?.users.size ?? 0;
  }

  /** The number of connections to this server. */
  get connections() {
    return this.#clients.size;
  }

  /**
   * Starts with the opened journal. Earlier requests wait for it.
   * @param {Journal} journal
   */
  begin(journal) {
    this.#journal = journal;
    this.#feed = new Feed(journal);
    this.#begin();
  }

  /** @param {import("ws").WebSocket} socket */
  add(socket) {
    const client = new Client();
    client.connection = new Connection(socket, this.#config, {
      onRequest: (request) => this.#work(client, request),
      onPing: (request) => void this.#answer(client, request),
      onSlow: () => this.#slowDown(client),
      onDrained: () => this.#resume(client),
      onClose: (code) => void this.#close(client, code),
    });
    this.#clients.add(client);
    this.#log(client).info("connected");
  }

  /** Pings all clients. */
  ping() {
    for (const client of this.#clients) {
      if (!client.connection.ping()) this.#log(client).info("no answer to a ping");
    }
  }

  /**
   * Waits until pending messages are delivered and accepted, then closes every connection.
   * @param {string} reason
   * @param {number} patience Milliseconds to wait for pending writes.
   */
  async stop(reason, patience) {
    this.#isStopping = true;
    for (const timer of this.#graces) clearTimeout(timer);
    const clients = [...this.#clients];
    for (const { connection } of clients) connection.stop();
    await settled(
      clients.flatMap(({ underWay }) => [...underWay]),
      patience,
    );
    for (const { connection } of clients) connection.close(closeCodes.restart, reason);
  }

  /** Answers a request when it is next. Resolves when this client's next request may follow. */
  async #work(client, request) {
    const isJoin = request.type === "join";
    if (isJoin) await this.#begun;
    const flow = isJoin ? this.#joins : client.flow;
    const cost = await this.#queue.acquire(flow, () => this.#costOf(request));
    if (isJoin) this.#joining += 1;
    const { underWay } = client;
    const answered = this.#answer(client, request).finally(() => {
      if (isJoin) this.#joining -= 1;
      underWay.delete(answered);
      this.#queue.release(cost);
    });
    if (!isMessage(request)) {
      await answered;
      return;
    }
    // Several messages of one client are written together.
    underWay.add(answered);
    if (underWay.size >= enoughUnderWay) await answered;
  }

  /** The cost in deliveries. */
  #costOf({ type }) {
    if (type === undefined || type === "ping") return 1;
    const listeners = type === "private-message" ? 2 : this.#members.size + this.#joining;
    return Math.max(this.#leastCost, listeners);
  }

  async #answer(client, request) {
    // The server closed the connection while the request waited.
    if (client.connection.isStopped) return;
    try {
      if (request.error !== undefined) send(client, { type: "error", ...request });
      else await this.#handlers[request.type](client, request);
    } catch (err) {
      this.#fail(client, err);
    }
  }

  /** A client repeats failed requests after it has reconnected. */
  #fail(client, err) {
    if (this.#isStopping) return;
    this.#log(client).error({ err }, "a request failed");
    client.connection.close(closeCodes.tryAgainLater, "the server cannot do this now");
  }

  async #join(client, request) {
    if (client.user !== undefined) {
      refuse(client, request, "malformed", "already joined; use rename");
      return;
    }
    const user = { id: userId(request.key), userName: request.userName };
    const { taken } = await this.#journal.join(user, client.id);
    if (taken) {
      this.#refuseName(client, request);
      return;
    }
    client.user = user;
    this.#log(client).info("joined");
    this.#seat(client);
    this.#welcome(client, request);
    // It was disconnected in the meantime.
    if (!this.#clients.has(client)) this.#depart(client);
    await this.#broadcaster.delivered();
  }

  #seat(client) {
    const { id } = client.user;
    const place = this.#places.get(id) ?? client.id;
    // Of two simultaneous connections, this is the older one.
    if (place !== client.id) {
      this.#replace(client);
      return;
    }
    const before = this.#members.get(id);
    this.#members.set(id, client);
    if (before !== undefined) this.#replace(before);
  }

  #welcome(client, { id, since }) {
    const { entries, users } = this.#journal;
    const next = since === undefined ? undefined : entries.indexAfter(since);
    client.cursor = next ?? entries.end;
    send(client, {
      type: "welcome",
      id,
      user: client.user,
      users: [...users.values()],
      online: users.size,
      position: entries.position,
      time: new Date().toISOString(),
      history:
        next === undefined ? this.#feed.history(client.user.id, this.#config.history) : undefined,
      missed: since !== undefined && next === undefined ? true : undefined,
    });
    this.#resume(client);
  }

  async #rename(client, request) {
    if (!hasJoined(client, request)) return;
    const user = { ...client.user, userName: request.userName };
    const { taken } = await this.#journal.rename(user, client.id);
    if (taken) {
      this.#refuseName(client, request);
      return;
    }
    client.user = user;
    this.#log(client).info("renamed");
    await this.#broadcaster.delivered();
    if (request.id !== undefined) send(client, { type: "renamed", id: request.id, user });
  }

  async #chat(client, request) {
    if (!hasJoined(client, request)) return;
    const { message, id: ref } = request;
    await this.#say(client, { type: "chat-message", from: client.user, message, ref });
  }

  async #sayPrivately(client, request) {
    if (!hasJoined(client, request)) return;
    const { message, id: ref } = request;
    const to = this.#findUser(request.to);
    if (to !== undefined) {
      await this.#say(client, { type: "private-message", from: client.user, to, message, ref });
      return;
    }
    // The recipient may have left after the message was accepted the first time.
    const said = ref === undefined ? undefined : this.#feed.find(client.user.id, ref);
    if (said === undefined)
      refuse(client, request, "no_such_user", "no connected user has this id or name");
    else this.#after(client, said.position, () => accept(client, ref, said));
  }

  async #say(client, draft) {
    const place = await this.#journal.say(draft);
    this.#after(client, place.position, () => accept(client, draft.ref, place));
    await this.#broadcaster.delivered();
  }

  /** A lagging client receives its own message in order, before the acknowledgement. */
  #after(client, position, reply) {
    const end = this.#journal.entries.indexAfter(position) ?? 0;
    // Replies keep the order of the requests.
    if (client.cursor < end || client.owed.length > 0) client.owed.push({ end, reply });
    else reply();
  }

  #findUser(idOrName) {
    const { users } = this.#journal;
    const name = comparable(idOrName);
    return users.get(idOrName) ?? [...users.values()].find((user) => nameOf(user) === name);
  }

  #refuseName(client, request) {
    const taken = new Set([...this.#journal.users.values()].map(nameOf));
    // The name may belong to a user whom this server does not know yet.
    taken.add(comparable(request.userName));
    const isTaken = (name) => taken.has(comparable(name));
    const suggestion = suggest(request.userName, isTaken, limits.name);
    refuse(client, request, "name_in_use", "another user has this name", { suggestion });
  }

  #slowDown(client) {
    this.#log(client).info("rate limited");
    send(client, { type: "notice", code: "slow_down", rate: this.#config.rate });
  }

  #deliverEntry(entry) {
    // Entries that arrive while the journal is opened are in it when it starts.
    if (this.#feed === undefined) return;
    this.#feed.add(entry);
    this.#follow(entry);
    this.#broadcaster.publish();
  }

  /** The journal may have to rename a user whom other processes considered gone. */
  #follow({ type, user }) {
    if (type === "user-join" || type === "user-leave") this.#places.delete(user.id);
    const client = this.#members.get(user?.id);
    if (type === "user-rename" && client !== undefined) client.user = user;
  }

  /** Continues delivery to a client that is behind. */
  #resume(client) {
    if (client.user !== undefined && client.cursor < this.#journal.entries.end) {
      this.#broadcaster.add(client);
    }
  }

  /** Delivers pending entries to a client in steps, until its buffer is full. */
  *#deliver(client) {
    const { connection } = client;
    const { entries } = this.#journal;
    const end = Math.min(entries.end, client.cursor + delivery.turn);
    while (client.cursor < end && connection.isOpen && !connection.isBacked) {
      if (client.cursor < entries.begin) {
        this.#log(client).info("fell behind");
        connection.close(closeCodes.tryAgainLater, "you fell too far behind");
        return;
      }
      const text = this.#feed.textFor(entries.get(client.cursor), client.user.id);
      client.cursor += 1;
      if (text !== undefined) connection.send(text);
      while (client.owed[0]?.end <= client.cursor) client.owed.shift().reply();
      if (client.cursor % delivery.step === 0) yield;
    }
    if (connection.isOpen && !connection.isBacked) this.#resume(client);
    yield;
  }

  /** Closes an older connection of this user. */
  #move(id, connection) {
    this.#places.set(id, connection);
    const client = this.#members.get(id);
    if (client === undefined || client.id === connection) return;
    this.#members.delete(id);
    this.#replace(client);
  }

  #replace(client) {
    this.#log(client).info("replaced");
    client.connection.close(closeCodes.replaced, "you are here by a newer connection");
  }

  async #close(client, code) {
    client.closeCode = code;
    // A client that was disconnected before its join was complete repeats the join.
    if (client.user === undefined && !isGoodbye(code)) client.connection.stop();
    await client.connection.rested();
    this.#clients.delete(client);
    this.#log(client).info({ code }, "closed");
    if (client.user !== undefined) this.#depart(client);
  }

  /**
   * Immediately after a clean close; otherwise after the grace, unless the user has reconnected.
   */
  #depart(client) {
    const { user, closeCode } = client;
    if (this.#members.get(user.id) !== client) return;
    this.#members.delete(user.id);
    if (this.#isStopping) return;
    // As many users as can be connected may reconnect: more result only from a flood.
    if (isGoodbye(closeCode) || this.#graces.size >= this.#config.connections) {
      void this.#leave(client);
      return;
    }
    this.#leaveLater(client, this.#config.grace);
  }

  #leaveLater(client, delay) {
    const timer = setTimeout(() => {
      this.#graces.delete(timer);
      void this.#leave(client);
    }, delay);
    this.#graces.add(timer);
  }

  async #leave(client) {
    try {
      // No effect if the user has another connection: the journal checks that.
      await this.#journal.leave(client.user.id, client.id);
      this.#log(client).info("left");
    } catch (err) {
      if (this.#isStopping) return;
      this.#log(client).error({ err }, "could not leave");
      // Otherwise the user and the name would remain forever.
      this.#leaveLater(client, leaveDelay);
    }
  }

  #log(client) {
    return this.#logger.child({ connection: client.id, user: client.user?.id });
  }
}

/** The same id for a key at all times and on all servers, without revealing the key. */
function userId(key = randomUUID()) {
  const hash = createHash("sha256").update(`steadysocket-chat:${key}`).digest();
  return hash.subarray(0, 12).toString("base64url");
}

/** RFC 6455 7.4.1: normal closure, or going away. */
function isGoodbye(code) {
  return code === 1000 || code === 1001;
}

/** @type {WeakMap<User, string>} */
const comparableNames = new WeakMap();

function nameOf(user) {
  let name = comparableNames.get(user);
  if (name === undefined) {
    name = comparable(user.userName);
    comparableNames.set(user, name);
  }
  return name;
}

function isMessage({ type }) {
  return type === "chat-message" || type === "private-message";
}

function hasJoined(client, request) {
  if (client.user !== undefined) return true;
  refuse(client, request, "not_joined", "send join first");
  return false;
}

function accept(client, id, { position, time }) {
  if (id !== undefined) send(client, { type: "accepted", id, position, time });
}

function refuse(client, request, code, message, more) {
  send(client, { type: "error", ...problem(code, message, request.id, more) });
}

function send(client, message) {
  client.connection.send(JSON.stringify(message));
}

/** Resolves when all promises are settled, or after this many milliseconds. */
async function settled(promises, patience) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, patience);
  });
  await Promise.race([Promise.allSettled(promises), late]);
  clearTimeout(timer);
}
