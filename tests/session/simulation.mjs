// Clients and a server over in-memory links, on a random schedule: connections are cut anywhere,
// lose the last frames in both directions, and deliver late; handlers are slow; sessions expire,
// are evicted and overflow; the server loses its memory. With a store there are two servers, one of
// which is killed occasionally.
import { mock } from "node:test";
import { seeded } from "../support/random.mjs";
import { Client } from "./client.mjs";
import { SlowStore } from "./slow-store.mjs";

const steps = 500;
const clients = 4;

/** A guarantee of sessions was violated. */
export class Violation extends Error {}

class Link {
  up = [];
  down = [];
  /** Whether the client uses it; afterwards frames to the server may still arrive. */
  isOpen = true;
  /** Whether the server was notified of the close. */
  isEnded = false;
  isTakenOver = false;
  #listeners = {};
  protocol = "steady.1";

  constructor(client, server) {
    this.client = client;
    this.server = server;
    this.forClient = { send: (frame) => this.up.push(frame), close: () => this.leave() };
  }

  // The server's methods.
  on(type, listener) {
    this.#listeners[type] = listener;
  }

  send(frame) {
    if (this.isOpen) this.down.push(frame);
  }

  close(code) {
    this.isTakenOver ||= code === 4409;
    this.down.push(undefined);
  }

  // The client's methods.
  leave() {
    this.isOpen = false;
    this.down = [];
  }

  deliverUp() {
    this.#listeners.message?.(Buffer.from(this.up.shift()), false);
  }

  reportEnd() {
    this.isEnded = true;
    this.#listeners.close?.();
  }
}

/**
 * Runs one schedule. Throws if a message is handled twice or out of order, or is neither handled
 * nor reported.
 * @param createSessions - The function of steadysocket/server.
 * @param store - Shared by two servers; without it there is one.
 * @returns Counts of arrived messages, losses, crashes and connections.
 */
export async function simulate(createSessions, seed, store = undefined) {
  const random = seeded(seed);
  const chance = (n) => random(n) === 0;
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    return await new Simulation(createSessions, random, chance, store).run();
  } finally {
    mock.timers.reset();
  }
}

class Simulation {
  #createSessions;
  #random;
  #chance;
  /** A client leaves its session in one of this many steps. */
  #leaveRate;
  #servers = [];
  /** State shared by the processes: see SlowStore. */
  #shared;
  #links = [];
  #clients;
  #ids = 0;
  #texts = 0;
  #crashes = 0;
  #connections = 0;
  /** Thrown by a handler. */
  #error;

  constructor(createSessions, random, chance, store) {
    this.#createSessions = createSessions;
    this.#random = random;
    this.#chance = chance;
    this.#leaveRate = 10 + random(200);
    this.#clients = Array.from({ length: clients }, (_, index) => {
      const client = new Client(() => `session${++this.#ids}`.padEnd(22, "-"));
      // For each direction the messages that were sent, have arrived (in order) and were reported.
      const direction = () => ({ sent: [], arrived: [], last: new Map(), reported: new Set() });
      client.up = { ...direction(), volatile: new Set() };
      const ofServer = { volatile: new Set(), forgotten: new Set(), of: new Map() };
      client.down = { ...direction(), ...ofServer };
      client.name = `c${index}`;
      client.onmessage = (text) => this.#arrive(client.down, text, "at the client");
      client.onunconfirmed = (text) => client.up.reported.add(text);
      return client;
    });
    if (store) this.#shared = { store, owners: new Map(), committed: new Map() };
    this.#start(0);
    if (store) this.#start(1);
  }

  async run() {
    for (let i = 0; i < steps; ++i) await this.#step(true);
    for (let i = 0; i < 2 * steps; ++i) await this.#step(false);
    // The server reports the undelivered messages of disconnected clients.
    for (const { sessions } of this.#servers) {
      for (const session of sessions) if (!session.isConnected) session.close();
    }
    let arrived = 0;
    for (const client of this.#clients) {
      if (client.unacknowledged > 0)
        throw new Violation(`${client.name} has unacknowledged messages`);
      this.#checkComplete(client.up, client.up.volatile, "to the server");
      // A killed server reports nothing; the client is notified that the session was lost.
      const { forgotten, sent, of, volatile } = client.down;
      // After a kill no other server may ever load what the client has left in the store.
      const isLeft = (text) => this.#shared && of.get(text) !== client.id;
      const excused = new Set([...forgotten, ...volatile, ...sent.filter(isLeft)]);
      this.#checkComplete(client.down, excused, "to the client");
      arrived += client.up.arrived.length + client.down.arrived.length;
    }
    const losses = this.#clients.reduce((sum, client) => sum + client.losses, 0);
    return { arrived, losses, crashes: this.#crashes, connections: this.#connections };
  }

  /** Starts a server, without the memory of the previous one. */
  #start(index) {
    const server = { isAlive: true, sessions: new Set(), waiting: [], ended: [], busy: new Set() };
    this.#servers[index] = server;
    if (this.#shared) server.store = new SlowStore(this.#shared);
    server.accept = this.#createSessions({
      ttl: 3000,
      maxMessages: 12,
      maxSessions: clients,
      store: server.store,
      onerror: (error) => {
        this.#error ??= error;
      },
      onsession: (session) => {
        const { user: client } = session;
        server.sessions.add(session);
        // A server remembers at least this many ended sessions.
        const known = server.ended.slice(-clients).find(({ id }) => id === session.id);
        if (known?.generation >= session.generation) {
          this.#error ??= new Violation(`a late hello restarted ${session.id}`);
        }
        session.onmessage = (text, number) => {
          if (server.store) {
            return server.store.commit(session, number, (committed) => {
              try {
                if (number <= committed) throw new Violation(`${text} is handled again`);
                this.#arrive(client.up, text, "at the server", session.id);
              } catch (error) {
                this.#error ??= error;
              }
            });
          }
          if (!server.isAlive) return new Promise(() => {});
          this.#arrive(client.up, text, "at the server", session.id);
          if (server.busy.has(session.id)) throw new Violation(`two handlers for ${session.id}`);
          if (!this.#chance(4)) return undefined;
          server.busy.add(session.id);
          return new Promise((resolve) => {
            server.waiting.push(() => {
              server.busy.delete(session.id);
              resolve();
            });
          });
        };
        session.onend = (_reason, undelivered) => {
          if (!server.isAlive) return;
          server.sessions.delete(session);
          server.ended.push({ id: session.id, generation: session.generation });
          for (const { data } of undelivered) client.down.reported.add(data);
        };
      },
      authorize: () => true,
    }).accept;
  }

  async #step(isBusy) {
    if (isBusy && this.#chance(200)) this.#crash();
    for (const client of this.#clients) {
      if (client.away > 0) --client.away;
      else if (!client.isConnected && this.#chance(4)) this.#connect(client);
      if (isBusy) this.#act(client);
      if (this.#chance(6)) client.acknowledge();
    }
    if (isBusy) {
      for (const session of this.#servers.flatMap(({ sessions }) => [...sessions])) {
        if (this.#chance(5)) {
          const text = `s${++this.#texts}`;
          session.user.down.sent.push(text);
          session.user.down.of.set(text, session.id);
          const isVolatile = !this.#shared && this.#texts % 5 === 0;
          if (isVolatile) session.user.down.volatile.add(text);
          session.send(text, { volatile: isVolatile });
        }
        if (this.#chance(400)) session.close("kicked");
      }
    }
    for (const link of this.#links) this.#move(link);
    this.#links = this.#links.filter((link) => !link.isEnded || link.up.length > 0);
    for (const { waiting, store } of this.#servers) {
      if (waiting.length > 0 && this.#chance(3)) waiting.shift()();
      // Occasionally slow.
      if (this.#chance(4)) store?.proceed(this.#random(40));
    }
    mock.timers.tick(this.#random(200));
    await new Promise(setImmediate);
    if (this.#error) throw this.#error;
  }

  #act(client) {
    if (this.#chance(3)) {
      const text = `${client.name}:${++this.#texts}`;
      const isVolatile = this.#chance(5);
      client.up.sent.push(text);
      if (isVolatile) client.up.volatile.add(text);
      client.send(text, isVolatile);
    }
    if (client.isConnected && this.#chance(15)) this.#cut(client);
    if (this.#chance(this.#leaveRate)) client.leave();
    // Away long enough for the session to be forgotten, sometimes with its trace.
    if (this.#chance(150)) {
      this.#cut(client);
      client.away = this.#random(200);
    }
  }

  #connect(client) {
    const server = this.#servers[this.#random(this.#servers.length)];
    const link = new Link(client, server);
    // Some deliver only after the session was forgotten.
    link.lateness = this.#chance(3) ? 80 : 8;
    ++this.#connections;
    this.#links.push(link);
    client.connect(link.forClient);
    client.link = link;
    server.accept(link, { user: client });
  }

  /** The client is notified at once. Some of its last frames may still arrive. */
  #cut(client) {
    const { link } = client;
    client.disconnect();
    if (!link) return;
    link.leave();
    if (!this.#chance(3)) link.up.length = this.#random(link.up.length + 1);
    client.link = undefined;
  }

  #crash() {
    ++this.#crashes;
    const index = this.#random(this.#servers.length);
    const server = this.#servers[index];
    server.isAlive = false;
    const unstored = server.store?.kill();
    for (const client of this.#clients) {
      for (const text of unstored ?? client.down.sent) client.down.forgotten.add(text);
      if (client.link?.server === server) this.#cut(client);
    }
    this.#links = this.#links.filter((link) => link.server !== server);
    this.#start(index);
  }

  /** Delivers at most one frame in each direction. */
  #move(link) {
    const { client } = link;
    const isCurrent = client.link === link;
    // A half-open connection delivers late.
    if (link.up.length > 0 && !this.#chance(3) && (isCurrent || this.#chance(link.lateness))) {
      const current = client.link;
      const wasTakenOver = current?.isTakenOver;
      link.deliverUp();
      if (!isCurrent && current?.isTakenOver && !wasTakenOver) {
        throw new Violation(`a late frame took over the session of ${client.name}`);
      }
    }
    if (link.isOpen && link.down.length > 0 && !this.#chance(3)) {
      const frame = link.down.shift();
      if (frame === undefined) this.#cut(client);
      else client.take(link.forClient, frame);
    }
    if (!link.isOpen && !link.isEnded && this.#chance(12)) link.reportEnd();
  }

  /**
   * Checks the order within a session: late messages of a session that was left are out of order.
   */
  #arrive({ sent, arrived, last }, text, where, id = "") {
    const index = sent.indexOf(text);
    if (index < 0) throw new Violation(`${text} was never sent, ${where}`);
    if (arrived.includes(text)) throw new Violation(`${text} twice ${where}`);
    if (last.get(id) > index) throw new Violation(`${text} after ${sent[last.get(id)]} ${where}`);
    last.set(id, index);
    arrived.push(text);
  }

  #checkComplete({ sent, arrived, reported }, excused, direction) {
    const seen = new Set(arrived);
    const missing = sent.filter(
      (text) => !seen.has(text) && !reported.has(text) && !excused.has(text),
    );
    if (missing.length > 0)
      throw new Violation(`neither arrived nor reported ${direction}: ${missing}`);
  }
}
