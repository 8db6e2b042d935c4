// The chat's server: HTTP for the page, WebSocket at /chat. See docs/chat-protocol.md.
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { batchProtocol, Client } from "./connection.mjs";

const limits = {
  frameBytes: 16 * 1024,
  nameLength: 32,
  messageLength: 2000,
  refLength: 64,
  keyLength: 64,
  connections: 1000,
  /** Messages that somebody who joins, or is back, is given. */
  history: 50,
};

/** Close codes of RFC 6455 7.4.1 and the IANA registry. */
const closeCodes = { policyViolation: 1008, restart: 1012 };

const files = {
  "/": ["../page/index.html", "text/html; charset=utf-8"],
  "/app.js": ["../page/app.js", "text/javascript; charset=utf-8"],
  "/style.css": ["../page/style.css", "text/css; charset=utf-8"],
  "/icon.svg": ["../page/icon.svg", "image/svg+xml"],
  "/steadysocket.js": ["../../../dist/steadysocket.js", "text/javascript; charset=utf-8"],
};

const headers = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};

async function serveFile(request, response) {
  const path = pathOf(request);
  const file = Object.hasOwn(files, path) ? files[path] : undefined;
  const isRead = request.method === "GET" || request.method === "HEAD";
  if (file === undefined || !isRead) {
    response.writeHead(isRead ? 404 : 405, { ...headers, "Content-Type": "text/plain" });
    response.end(isRead ? "not found\n" : "only GET\n");
    return;
  }
  const [name, type] = file;
  try {
    const body = await readFile(new URL(name, import.meta.url));
    response.writeHead(200, { ...headers, "Content-Type": type, "Content-Length": body.length });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch (error) {
    console.error(`cannot serve ${path}: ${error.message}`);
    response.writeHead(500, { ...headers, "Content-Type": "text/plain" });
    response.end("cannot read the file\n");
  }
}

/** A request's path, without its query; whatever it is, it does not have to be a URL. */
function pathOf(request) {
  return request.url.split("?", 1)[0];
}

/**
 * A page of another site must not use its visitor's browser to chat here, not even by giving its
 * own name this machine's address.
 */
function isForeign(request) {
  const { origin, host = "" } = request.headers;
  const isLocal = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host);
  return !isLocal || (origin !== undefined && origin !== `http://${host}`);
}

/**
 * A text without what cannot be seen and what turns the direction of the line around it, trimmed;
 * undefined if nothing or too much is left.
 */
function cleanText(value, maxLength) {
  if (typeof value !== "string") return undefined;
  const hidden = /(?![\n\t])\p{Cc}|[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;
  const text = value.replace(hidden, "").trim();
  return text.length > 0 && text.length <= maxLength ? text : undefined;
}

/** Everybody who is here, and what they say to each other. */
class ChatRoom {
  #clients = new Set();
  /** The clients who have joined, and who they are. */
  #members = new Map();
  #history = [];

  get online() {
    return this.#members.size;
  }

  add(socket) {
    const client = new Client(
      socket,
      (message) => this.#receive(client, message),
      () => this.#leave(client),
    );
    this.#clients.add(client);
  }

  /** Tells everybody to go. */
  close(code, reason) {
    for (const client of this.#clients) client.close(code, reason);
  }

  #receive(client, message) {
    const handlers = { join: this.#join, chat: this.#chat, ping: this.#pong };
    const type = message?.type;
    if (typeof type !== "string" || !Object.hasOwn(handlers, type)) {
      this.#send(client, {
        type: "error",
        reason: "expected a JSON object of type join, chat or ping",
      });
      return;
    }
    handlers[type].call(this, client, message);
  }

  #join(client, { userName, key }) {
    const name = cleanText(userName, limits.nameLength);
    if (name === undefined) {
      this.#send(client, {
        type: "error",
        reason: `a name has 1 to ${limits.nameLength} characters`,
      });
      client.close(closeCodes.policyViolation, "no usable name");
      return;
    }
    if (this.#members.has(client)) return;
    const author = cleanText(key, limits.keyLength);
    this.#members.set(client, { userName: name, author });
    const time = new Date().toISOString();
    const member = { userName: name, online: this.online, time };
    const history = this.#history.map((entry) => this.#shownTo(author, entry));
    this.#send(client, { type: "welcome", ...member, history });
    this.#broadcast({ type: "user-join", ...member }, client);
  }

  #chat(client, { message, ref }) {
    const member = this.#members.get(client);
    const text = cleanText(message, limits.messageLength);
    if (member === undefined || text === undefined) {
      const reason = member
        ? `a message has 1 to ${limits.messageLength} characters`
        : "join first";
      this.#send(client, { type: "error", reason, ref });
      return;
    }
    const chat = {
      type: "chat-message",
      id: randomUUID(),
      userName: member.userName,
      message: text,
      time: new Date().toISOString(),
    };
    const entry = { chat, author: member.author, ref: cleanText(ref, limits.refLength) };
    this.#history.push(entry);
    if (this.#history.length > limits.history) this.#history.shift();
    this.#broadcast(chat, client);
    this.#send(client, { ...chat, ref: entry.ref });
  }

  #pong(client) {
    this.#send(client, { type: "pong" });
  }

  /** Only its author, who is known by a key, is told the reference: it confirms the message. */
  #shownTo(author, entry) {
    const isAuthor = author !== undefined && author === entry.author;
    return isAuthor ? { ...entry.chat, ref: entry.ref } : entry.chat;
  }

  #leave(client) {
    this.#clients.delete(client);
    const member = this.#members.get(client);
    if (!this.#members.delete(client)) return;
    const { userName } = member;
    const time = new Date().toISOString();
    this.#broadcast({ type: "user-leave", userName, online: this.online, time });
  }

  #send(client, message) {
    client.send(JSON.stringify(message));
  }

  #broadcast(message, except) {
    const text = JSON.stringify(message);
    for (const client of this.#members.keys()) {
      if (client !== except) client.send(text);
    }
  }
}

/**
 * Starts a chat server; port 0 takes a free one. Resolves when it listens.
 *
 * @param {{ port?: number, host?: string }} [options]
 */
export async function startChatServer({ port = 0, host = "127.0.0.1" } = {}) {
  const room = new ChatRoom();
  const server = createServer((request, response) => void serveFile(request, response));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    handleProtocols: (offered) => offered.has(batchProtocol) && batchProtocol,
  });

  /** Every connection, also those that say nothing, which would keep the server from closing. */
  const connections = new Set();
  server.on("connection", (connection) => {
    connections.add(connection);
    connection.on("close", () => connections.delete(connection));
  });

  server.on("upgrade", (request, socket, head) => {
    const refuse = (status) => {
      socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`, () => socket.destroy());
    };
    socket.on("error", () => socket.destroy());
    if (pathOf(request) !== "/chat") {
      refuse("404 Not Found");
    } else if (isForeign(request)) {
      refuse("403 Forbidden");
    } else if (sockets.clients.size >= limits.connections) {
      refuse("503 Service Unavailable");
    } else {
      sockets.handleUpgrade(request, socket, head, (webSocket) => room.add(webSocket));
    }
  });

  server.listen(port, host);
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());

  return {
    port: address.port,
    url: `http://localhost:${address.port}/`,
    /** Says goodbye to everybody and stops. */
    async close() {
      room.close(closeCodes.restart, "the server stops; retry-after=0");
      const grace = setTimeout(() => {
        for (const connection of connections) connection.destroy();
      }, 1000);
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
      clearTimeout(grace);
    },
  };
}

/** Serves the chat on $PORT, or 8080, until it is told to stop. */
export async function main() {
  const port = Number(process.env.PORT ?? 8080);
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    console.error(`chat: PORT must be a number from 0 to 65535, not "${process.env.PORT}"`);
    process.exit(1);
  }
  let server;
  try {
    server = await startChatServer({ port });
  } catch (error) {
    console.error(
      error.code === "EADDRINUSE"
        ? `chat: port ${port} is in use; choose another: PORT=${port + 1} npm start`
        : `chat: cannot listen on port ${port}: ${error.message}`,
    );
    process.exit(1);
  }
  console.log(`chat: open ${server.url} in two windows and talk; stop with Ctrl-C`);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, async () => {
      console.log("chat: stopping");
      await server.close();
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
