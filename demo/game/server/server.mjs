// A game server: HTTP for the page, WebSocket at /game. See docs/demos/game-protocol.md.
import { Gate } from "../../common/gate.mjs";
import { createLogger } from "../../common/logger.mjs";
import { stepTime } from "./arena.mjs";
import { complete } from "./config.mjs";
import { Match } from "./match.mjs";
import { Network } from "./network/network.mjs";
import { limits, problem } from "./protocol.mjs";
import { gameSite } from "./site.mjs";
import { Store } from "./store.mjs";

/** Maximum number of steps to catch up after the process was blocked. */
const mostLateSteps = 4;

export class GameServer {
  #config;
  #logger;
  #gate;
  /** @type {Store | undefined} */
  #store;
  /** @type {Match | undefined} */
  #match;
  #began = performance.now();
  #pings;
  #steps;
  /** The due time of the next step. */
  #due = 0;
  /** The clock of sessions, which is `Date.now()`, less `performance.now()`. */
  #clock = 0;
  /** @type {Promise<void> | undefined} */
  #stopped;

  /**
   * @param {Partial<import("./config.mjs").Config>} config
   * @param {import("pino").Logger} [logger]
   */
  constructor(config, logger) {
    this.#config = complete(config);
    this.#logger = logger ?? createLogger(this.#config.logLevel);
    const kill = () => process.kill(process.pid, "SIGKILL");
    const network = new Network(this.#config.controls === 1, kill);
    const site = gameSite({ health: () => this.health, network, logger: this.#logger });
    const webSocket = {
      maxPayload: limits.frameBytes,
      perMessageDeflate: false,
      handleProtocols: (offered) => this.#match.pick(offered),
    };
    const pass = (request, socket) => network.pass(request, socket);
    const options = { path: "/game", webSocket, site, pass, logger: this.#logger };
    const full = problem("full", "the game has reached its limit of connections");
    this.#gate = new Gate(this.#config, options, {
      connections: () => this.#match.connections,
      onConnection: (connection) => this.#match.add(connection),
      full: { data: JSON.stringify(full), reason: "the game is full" },
    });
  }

  get port() {
    return this.#gate.port;
  }

  get url() {
    return this.#gate.url;
  }

  get health() {
    return {
      status: this.#stopped === undefined ? "ok" : "stopping",
      players: this.#match.players,
      connections: this.#match.connections,
      statesSkipped: this.#match.skipped,
      uptime: Math.round((performance.now() - this.#began) / 1000),
    };
  }

  /** Resolves when it listens. */
  async start() {
    const store = await Store.open(this.#config.data);
    if (this.#stopped !== undefined) {
      await store.close();
      return;
    }
    this.#store = store;
    this.#match = new Match(this.#config, this.#logger, store);
    try {
      await this.#gate.open();
    } catch (error) {
      await store.close();
      throw error;
    }
    this.#pings = setInterval(() => this.#match.ping(), this.#config.pingInterval);
    this.#due = performance.now();
    this.#step();
  }

  /** Closes all connections, and resolves when everything is closed. */
  stop() {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop() {
    this.#logger.info("stopping");
    clearInterval(this.#pings);
    clearTimeout(this.#steps);
    // A signal may arrive before the start is complete.
    if (this.#store === undefined) return;
    await this.#gate.close(() => this.#match.stop());
    await this.#store.close();
    this.#logger.info("stopped");
  }

  /** Makes the due steps: timers may be late, but steps have a fixed length. */
  #step() {
    const now = performance.now();
    this.#due = Math.max(this.#due, now - mostLateSteps * stepTime);
    const clock = Date.now() - now;
    // Date.now() counts whole milliseconds and may be adjusted.
    if (Math.abs(clock - this.#clock) > 2) this.#clock = clock;
    while (this.#due <= now) {
      this.#match.step(this.#clock + this.#due);
      this.#due += stepTime;
    }
    this.#steps = setTimeout(() => this.#step(), this.#due - performance.now());
  }
}

/**
 * Starts a game server for a test: by default on a free port and without a log.
 * @param {Partial<import("./config.mjs").Config>} config
 */
export async function startGameServer(config) {
  const server = new GameServer({ port: 0, logLevel: "silent", ...config });
  await server.start();
  return server;
}
