// A chat server: HTTP for the page, WebSocket at /chat. See docs/demos/chat-protocol.md.
import { Gate } from "../../common/gate.mjs";
import { createLogger } from "../../common/logger.mjs";
import { complete } from "./config.mjs";
import { batchProtocol, limits, problem } from "./protocol.mjs";
import { Room } from "./room.mjs";
import { chatSite } from "./site.mjs";

/** Milliseconds. */
const times = {
  /** Limit for pending writes while the server stops. */
  lastWrites: 500,
  /** Limit for closing an unreachable journal while the server stops. */
  journal: 5000,
};

const webSocketOptions = {
  maxPayload: limits.frameBytes,
  handleProtocols: (offered) => offered.has(batchProtocol) && batchProtocol,
};

export class ChatServer {
  #config;
  #logger;
  #room;
  #gate;
  /** @type {import("./journal/journal.mjs").Journal | undefined} */
  #journal;
  #began = performance.now();
  #pings;
  /** @type {Promise<void> | undefined} */
  #stopped;

  /**
   * @param {Partial<import("./config.mjs").Config>} config
   * @param {import("pino").Logger} [logger]
   */
  constructor(config, logger) {
    this.#config = complete(config);
    this.#logger = logger ?? createLogger(this.#config.logLevel);
    this.#room = new Room(this.#config, this.#logger);
    const site = chatSite(() => this.health, this.#logger);
    const options = { path: "/chat", webSocket: webSocketOptions, site, logger: this.#logger };
    const full = problem("full", "the chat has reached its limit of connections");
    this.#gate = new Gate(this.#config, options, {
      connections: () => this.#room.connections,
      onConnection: (webSocket) => this.#room.add(webSocket),
      full: { data: JSON.stringify({ type: "error", ...full }), reason: "the chat is full" },
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
      status: this.#status,
      online: this.#room.online,
      connections: this.#room.connections,
      uptime: Math.round((performance.now() - this.#began) / 1000),
    };
  }

  /**
   * Resolves when it listens and the journal is open; earlier requests wait. Listens first, because
   * a port in use is the likelier error.
   */
  async start() {
    await this.#gate.open();
    try {
      this.#journal = await openJournal(this.#config, this.#room.journalOptions);
    } catch (error) {
      void this.stop();
      throw error;
    }
    if (this.#stopped !== undefined) {
      await this.#closeJournal();
      return;
    }
    this.#room.begin(this.#journal);
    this.#logger.info("journal open");
    this.#pings = setInterval(() => this.#room.ping(), this.#config.pingInterval);
  }

  /** Closes all connections, and resolves when everything is closed. */
  stop() {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  get #status() {
    if (this.#stopped !== undefined) return "stopping";
    if (this.#journal === undefined) return "starting";
    return this.#journal.isUp ? "ok" : "unavailable";
  }

  async #stop() {
    this.#logger.info("stopping");
    clearInterval(this.#pings);
    await this.#gate.close(() =>
      this.#room.stop("the server stops; retry-after=0", times.lastWrites),
    );
    await this.#closeJournal();
    this.#logger.info("stopped");
  }

  async #closeJournal() {
    if (this.#journal === undefined) return;
    let timer;
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error("it cannot be reached")), times.journal);
    });
    try {
      await Promise.race([this.#journal.close(), late]);
    } catch (err) {
      this.#logger.error({ err }, "the journal was not closed");
    }
    clearTimeout(timer);
  }
}

/** Loads only one of them: the client of Redis takes as long to load as everything else. */
async function openJournal({ data, redisUrl, redisPrefix }, options) {
  if (redisUrl === undefined) {
    const { openLocalJournal } = await import("./journal/local.mjs");
    return openLocalJournal({ folder: data, ...options });
  }
  const { openRedisJournal } = await import("./journal/redis.mjs");
  return openRedisJournal({ url: redisUrl, prefix: redisPrefix, ...options });
}

/**
 * Starts a chat server for a test: by default on a free port and without a log.
 * @param {Partial<import("./config.mjs").Config>} config
 */
export async function startChatServer(config) {
  const server = new ChatServer({ port: 0, logLevel: "silent", ...config });
  await server.start();
  return server;
}
