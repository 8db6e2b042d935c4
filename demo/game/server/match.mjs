// The players: messages of their sessions change the arena and the store, and the results are sent
// to all sessions. A score or a round is sent when it is on disk, so that killing the server reverts
// none.
import { TokenBucket } from "../../common/bucket.mjs";
import { Arena } from "./arena.mjs";
import { Connection } from "./connection.mjs";
import { closeCodes, problem, readMessage, writeState } from "./protocol.mjs";
import { phaseAfter, rankingOf, winnersOf } from "./rounds.mjs";
import { hashOf } from "./store.mjs";

// A URL, or the built file would be type-checked.
const packageFile = new URL("../../../dist/server.js", import.meta.url);
const { createSessions } = await import(packageFile.href);

const colours = 12;
/** Chat lines in a welcome. */
const welcomeLines = 100;
/** Lines of one player per second, and the burst. */
const chatRate = { rate: 5, burst: 40 };
/** Steps between two saves of positions. */
const stepsBetweenPlaces = 20;
/**
 * Limits of the messages kept for a client: a page in the background may acknowledge once a minute.
 */
const kept = { maxMessages: 10_000, maxBytes: 1024 * 1024 };

/**
 * @typedef {object} Player
 * @property {string} hash Of the key.
 * @property {number} id
 * @property {string} name
 * @property {number} colour
 * @property {number} score The score on disk, which clients receive.
 * @property {number} earned The score including points that are not on disk yet.
 * @property {number} round The number of the round of `earned`; 0 before the first.
 * @property {number} past Points of all earlier rounds.
 * @property {number} wins
 * @property {number} x
 * @property {number} y
 * @property {number} dx
 * @property {number} dy
 * @property {number} sequence Of the newest input.
 * @property {boolean} isAway The session has no connection.
 * @property {any} session Undefined once it has ended: the player leaves with the next step.
 */

export class Match {
  #config;
  #logger;
  #store;
  #arena;
  #clock;
  #sessions;
  /** @type {Map<string, Player>} By hash. */
  #players = new Map();
  /** @type {Set<Connection>} */
  #connections = new Set();
  /**
   * By hash, over all connections of the player. A full bucket is equivalent to none.
   * @type {Map<string, TokenBucket>}
   */
  #chats = new Map();
  #lastId = 0;
  #number = 0;
  /** @type {Set<Player>} */
  #unsaved = new Set();
  /** The write in progress. @type {Promise<void> | undefined} */
  #saving;
  /** The change of the round in progress. @type {Promise<void> | undefined} */
  #turning;

  /**
   * @param {import("./config.mjs").Config} config
   * @param {import("pino").Logger} logger
   * @param {import("./store.mjs").Store} store
   * @param {object} [world]
   * @param {() => number} [world.clock] Milliseconds of a monotonic clock.
   * @param {Arena} [world.arena]
   */
  constructor(config, logger, store, { clock = () => performance.now(), arena } = {}) {
    this.#config = config;
    this.#logger = logger;
    this.#store = store;
    this.#clock = clock;
    this.#arena = arena ?? new Arena();
    this.#sessions = createSessions({
      ttl: config.grace,
      ...kept,
      authorize: (user, session) => user.hash === session.user.hash,
      onsession: (session) => this.#begin(session),
      onerror: (err) => logger.error({ err }, "a session has failed"),
    });
  }

  get connections() {
    return this.#connections.size;
  }

  get players() {
    return this.#players.size;
  }

  get skipped() {
    let all = 0;
    for (const { skipped } of this.#connections) all += skipped;
    return all;
  }

  /** Selects the subprotocol of a connection: see Sessions.pick of steadysocket/server. */
  get pick() {
    return this.#sessions.pick;
  }

  /** @param {import("ws").WebSocket} webSocket */
  add(webSocket) {
    const connection = new Connection(webSocket, {
      onJoin: ({ name, key }) => {
        const hash = hashOf(key);
        if (!this.#isRefused(connection, hash)) connection.accept(this.#sessions, { name, hash });
      },
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }

  ping() {
    for (const connection of this.#connections) connection.ping();
  }

  /** Advances the arena by a step, and sends the state. @param {number} time As in writeState. */
  step(time) {
    this.#play(time);
    this.#number += 1;
    if (this.#number % stepsBetweenPlaces === 0) {
      this.#noteMoving();
      this.#forgetChats();
    }
    this.#save();
    for (const player of this.#players.values()) {
      // After the points are on disk: the player may be back immediately.
      const isSaved = !this.#unsaved.has(player) && player.earned === player.score;
      if (player.session === undefined && isSaved) this.#leave(player);
    }
    const players = this.#players.values();
    const state = writeState({ number: this.#number, time, players, dots: this.#arena.dots });
    for (const { session } of this.#players.values()) session?.user.sendState(state);
  }

  /** Dots are collected while a round is played; its change takes a moment, in which none is. */
  #play(time) {
    const { round } = this.#store;
    if (this.#turning !== undefined || round?.phase !== "play") this.#arena.move();
    else {
      for (const player of this.#arena.step()) {
        player.earned += 1;
        this.#unsaved.add(player);
      }
    }
    if (this.#turning !== undefined) return;
    const best = Math.max(0, ...[...this.#players.values()].map(({ earned }) => earned));
    const next = phaseAfter(round, { time, players: this.#players.size, best }, this.#config);
    if (next === undefined) return;
    this.#turning = this.#turn(next).finally(() => {
      this.#turning = undefined;
      this.#save();
    });
  }

  /** Writes the next phase with what it changes of the players, then applies and sends it. */
  async #turn(next) {
    // A write in progress has the scores before the change.
    await this.#saving;
    const isEnd = next.phase === "end";
    const round = { ...next, ranking: isEnd ? this.#ranking() : [] };
    const winners = winnersOf(round.ranking).map(({ hash }) => hash);
    try {
      await this.#store.saveRound(round, isEnd ? this.#results(winners) : []);
    } catch (err) {
      this.#logger.error({ err }, "a round was not written");
      return;
    }
    for (const player of this.#players.values()) {
      if (isEnd) {
        player.wins = this.#store.players.get(player.hash)?.wins ?? player.wins;
        this.#score(player, player.earned);
      } else {
        Object.assign(player, newScore(player, round.n));
      }
    }
    this.#broadcast({ type: "round", ...this.#shownRound() });
    this.#logger.info({ round: round.n, phase: round.phase }, "round");
  }

  /** Of the players in the arena, and of those who scored and have left. */
  #ranking() {
    const n = this.#store.round?.n;
    const places = [...this.#players.values()].map(({ hash, name, colour, earned }) => {
      return { hash, name, colour, score: earned };
    });
    for (const [hash, { name, colour, score, round }] of this.#store.players) {
      if (round !== n || score === 0 || this.#players.has(hash)) continue;
      places.push({ hash, name, colour, score });
    }
    return rankingOf(places);
  }

  /** The players to write with the end of a round: all who play, and the winners. */
  #results(winners) {
    const results = new Map([...this.#players.values()].map((one) => [one.hash, saved(one)]));
    for (const hash of winners) {
      const result = results.get(hash) ?? this.#store.players.get(hash);
      results.set(hash, { ...result, wins: (result.wins ?? 0) + 1 });
    }
    return [...results];
  }

  #shownRound() {
    const { round } = this.#store;
    if (round === undefined) return undefined;
    const { n, phase, until, ranking } = round;
    const places = ranking.map(({ hash, name, colour, score }) => {
      const wins = this.#store.players.get(hash)?.wins ?? 0;
      return { player: this.#players.get(hash)?.id ?? null, name, colour, score, wins };
    });
    return { n, phase, until, target: this.#config.target, ranking: places };
  }

  /** Closes all connections, and resolves when everything is on disk. */
  async stop() {
    for (const player of this.#players.values()) this.#unsaved.add(player);
    for (const connection of this.#connections) {
      connection.close(closeCodes.restart, "the server stops; retry-after=0");
    }
    await this.#turning;
    await this.#saving;
    await this.#save();
  }

  /** Closes the connection if there is no room for another player. */
  #isRefused(connection, hash) {
    if (this.#players.has(hash) || this.#players.size < this.#config.players) return false;
    connection.send(problem("full", "the arena has reached its limit of players"));
    connection.close(closeCodes.tryAgainLater, "the arena is full");
    return true;
  }

  /**
   * Called when a session has begun: its player enters, or continues with it instead of an earlier
   * session.
   */
  #begin(session) {
    const { user: connection } = session;
    const { hash, name } = connection;
    connection.enter(session);
    // The hello was on its way when the connection was closed.
    if (!connection.isOpen) {
      session.close();
      return;
    }
    // Others may have entered since the join.
    if (this.#isRefused(connection, hash)) return;
    const player = this.#players.get(hash) ?? this.#enter(hash);
    const isNews = player.name !== name;
    const { session: old } = player;
    Object.assign(player, { name, session, isAway: false, dx: 0, dy: 0, sequence: 0 });
    old?.user.close(closeCodes.replaced, "the same key has connected again");
    session.onmessage = (data) => this.#do(player, data);
    session.onconnect = () => {
      session.user.enter(session);
      player.isAway = false;
    };
    session.ondisconnect = () => {
      if (player.session === session) this.#away(player);
    };
    session.onend = () => {
      if (player.session === session) player.session = undefined;
    };
    if (isNews) this.#broadcast({ type: "joined", player: shown(player) });
    this.#send(player, {
      type: "welcome",
      you: player.id,
      history: this.#store.history,
      players: [...this.#players.values()].map(shown),
      round: this.#shownRound(),
      chat: this.#store.lines.slice(-welcomeLines).map(published),
    });
    this.#unsaved.add(player);
    this.#logger.info({ id: player.id, players: this.#players.size }, "joined");
  }

  #do(player, data) {
    const { request, problem: found } = readMessage(data);
    if (found !== undefined) this.#send(player, found);
    else if (request.type === "join") this.#send(player, problem("joined", "already joined"));
    else if (request.type === "chat") void this.#say(player, request);
    else {
      const { sequence, dx, dy } = request;
      Object.assign(player, { sequence, dx, dy });
    }
  }

  /** @returns {Player} */
  #enter(hash) {
    const saved = this.#store.players.get(hash);
    const player = {
      hash,
      id: this.#freeId(),
      name: "",
      colour: saved?.colour ?? this.#rarestColour(),
      ...this.#scoreOf(saved),
      ...(saved === undefined ? this.#arena.somewhere() : { x: saved.x, y: saved.y }),
      dx: 0,
      dy: 0,
      sequence: 0,
      isAway: false,
      session: undefined,
    };
    this.#players.set(hash, player);
    this.#arena.add(player);
    return player;
  }

  /** The stored score, which counts in its own round only. */
  #scoreOf({ score = 0, round = 0, past = 0, wins = 0 } = {}) {
    const was = { score, earned: score, round, past, wins };
    const n = this.#store.round?.n ?? 0;
    return round === n ? was : { ...was, ...newScore(was, n) };
  }

  async #say(player, { id, text }) {
    const { hash: author, name } = player;
    try {
      const content = { id, author, name, text };
      const { line, isNew } = await this.#store.addLine(content, () => this.#mayTalk(author));
      if (line === undefined) {
        this.#send(player, problem("too_fast", "too many lines", id));
        return;
      }
      if (isNew) this.#broadcast({ type: "chat", ...published(line) });
      this.#send(player, { type: "said", id, n: line.n });
    } catch (err) {
      this.#logger.error({ err }, "a line was not written");
      this.#send(player, problem("not_written", "the line could not be written", id));
    }
  }

  #mayTalk(hash) {
    const bucket = this.#chats.get(hash) ?? new TokenBucket({ ...chatRate, now: this.#clock });
    this.#chats.set(hash, bucket);
    return bucket.take();
  }

  #forgetChats() {
    for (const [hash, bucket] of this.#chats) {
      if (bucket.isFull()) this.#chats.delete(hash);
    }
  }

  /** The player keeps the direction, and continues in it when the session is resumed. */
  #away(player) {
    player.isAway = true;
    this.#unsaved.add(player);
  }

  #leave(player) {
    this.#players.delete(player.hash);
    this.#arena.remove(player);
    this.#broadcast({ type: "left", player: player.id });
    this.#logger.info({ id: player.id, players: this.#players.size }, "left");
  }

  #noteMoving() {
    for (const player of this.#players.values()) {
      if (player.dx !== 0 || player.dy !== 0) this.#unsaved.add(player);
    }
  }

  /** One write at a time; later changes are in the next. */
  #save() {
    // The end of a round is written with its winners, and with nothing else at that time.
    if (this.#turning !== undefined) return this.#saving;
    if (this.#saving !== undefined || this.#unsaved.size === 0) return this.#saving;
    const players = [...this.#unsaved].map((player) => ({ player, earned: player.earned }));
    this.#unsaved.clear();
    this.#saving = this.#write(players).finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #write(players) {
    try {
      await this.#store.savePlayers(
        players.map(({ player }) => [player.hash, saved(player)]),
        (hash) => this.#players.has(hash),
      );
      for (const { player, earned } of players) this.#score(player, earned);
    } catch (err) {
      this.#logger.error({ err }, "scores were not written");
      for (const { player } of players) this.#unsaved.add(player);
    }
  }

  #score(player, score) {
    if (player.score === score) return;
    player.score = score;
    this.#broadcast({ type: "scored", player: player.id, score });
  }

  #broadcast(message) {
    const text = JSON.stringify(message);
    for (const { session } of this.#players.values()) session?.send(text);
  }

  /** Sends to the player's session, unless that has ended. */
  #send(player, message) {
    player.session?.send(JSON.stringify(message));
  }

  #freeId() {
    const taken = new Set([...this.#players.values()].map(({ id }) => id));
    do {
      this.#lastId = (this.#lastId % 0xffff) + 1;
    } while (taken.has(this.#lastId));
    return this.#lastId;
  }

  /** The colour of the fewest players here; of several, that of the fewest who may return. */
  #rarestColour() {
    const here = countColours(this.#players.values());
    const known = countColours(this.#store.players.values());
    return [...here.keys()].sort((a, b) => here[a] - here[b] || known[a] - known[b])[0];
  }
}

/** The number of players with each colour. */
function countColours(players) {
  const counts = new Array(colours).fill(0);
  for (const { colour } of players) counts[colour] += 1;
  return counts;
}

function shown({ id, name, colour, score, wins, past }) {
  return { id, name, colour, score, wins, total: past + score };
}

/** The score at the beginning of a round. */
function newScore({ past, earned }, round) {
  return { score: 0, earned: 0, round, past: past + earned };
}

function published({ n, name, text }) {
  return { n, name, text };
}

function saved({ name, colour, earned, round, past, wins, x, y }) {
  return { name, colour, score: earned, round, past, wins, x, y, seen: Date.now() };
}
