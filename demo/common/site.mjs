// Serves the page and its files over HTTP.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { finished } from "node:stream/promises";

/** Files shared by all pages. */
const shared = new URL("page/", import.meta.url);
export const packageFile = new URL("../../dist/steadysocket.js", import.meta.url);

const types = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  json: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  wasm: "application/wasm",
  webmanifest: "application/manifest+json",
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

/** Requests of one connection that may wait for earlier responses; with more it is terminated. */
const mostWaiting = 16;

/** The path of a request without its query; the target need not be a valid URL. */
export function pathOf(request) {
  return request.url.split("?", 1)[0];
}

/**
 * @typedef {object} Content
 * @property {string} version Changes with the file.
 * @property {Promise<{ body: Buffer, tag: string }>} read
 */

/**
 * An answer in JSON. `whenSent` is called when the response has left.
 * @typedef {{ status: number, body: object, whenSent?: () => void }} Answer
 * @typedef {(request: import("node:http").IncomingMessage) => Promise<Answer>} Route
 */

/** @typedef {{ waiting: number, last: Promise<void> }} Turns */

export class Site {
  /** The files, by path. */
  #files = new Map();
  /** File contents by file, until it changes. */
  #contents = new Map();
  /** The pending responses, by connection. */
  #turns = new WeakMap();
  #routes;
  #health;
  #logger;

  /**
   * @param {object} options
   * @param {URL} options.page The folder of the page, with an index.html.
   * @param {Record<string, URL>} options.files Other files, by path.
   * @param {Record<string, Route>} [options.routes] By path, for GET and POST.
   * @param {() => { status: string }} options.health The response of /healthz.
   * @param {import("pino").Logger} options.logger
   */
  constructor({ page, files, routes = {}, health, logger }) {
    this.#routes = new Map(Object.entries(routes));
    this.#health = health;
    this.#logger = logger;
    for (const [path, file] of Object.entries(files)) this.#files.set(path, file);
    for (const folder of [shared, page]) this.#addFolder(folder);
    this.#files.set("/", new URL("index.html", page));
  }

  #addFolder(folder) {
    for (const name of readdirSync(folder)) {
      const [, extension] = /^[a-z0-9][a-z0-9-]*\.([a-z]+)$/.exec(name) ?? [];
      if (Object.hasOwn(types, extension ?? "")) this.#files.set(`/${name}`, new URL(name, folder));
    }
  }

  /**
   * One response at a time per connection: a client that requests much and reads nothing makes the
   * server prepare one response only.
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async serve(request, response) {
    const { socket } = request;
    if (socket.destroyed) return;
    const turns = this.#turns.get(socket) ?? { waiting: 0, last: Promise.resolve() };
    this.#turns.set(socket, turns);
    if (turns.waiting > mostWaiting) {
      this.#logger.info("terminated a connection with too many requests at once");
      socket.destroy();
      return;
    }
    turns.waiting += 1;
    turns.last = turns.last.then(async () => {
      if (!socket.destroyed) await this.#answer(request, response);
      turns.waiting -= 1;
    });
    await turns.last;
  }

  /** Resolves when the response has been sent, or cannot be. */
  async #answer(request, response) {
    const gone = finished(response).catch(() => {});
    const path = pathOf(request);
    const file = this.#files.get(path);
    const route = this.#routes.get(path);
    if (route !== undefined && ["GET", "POST"].includes(request.method)) {
      const { status, body, whenSent } = await route(request);
      if (whenSent !== undefined) response.on("finish", whenSent);
      sendJson(response, status, body);
    } else if (!["GET", "HEAD"].includes(request.method))
      say(response, 405, "only GET", { Allow: "GET, HEAD" });
    else if (path === "/healthz") this.#sendHealth(response);
    else if (file === undefined) say(response, 404, "not found");
    else await this.#serveFile(file, request, response);
    await gone;
  }

  async #serveFile(file, request, response) {
    let content;
    try {
      content = await this.#contentOf(file);
    } catch (err) {
      this.#logger.error({ err }, "cannot read a file of the page");
      say(response, 500, "cannot read the file");
      return;
    }
    const { body, tag } = content;
    if (request.headers["if-none-match"] === tag) {
      response.writeHead(304, { ...headers, ETag: tag }).end();
      return;
    }
    const type = types[file.pathname.split(".").at(-1)];
    const about = { "Content-Type": type, "Content-Length": body.length, ETag: tag };
    response.writeHead(200, { ...headers, ...about }).end(body);
  }

  /** All clients are sent the same bytes, which are read again when the file has changed. */
  async #contentOf(file) {
    const { mtimeMs, size, ino } = await stat(file);
    const version = [mtimeMs, size, ino].join();
    const known = this.#contents.get(file);
    if (known?.version === version) return known.read;
    const content = { version, read: readTagged(file) };
    this.#contents.set(file, content);
    content.read.catch(() => this.#contents.delete(file));
    return content.read;
  }

  #sendHealth(response) {
    const health = this.#health();
    sendJson(response, health.status === "ok" ? 200 : 503, health);
  }
}

async function readTagged(file) {
  const body = await readFile(file);
  return { body, tag: `"${createHash("sha256").update(body).digest("base64url")}"` };
}

function sendJson(response, status, body) {
  response.writeHead(status, {
    ...headers,
    "Content-Type": "application/json",
    "Cache-Control": "no-store",
  });
  response.end(`${JSON.stringify(body)}\n`);
}

function say(response, status, text, more = {}) {
  response.writeHead(status, { ...headers, "Content-Type": "text/plain", ...more });
  response.end(`${text}\n`);
}
