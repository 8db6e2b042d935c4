// The page and what it is made of, over HTTP.
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** Files of every page. */
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

/** A request's path, without its query; whatever it is, it does not have to be a URL. */
export function pathOf(request) {
  return request.url.split("?", 1)[0];
}

export class Site {
  /** Paths, and the files that they are. @type {Map<string, URL>} */
  #files = new Map();
  #health;
  #logger;

  /**
   * @param {object} options
   * @param {URL} options.page The folder of the page, with an index.html.
   * @param {Record<string, URL>} options.files Others, by their paths.
   * @param {() => { status: string }} options.health What /healthz tells.
   * @param {import("pino").Logger} options.logger
   */
  constructor({ page, files, health, logger }) {
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
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:http").ServerResponse} response
   */
  async serve(request, response) {
    const path = pathOf(request);
    const file = this.#files.get(path);
    if (!["GET", "HEAD"].includes(request.method))
      say(response, 405, "only GET", { Allow: "GET, HEAD" });
    else if (path === "/healthz") this.#tellHealth(response);
    else if (file === undefined) say(response, 404, "not found");
    else await this.#serveFile(file, request, response);
  }

  async #serveFile(file, request, response) {
    let body;
    try {
      body = await readFile(file);
    } catch (err) {
      this.#logger.error({ err }, "cannot read a file of the page");
      say(response, 500, "cannot read the file");
      return;
    }
    const tag = `"${createHash("sha256").update(body).digest("base64url")}"`;
    if (request.headers["if-none-match"] === tag) {
      response.writeHead(304, { ...headers, ETag: tag }).end();
      return;
    }
    const type = types[file.pathname.split(".").at(-1)];
    const about = { "Content-Type": type, "Content-Length": body.length, ETag: tag };
    response.writeHead(200, { ...headers, ...about }).end(body);
  }

  #tellHealth(response) {
    const health = this.#health();
    response.writeHead(health.status === "ok" ? 200 : 503, {
      ...headers,
      "Content-Type": "application/json",
      "Cache-Control": "no-store",
    });
    response.end(`${JSON.stringify(health)}\n`);
  }
}

function say(response, status, text, more = {}) {
  response.writeHead(status, { ...headers, "Content-Type": "text/plain", ...more });
  response.end(`${text}\n`);
}
