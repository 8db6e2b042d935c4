// The demo for browser tests: its server, and people at its page.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openPage } from "./browser.mjs";
import { closePages } from "./pages.mjs";

export const serverScript = fileURLToPath(
  new URL("../../demo/chat/server/main.mjs", import.meta.url),
);
const screenshots = fileURLToPath(new URL("../../build/screenshots/", import.meta.url));
mkdirSync(screenshots, { recursive: true });

/** The demo's server as `npm start` runs it, to be killed and started again on its port. */
export class ChatServer {
  port = 0;
  #child;

  static async start(t) {
    const server = new ChatServer();
    t.after(async () => {
      await closePages(t);
      await server.kill();
    });
    await server.restart();
    return server;
  }

  get url() {
    return `http://localhost:${this.port}/`;
  }

  async restart() {
    this.#child = spawn(process.execPath, [serverScript], {
      env: { ...process.env, PORT: String(this.port) },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of this.#child.stdout.iterator({ destroyOnReturn: false })) {
      const match = /http:\/\/localhost:(\d+)\//.exec(String(line));
      if (match === null) continue;
      this.port = Number(match[1]);
      this.#child.stdout.resume();
      return;
    }
    throw new Error("the chat's server ended");
  }

  async kill(signal = "SIGKILL") {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill(signal);
    await once(this.#child, "exit");
  }
}

/** Somebody at the page. */
export class Person {
  constructor(page, name) {
    this.page = page;
    this.name = name;
  }

  static async join(t, server, name, options) {
    const page = await openPage(t, options);
    await page.goto(server.url);
    await page.getByLabel("Your name").fill(name);
    await page.getByLabel("Your name").press("Enter");
    const person = new Person(page, name);
    await person.sees(`Welcome, ${name}.`);
    return person;
  }

  async says(text) {
    await this.page.getByLabel("Message").fill(text);
    await this.page.getByLabel("Message").press("Enter");
  }

  async sees(text) {
    await this.page.getByText(text, { exact: false }).first().waitFor();
  }

  async isIn(state) {
    await this.page.locator(`#status[data-state="${state}"]`).waitFor();
  }

  /** The texts of the confirmed messages, in order. */
  texts() {
    return this.page.locator("#messages .text").allTextContents();
  }

  waiting() {
    return this.page.locator('#pending [data-delivery="waiting"] .text').allTextContents();
  }

  /** Resolves when the last confirmed message is this one. */
  async hasHeard(text) {
    await this.page
      .locator("#messages > li:has(.text)")
      .last()
      .locator(".text", { hasText: text })
      .waitFor();
  }

  screenshot(name) {
    return this.page.screenshot({ path: `${screenshots}${name}.png` });
  }
}
