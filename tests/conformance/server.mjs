import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { once } from "../support/until.mjs";

/**
 * The server of the conformance suite. Text messages that begin with "!" are commands, which clients
 * use to control the server; every other message is echoed.
 *
 * | command | action |
 * | --- | --- |
 * | `!close CODE REASON` | closes; with CODE 0 without a code |
 * | `!cut` | ends the connection without a close frame |
 * | `!restart MS` | ends every connection of the run, and refuses new ones for MS ms |
 * | `!mute` | stops reading and answering |
 * | `!pause MS` | does not read for MS ms |
 * | `!say TEXT` | sends TEXT |
 * | `!many COUNT` | sends the messages 0, 1, … |
 * | `!bytes SIZE` | sends SIZE bytes, each the low byte of its index |
 * | `!broken` | sends a text frame that is not UTF-8 |
 * | `!log` | sends the record of the run, as JSON |
 * | `!closed` | the same, once a connection of the run has ended |
 *
 * A URL is `/BEHAVIOUR?run=NAME`; the server keeps a record for each run. BEHAVIOUR is one of `echo`;
 * `refuse` (503); `silent` (the handshake is not answered); `drop` (cut when it is open); `strange`
 * (selects a subprotocol that was not offered).
 */
export class ConformanceServer {
  #server = createServer((_request, response) => response.writeHead(404).end());
  #accepting = new WebSocketServer({ noServer: true, handleProtocols: pickLast });
  #sockets = new Set();
  #runs = new Map();

  static async start() {
    const server = new ConformanceServer();
    server.#server.on("connection", (socket) => {
      server.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => server.#sockets.delete(socket));
    });
    server.#server.on("upgrade", (...handshake) => server.#upgrade(...handshake));
    server.#server.listen(0, "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get url() {
    return `ws://127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #run(name) {
    if (!this.#runs.has(name)) {
      this.#runs.set(name, {
        connections: new Set(),
        downUntil: 0,
        log: emptyLog(),
        closeWaiters: [],
      });
    }
    return this.#runs.get(name);
  }

  #upgrade(request, socket, head) {
    const { pathname, searchParams } = new URL(request.url, "http://host");
    const run = this.#run(searchParams.get("run"));
    run.log.handshakes += 1;
    if (performance.now() < run.downUntil) {
      socket.destroy();
    } else if (pathname === "/refuse") {
      socket.end("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n");
    } else if (pathname !== "/silent") {
      request.isStrange = pathname === "/strange";
      this.#accepting.handleUpgrade(request, socket, head, (connection) => {
        this.#greet(connection, run, socket);
        if (pathname === "/drop") socket.destroy();
      });
    }
  }

  #greet(connection, run, socket) {
    run.connections.add(connection);
    run.log.connections += 1;
    connection.on("error", () => {});
    connection.on("close", (code, reason) => {
      run.connections.delete(connection);
      run.log.closes.push({ code, reason: reason.toString() });
      for (const notify of run.closeWaiters.splice(0)) notify();
    });
    connection.on("message", (data, isBinary) => {
      if (!isBinary && data[0] === "!".charCodeAt(0)) {
        const [, name, rest = ""] = /^!(\w+) ?(.*)$/s.exec(data.toString());
        commands[name]({ connection, run, socket, rest });
      } else {
        // The beginning of a large message is enough.
        run.log.received.push(isBinary ? { bytes: data.length } : data.toString().slice(0, 200));
        connection.send(data, { binary: isBinary });
      }
    });
  }
}

const emptyLog = () => ({ handshakes: 0, connections: 0, received: [], closes: [] });

/** Selects the last subprotocol offered. */
function pickLast(offered, request) {
  return request.isStrange ? "strange" : [...offered].at(-1);
}

const commands = {
  close({ connection, rest }) {
    const [, code, reason] = /^(\d+) ?(.*)$/s.exec(rest);
    if (code === "0") connection.close();
    else connection.close(Number(code), reason);
  },
  cut({ socket }) {
    socket.destroy();
  },
  restart({ run, rest }) {
    run.downUntil = performance.now() + Number(rest);
    for (const connection of run.connections) connection.terminate();
  },
  mute({ connection }) {
    connection.pause();
  },
  pause({ connection, rest }) {
    connection.pause();
    setTimeout(() => connection.resume(), Number(rest));
  },
  say({ connection, rest }) {
    connection.send(rest);
  },
  many({ connection, rest }) {
    for (let i = 0; i < Number(rest); i += 1) connection.send(String(i));
  },
  bytes({ connection, rest }) {
    connection.send(Uint8Array.from({ length: Number(rest) }, (_, place) => place & 255));
  },
  broken({ socket }) {
    // A text frame with one byte that starts no character (RFC 6455 5.2).
    socket.write(Uint8Array.of(0x81, 1, 0xff));
  },
  log({ connection, run }) {
    connection.send(JSON.stringify({ type: "log", ...run.log }));
  },
  closed(command) {
    const { run } = command;
    if (run.log.closes.length > 0) commands.log(command);
    else run.closeWaiters.push(() => commands.log(command));
  },
};
