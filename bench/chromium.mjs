// Runs modules in headless Chromium. Not with puppeteer, whose debugger receives every frame of a
// WebSocket, which would be part of the measurement.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromiumOptions } from "../scripts/tools.mjs";

const deadlineMilliseconds = 300_000;

/** A page runs one job, posts its result, and opens a page of another site, in a fresh process. */
const page = `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="module">
  const { module, argument } = await (await fetch("/job")).json();
  const answer = {};
  try {
    const { default: run } = await import(module);
    answer.result = await run(argument);
  } catch (error) {
    answer.error = String(error?.stack ?? error);
  }
  const next = await fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
  location.replace(await next.text());
</script>`;

export class Chromium {
  #modules = {};
  #server;
  #browser;
  #profile;
  #pages = 0;
  /** The pending job, the request of the page that waits for one, and the promise of the result. */
  #job;
  #idle;
  #settle;
  /** The reason why the browser has ended. */
  #ended;
  #cleanUp = () => this.#killBrowser();

  static async start() {
    const chromium = new Chromium();
    await chromium.#start();
    return chromium;
  }

  async #start() {
    this.#server = createServer((request, response) => this.#serve(request, response));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.#profile = mkdtempSync(join(tmpdir(), "steadysocket-bench-"));
    process.once("exit", this.#cleanUp);
    this.#browser = spawn(
      chromiumOptions.executablePath,
      [
        ...chromiumOptions.args,
        "--headless=new",
        "--disable-background-timer-throttling",
        "--disable-renderer-backgrounding",
        `--user-data-dir=${this.#profile}`,
        this.#nextPage(),
      ],
      // A process group of its own, so that all of it can be killed.
      { stdio: "ignore", detached: true },
    );
    const end = (error) => {
      this.#ended = error;
      this.#settle?.reject(error);
    };
    this.#browser.on("error", end);
    this.#browser.on("exit", () => end(new Error("Chromium ended")));
  }

  #nextPage() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return `http://page-${++this.#pages}.localhost:${port}/`;
  }

  /** Makes a module importable in the page. */
  serve(path, text) {
    this.#modules[path] = text;
  }

  /** Calls the default export of a module in a fresh page, and returns what it resolves with. */
  async run(module, argument) {
    if (this.#ended) throw this.#ended;
    let timer;
    try {
      return await new Promise((resolve, reject) => {
        this.#settle = { resolve, reject };
        timer = setTimeout(
          () => reject(new Error(`no answer from ${module} in Chromium`)),
          deadlineMilliseconds,
        );
        this.#job = JSON.stringify({ module, argument });
        this.#handOut();
      });
    } finally {
      clearTimeout(timer);
      this.#settle = undefined;
    }
  }

  #handOut() {
    if (this.#job === undefined || this.#idle === undefined) return;
    this.#idle.end(this.#job);
    this.#job = this.#idle = undefined;
  }

  async #serve(request, response) {
    // Cross-origin isolated for a clock of 5 microseconds; not cached, so every page fetches it.
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    response.setHeader("Cache-Control", "no-store");
    if (request.url === "/") {
      response.setHeader("Content-Type", "text/html");
      response.end(page);
    } else if (request.url === "/job") {
      this.#idle = response;
      this.#handOut();
    } else if (request.url === "/answer") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      const { result, error } = JSON.parse(Buffer.concat(chunks).toString());
      response.end(this.#nextPage());
      if (error === undefined) this.#settle?.resolve(result);
      else this.#settle?.reject(new Error(`in Chromium: ${error}`));
    } else {
      const text = this.#modules[request.url];
      const type = request.url.endsWith(".wasm") ? "application/wasm" : "text/javascript";
      response.setHeader("Content-Type", type);
      response.statusCode = text === undefined ? 404 : 200;
      response.end(text);
    }
  }

  #killBrowser() {
    try {
      if (this.#browser.pid !== undefined) process.kill(-this.#browser.pid, "SIGKILL");
    } catch {
      // It has already exited.
    }
    try {
      rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
    } catch {
      // A process that is still exiting has written to it: the temporary folder remains.
    }
  }

  async stop() {
    process.off("exit", this.#cleanUp);
    const { pid, exitCode, signalCode } = this.#browser;
    const runs = pid !== undefined && exitCode === null && signalCode === null;
    const exited = runs ? once(this.#browser, "exit") : undefined;
    this.#killBrowser();
    await exited;
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
