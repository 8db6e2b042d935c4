// A chat server: HTTP for the page, WebSocket at /chat. See docs/chat-protocol.md.
import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { complete } from "./config.mjs";
import { openLocalJournal } from "./journal/local.mjs";
import { openRedisJournal } from "./journal/redis.mjs";
import { createLogger } from "./logger.mjs";
import { isForeign } from "./origin.mjs";
import { batchProtocol, closeCodes, limits, problem } from "./protocol.mjs";
import { Room } from "./room.mjs";
import { pathOf, Site } from "./site.mjs";

/** Milliseconds. */
const times = {
  /** For the head of a request, and for the whole of it. */
  request: 10_000,
  keepAlive: 5000,
  /** For the answer to a close. */
  close: 5000,
  /** When the server stops: for what is being written, and for the answers to a close. */
  lastWrites: 500,
  goodbye: 1000,
  /** Until a journal that cannot be reached is given up when the server stops. */
  journal: 5000,
};

/** Connections beyond the limit that are told so at one time, and beside all those, for the page. */
const beyond = { told: 100, http: 500 };

const webSocketOptions = {
  noServer: true,
  maxPayload: limits.frameBytes,
  closeTimeout: times.close,
  handleProtocols: (offered) => offered.has(batchProtocol) && batchProtocol,
};

export class ChatServer {
  #config;
  #logger;
  #room;
  #http;
  #webSockets = new WebSocketServer(webSocketOptions);
  /** Every connection, also those that say nothing, which would keep the server from closing. */
  #tcp = new Set();
  /** Those that are told that the chat is full. */
  #refused = new Set();
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
    const site = new Site(() => this.health, this.#logger);
    const options = {
      headersTimeout: times.request,
      requestTimeout: times.request,
      keepAliveTimeout: times.keepAlive,
      connectionsCheckingInterval: times.keepAlive,
    };
    this.#http = createServer(options, (request, response) => void site.serve(request, response));
    this.#http.maxConnections = this.#config.connections + beyond.told + beyond.http;
    this.#http.on("connection", (connection) => {
      this.#tcp.add(connection);
      connection.on("close", () => this.#tcp.delete(connection));
    });
    this.#http.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get port() {
    const address = /** @type {import("node:net").AddressInfo} */ (this.#http.address());
    return address.port;
  }

  get url() {
    const { host } = this.#config;
    const isHere = ["127.0.0.1", "::1", "0.0.0.0", "::"].includes(host);
    return `http://${isHere ? "localhost" : host}:${this.port}/`;
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
   * Resolves when it listens and the journal is open; what is asked for before that waits.
   * Listens first: a port in use is the likelier trouble.
   */
  async start() {
    this.#http.listen(this.#config.port, this.#config.host);
    await once(this.#http, "listening");
    this.#logger.info({ port: this.port }, "listening");
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

  /** Says goodbye to everybody, and resolves when all is closed. */
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
    const closed = once(this.#http, "close");
    this.#http.close();
    await this.#room.stop("the server stops; retry-after=0", times.lastWrites);
    this.#http.closeIdleConnections();
    const cut = setTimeout(() => {
      for (const connection of this.#tcp) connection.destroy();
    }, times.goodbye);
    await closed;
    clearTimeout(cut);
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

  #upgrade(request, socket, head) {
    socket.on("error", () => socket.destroy());
    if (pathOf(request) !== "/chat") {
      this.#refuse(socket, "404 Not Found");
    } else if (isForeign(request.headers, this.#config.origins)) {
      this.#refuse(socket, "403 Forbidden");
    } else if (this.#stopped !== undefined) {
      this.#refuse(socket, "503 Service Unavailable");
    } else if (this.#room.connections < this.#config.connections) {
      this.#accept(request, socket, head, (webSocket) => this.#room.add(webSocket));
    } else if (this.#refused.size < beyond.told) {
      this.#accept(request, socket, head, (webSocket) => this.#turnAway(webSocket));
    } else {
      this.#refuse(socket, "503 Service Unavailable");
    }
  }

  #accept(request, socket, head, welcome) {
    this.#webSockets.handleUpgrade(request, socket, head, welcome);
  }

  #refuse(socket, status) {
    this.#logger.info({ status }, "refused");
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  }

  /** In a way that a page hears, unlike a refused handshake, whose status it is not told. */
  #turnAway(webSocket) {
    this.#logger.info({ status: closeCodes.tryAgainLater }, "refused");
    this.#refused.add(webSocket);
    webSocket.on("close", () => this.#refused.delete(webSocket));
    webSocket.on("error", () => {});
    const full = problem("full", "the chat has as many connections as it takes");
    webSocket.send(JSON.stringify({ type: "error", ...full }));
    webSocket.close(closeCodes.tryAgainLater, "the chat is full");
  }
}

function openJournal({ data, redisUrl, redisPrefix }, options) {
  if (redisUrl === undefined) return openLocalJournal({ folder: data, ...options });
  return openRedisJournal({ url: redisUrl, prefix: redisPrefix, ...options });
}

/**
 * Starts a chat server for a test: on a free port and without a log, unless it is told otherwise.
 * @param {Partial<import("./config.mjs").Config>} config
 */
export async function startChatServer(config) {
  const server = new ChatServer({ port: 0, logLevel: "silent", ...config });
  await server.start();
  return server;
}
