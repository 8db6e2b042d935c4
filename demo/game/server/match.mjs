// Who plays, over all their connections: what they ask for is done in the arena and in the store,
// and what happens there is told to everybody. A score is shown when it is on disk, so that a kill of
// the server takes none back.
import { TokenBucket } from "../../common/bucket.mjs";
import { Arena, stepTime } from "./arena.mjs";
import { Connection } from "./connection.mjs";
import { closeCodes, problem, writeState } from "./protocol.mjs";
import { hashOf } from "./store.mjs";

const colours = 12;
/** Lines of the chat that somebody who comes is told. */
const toldLines = 100;
/** Lines of one player a second, and at once. */
const chatRate = { rate: 5, burst: 40 };
/** Steps from one saving of places to the next. */
const stepsBetweenPlaces = 20;

/**
 * @typedef {object} Player
 * @property {string} hash Of the key.
 * @property {number} id
 * @property {string} name
 * @property {number} colour
 * @property {number} score What is on disk, and shown.
 * @property {number} earned What is not there yet as well.
 * @property {number} x
 * @property {number} y
 * @property {number} dx
 * @property {number} dy
 * @property {number} sequence Of the newest input.
 * @property {boolean} isAway
 * @property {Connection | undefined} connection
 * @property {NodeJS.Timeout | undefined} leaving
 */

export class Match {
  #config;
  #logger;
  #store;
  #arena;
  #clock;
  /** @type {Map<string, Player>} By their hashes. */
  #players = new Map();
  /** Every connection, and who it is, once they have joined. @type {Map<Connection, Player>} */
  #connections = new Map();
  /**
   * By the players' hashes, over all their connections. One that is full is as good as none.
   * @type {Map<string, TokenBucket>}
   */
  #chats = new Map();
  #lastId = 0;
  #number = 0;
  /** @type {Set<Player>} */
  #unsaved = new Set();
  /** The writing that is under way. @type {Promise<void> | undefined} */
  #saving;
  #isStopped = false;

  /**
   * @param {import("./config.mjs").Config} config
   * @param {import("pino").Logger} logger
   * @param {import("./store.mjs").Store} store
   * @param {object} [world]
   * @param {() => number} [world.clock] Milliseconds since the server was started.
   * @param {Arena} [world.arena]
   */
  constructor(config, logger, store, { clock = () => performance.now(), arena } = {}) {
    this.#config = config;
    this.#logger = logger;
    this.#store = store;
    this.#clock = clock;
    this.#arena = arena ?? new Arena();
  }

  get connections() {
    return this.#connections.size;
  }

  get players() {
    return this.#players.size;
  }

  get skipped() {
    let all = 0;
    for (const { skipped } of this.#connections.keys()) all += skipped;
    return all;
  }

  /** @param {import("ws").WebSocket} webSocket */
  add(webSocket) {
    const connection = new Connection(webSocket, {
      onRequest: (request) => this.#do(connection, request),
      onInput: (input) => this.#steer(connection, input),
      onClose: () => this.#remove(connection),
    });
    this.#connections.set(connection, undefined);
  }

  ping() {
    for (const connection of this.#connections.keys()) connection.ping();
  }

  /** Lets a step pass, and tells the state. @param {number} time Of the clock, when it is due. */
  step(time) {
    for (const player of this.#arena.step()) {
      player.earned += 1;
      this.#unsaved.add(player);
    }
    this.#number += 1;
    if (this.#number % stepsBetweenPlaces === 0) {
      this.#noteMoving();
      this.#forgetChats();
    }
    this.#save();
    const players = this.#players.values();
    const state = writeState({ number: this.#number, time, players, dots: this.#arena.dots });
    for (const [connection, player] of this.#connections) {
      if (player !== undefined) connection.sendState(state);
    }
  }

  /** Says goodbye to everybody, and resolves when what there was to write is written. */
  async stop() {
    this.#isStopped = true;
    for (const player of this.#players.values()) {
      clearTimeout(player.leaving);
      this.#unsaved.add(player);
    }
    for (const connection of this.#connections.keys()) {
      connection.close(closeCodes.restart, "the server stops; retry-after=0");
    }
    await this.#saving;
    await this.#save();
  }

  #do(connection, request) {
    const player = this.#connections.get(connection);
    if (request.type === "ping") {
      connection.send({ type: "pong", sent: request.sent, time: this.#clock() });
    } else if (request.type === "join") {
      if (player !== undefined) connection.send(problem("joined", "there is one join"));
      else this.#join(connection, request);
    } else if (player === undefined) {
      connection.send(problem("not_joined", "join first", request.id));
    } else {
      void this.#say(connection, player, request);
    }
  }

  #steer(connection, { sequence, dx, dy }) {
    const player = this.#connections.get(connection);
    if (player === undefined) connection.send(problem("not_joined", "join first"));
    else Object.assign(player, { sequence, dx, dy });
  }

  #join(connection, { name, key }) {
    if (this.#isStopped) return;
    const hash = hashOf(key);
    const known = this.#players.get(hash);
    if (known === undefined && this.#players.size >= this.#config.players) {
      connection.send(problem("full", "the arena has as many players as it takes"));
      connection.close(closeCodes.tryAgainLater, "the arena is full");
      return;
    }
    const player = known ?? this.#enter(hash);
    const isNews = known === undefined || known.name !== name;
    player.name = name;
    this.#connect(player, connection);
    if (isNews) this.#tell({ type: "joined", player: shown(player) });
    this.#welcome(player);
    this.#unsaved.add(player);
    this.#logger.info({ id: player.id, players: this.#players.size }, "joined");
  }

  /** @returns {Player} */
  #enter(hash) {
    const saved = this.#store.players.get(hash);
    const player = {
      hash,
      id: this.#freeId(),
      name: "",
      colour: saved?.colour ?? this.#rarestColour(),
      score: saved?.score ?? 0,
      earned: saved?.score ?? 0,
      ...(saved === undefined ? this.#arena.somewhere() : { x: saved.x, y: saved.y }),
      dx: 0,
      dy: 0,
      sequence: 0,
      isAway: false,
      connection: undefined,
      leaving: undefined,
    };
    this.#players.set(hash, player);
    this.#arena.add(player);
    return player;
  }

  #connect(player, connection) {
    clearTimeout(player.leaving);
    const { connection: old } = player;
    Object.assign(player, { connection, isAway: false, dx: 0, dy: 0, sequence: 0 });
    this.#connections.set(connection, player);
    connection.joined();
    if (old === undefined) return;
    this.#connections.set(old, undefined);
    old.close(closeCodes.replaced, "the same key has connected again");
  }

  #welcome(player) {
    player.connection.send({
      type: "welcome",
      you: player.id,
      time: this.#clock(),
      history: this.#store.history,
      players: [...this.#players.values()].map(shown),
      chat: this.#store.lines.slice(-toldLines).map(told),
    });
  }

  async #say(connection, player, { id, text }) {
    const { hash: author, name } = player;
    try {
      const content = { id, author, name, text };
      const { line, isNew } = await this.#store.addLine(content, () => this.#mayTalk(author));
      if (line === undefined) {
        connection.send(problem("too_fast", "too many lines at once", id));
        return;
      }
      if (isNew) this.#tell({ type: "chat", ...told(line) });
      connection.send({ type: "said", id, n: line.n });
    } catch (err) {
      this.#logger.error({ err }, "a line was not written");
      connection.send(problem("not_written", "the line could not be written", id));
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

  #remove(connection) {
    const player = this.#connections.get(connection);
    this.#connections.delete(connection);
    if (player === undefined || this.#isStopped) return;
    Object.assign(player, { connection: undefined, isAway: true, dx: 0, dy: 0 });
    this.#unsaved.add(player);
    player.leaving = setTimeout(() => this.#leave(player), this.#config.grace);
  }

  #leave(player) {
    // Not before what they have earned is theirs: they may come back at once.
    if (this.#unsaved.has(player) || player.earned !== player.score) {
      player.leaving = setTimeout(() => this.#leave(player), stepTime);
      return;
    }
    this.#players.delete(player.hash);
    this.#arena.remove(player);
    this.#tell({ type: "left", player: player.id });
    this.#logger.info({ id: player.id, players: this.#players.size }, "left");
  }

  #noteMoving() {
    for (const player of this.#players.values()) {
      if (player.dx !== 0 || player.dy !== 0) this.#unsaved.add(player);
    }
  }

  /** One writing at a time; what happens meanwhile is in the next. */
  #save() {
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
        players.map(({ player }) => [player.hash, kept(player)]),
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
    this.#tell({ type: "scored", player: player.id, score });
  }

  #tell(message) {
    const text = JSON.stringify(message);
    for (const [connection, player] of this.#connections) {
      if (player !== undefined) connection.sendText(text);
    }
  }

  #freeId() {
    const taken = new Set([...this.#players.values()].map(({ id }) => id));
    do {
      this.#lastId = (this.#lastId % 0xffff) + 1;
    } while (taken.has(this.#lastId));
    return this.#lastId;
  }

  #rarestColour() {
    const counts = new Array(colours).fill(0);
    for (const { colour } of this.#players.values()) counts[colour] += 1;
    return counts.indexOf(Math.min(...counts));
  }
}

function shown({ id, name, colour, score }) {
  return { id, name, colour, score };
}

function told({ n, name, text }) {
  return { n, name, text };
}

function kept({ name, colour, earned, x, y }) {
  return { name, colour, score: earned, x, y, seen: Date.now() };
}
