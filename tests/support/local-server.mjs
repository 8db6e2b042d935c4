import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { once, Waiting } from "./until.mjs";

/**
 * A WebSocket server in the test's process: the test controls every handshake and every connection,
 * and can inspect them.
 */
export class LocalServer {
  /** Every handshake, in order: its path, with the query, and the subprotocols offered. */
  handshakes = [];
  /** Every accepted connection, in order. */
  connections = [];
  /** Every message received, in order: strings and Buffers. */
  received = [];
  /** Returns an HTTP status to refuse a handshake with, "hang", or undefined to accept it. */
  answer = () => undefined;
  /** Called with every new connection and its request. */
  greet = () => {};
  /** Selects one of the offered subprotocols; false is none. */
  select = ([first]) => first ?? false;
  /** Serves every other HTTP request. */
  serve = (_request, response) => response.writeHead(404).end();
  port = 0;
  #server;
  #raw = new Set();
  #waiting = new Waiting();
  #accepting = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => this.select([...offered]),
  });

  /** Starts one on a free port; it stops when the test ends, also if the test fails. */
  static async start(test, members = {}) {
    const server = Object.assign(new this(), members);
    test.after(() => server.stop());
    await server.restart();
    return server;
  }

  /** Restarts it on the same port. */
  async restart() {
    this.#server = createServer((request, response) => this.serve(request, response));
    this.#server.on("connection", (socket) => {
      this.#raw.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => this.#raw.delete(socket));
    });
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
  }

  /** Stops it and destroys every connection, without a close handshake. */
  async stop() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#raw) socket.destroy();
    await closed;
  }

  url(path = "/") {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  /** Resolves when the condition holds; it is evaluated on every event: see Waiting. */
  until(condition) {
    return this.#waiting.until(condition, () => this.#describe());
  }

  #describe() {
    const states = this.connections.map(({ readyState }) => readyState);
    const received = this.received.map((data) => String(data).slice(0, 80));
    return `handshakes: ${this.handshakes.length}, states of connections: ${states}, received: ${received.slice(-10).join(" | ")}`;
  }

  #upgrade(request, socket, head) {
    const protocols = request.headers["sec-websocket-protocol"]?.split(/, ?/) ?? [];
    this.handshakes.push({ path: request.url, protocols });
    const answer = this.answer(request);
    if (typeof answer === "number")
      socket.end(`HTTP/1.1 ${answer} no\r\nconnection: close\r\n\r\n`);
    if (answer === undefined) {
      this.#accepting.handleUpgrade(request, socket, head, (connection) => {
        this.connections.push(connection);
        connection.on("error", () => {});
        connection.on("message", (data, isBinary) => {
          this.received.push(isBinary ? data : data.toString());
          this.#waiting.look();
        });
        this.greet(connection, request);
        // Added after the listeners of greet: the condition may depend on what those record.
        connection.on("close", () => this.#waiting.look());
        this.#waiting.look();
      });
    }
    this.#waiting.look();
  }
}
