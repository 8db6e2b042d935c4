// The network side of a demo's server: HTTP for its page, WebSocket handshakes at one path, the
// limit of connections, start and stop.
import { once } from "node:events";
import { createServer, IncomingMessage } from "node:http";
import { WebSocketServer } from "ws";
import { isForeign } from "./origin.mjs";
import { pathOf } from "./site.mjs";

/** Milliseconds. */
const times = {
  /** Limits for the head of a request, and for all of it. */
  request: 10_000,
  keepAlive: 5000,
  /** Limit for a response that the client does not read. */
  stall: 10_000,
  /** Limit for the answer to a close frame. */
  close: 5000,
  /** The same while the server stops. */
  goodbye: 1000,
};

/**
 * Connections above the limit that may be refused with a close frame at one time, and additional
 * connections for the page.
 */
const beyond = { refused: 100, http: 500 };

const tryAgainLater = 1013;

/**
 * With an `upgrade` listener, Node takes every request with an Upgrade from its parser. It decides
 * by this property, so a request for another protocol than WebSocket (curl --http2, Java's
 * HttpClient) stays with the parser and is answered as if it had none: RFC 9110 7.8.
 */
class Request extends IncomingMessage {
  /** The value that the parser has set. */
  isUpgrade = false;

  get upgrade() {
    return this.isUpgrade && offersWebSocket(this);
  }

  set upgrade(value) {
    this.isUpgrade = value;
  }
}

/**
 * @typedef {object} Listener
 * @property {() => number} connections The number of WebSockets.
 * @property {(webSocket: import("ws").WebSocket) => void} onConnection
 * @property {{ data: string, reason: string }} full Message and reason for refused clients, with
 *   1013.
 */

/**
 * Returns the connection on which a WebSocket is accepted, by default the client's own, or undefined
 * if it must be ended without an answer.
 * @typedef {(request: IncomingMessage, socket: import("node:net").Socket) => import("node:stream").Duplex | undefined} Pass
 */

export class Gate {
  #config;
  #path;
  #pass;
  #logger;
  #listener;
  #http;
  #webSockets;
  /** Every connection, including silent ones, which would keep the server from closing. */
  #tcp = new Set();
  /** The connections that are being refused because of the limit. */
  #refused = new Set();
  #isClosing = false;

  /**
   * @param {{ host: string, port: number, origins: string[], connections: number }} config
   * @param {object} options
   * @param {string} options.path The path of WebSockets.
   * @param {import("ws").ServerOptions} options.webSocket
   * @param {import("./site.mjs").Site} options.site
   * @param {Pass} [options.pass]
   * @param {import("pino").Logger} options.logger
   * @param {Listener} listener
   */
  constructor(config, { path, webSocket, site, pass, logger }, listener) {
    this.#config = config;
    this.#path = path;
    this.#pass = pass ?? ((_request, socket) => socket);
    this.#logger = logger;
    this.#listener = listener;
    const shared = { noServer: true, closeTimeout: times.close };
    this.#webSockets = new WebSocketServer({ ...shared, ...webSocket });
    const options = {
      headersTimeout: times.request,
      requestTimeout: times.request,
      keepAliveTimeout: times.keepAlive,
      connectionsCheckingInterval: times.keepAlive,
      IncomingMessage: Request,
    };
    this.#http = createServer(options, (request, response) => {
      // Node does not read data received in the same packet; closing the connection signals that it
      // was not answered.
      if (request.isUpgrade) response.setHeader("Connection", "close");
      void site.serve(request, response);
    });
    this.#http.maxConnections = config.connections + beyond.refused + beyond.http;
    // WebSockets have no such limit: they are pinged.
    this.#http.setTimeout(times.stall);
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

  async open() {
    this.#http.listen(this.#config.port, this.#config.host);
    await once(this.#http, "listening");
    this.#logger.info({ port: this.port }, "listening");
  }

  /**
   * Accepts no more connections, and resolves when all have ended.
   * @param {() => Promise<void> | void} sayGoodbye Closes the WebSockets.
   */
  async close(sayGoodbye) {
    this.#isClosing = true;
    const closed = once(this.#http, "close");
    this.#http.close();
    await sayGoodbye();
    this.#http.closeIdleConnections();
    const cut = setTimeout(() => {
      for (const connection of this.#tcp) connection.destroy();
    }, times.goodbye);
    await closed;
    clearTimeout(cut);
  }

  #upgrade(request, socket, head) {
    socket.on("error", () => socket.destroy());
    // The ws package accepts no list of protocols.
    request.headers.upgrade = "websocket";
    const accept = (welcome) => {
      const connection = this.#pass(request, socket);
      if (connection === undefined) socket.destroy();
      else
        this.#webSockets.handleUpgrade(request, connection, head, (webSocket) =>
          welcome(webSocket),
        );
    };
    if (pathOf(request) !== this.#path) {
      this.#refuse(socket, "404 Not Found");
    } else if (isForeign(request.headers, this.#config.origins)) {
      this.#refuse(socket, "403 Forbidden");
    } else if (this.#isClosing) {
      this.#refuse(socket, "503 Service Unavailable");
    } else if (this.#listener.connections() < this.#config.connections) {
      accept((webSocket) => this.#listener.onConnection(webSocket));
    } else if (this.#refused.size < beyond.refused) {
      accept((webSocket) => this.#turnAway(webSocket));
    } else {
      this.#refuse(socket, "503 Service Unavailable");
    }
  }

  #refuse(socket, status) {
    this.#logger.info({ status }, "refused");
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
  }

  /** Refuses with a close frame, which a page can read, unlike the status of a failed handshake. */
  #turnAway(webSocket) {
    this.#logger.info({ status: tryAgainLater }, "refused");
    this.#refused.add(webSocket);
    webSocket.on("close", () => this.#refused.delete(webSocket));
    webSocket.on("error", () => {});
    const { data, reason } = this.#listener.full;
    webSocket.send(data);
    webSocket.close(tryAgainLater, reason);
  }
}

/** RFC 6455 4.2.1, RFC 9110 7.8: it may be one of several, in upper or lower case. */
function offersWebSocket({ headers }) {
  const protocols = headers.upgrade.toLowerCase().split(",");
  return protocols.some((protocol) => protocol.trim() === "websocket");
}
