// The part that engines share: opens tabs for a test, and fails it if a page reports an error.
import { spawnSync } from "node:child_process";
import { afterEach } from "node:test";
import { Tab } from "./tab.mjs";

/**
 * Settings of a browser.
 * @typedef {object} Look
 * @property {number} width - of the page, in CSS pixels. Default: 1024.
 * @property {number} height - Default: 768.
 * @property {string} lang - a BCP 47 tag. Default: "en-US".
 * @property {boolean} dark - prefers-color-scheme. Default: false.
 * @property {boolean} reducedMotion - prefers-reduced-motion. Default: false.
 * @property {string} timeZone - in Chromium. Default: that of this process.
 * @property {boolean} touch - in Chromium, whether there is a touch screen. Default: false.
 */
const plain = { width: 1024, height: 768, lang: "en-US", dark: false, reducedMotion: false };

/** The open tabs of each test. */
const tabs = new WeakMap();

// Not a hook of the test itself: if such a hook throws, Node skips the hooks after it, servers keep
// running, and the process never ends.
afterEach(async (t) => {
  const open = tabs.get(t) ?? [];
  // Before the hooks that stop servers: a page reports a lost server as an error.
  await Promise.all(open.map((tab) => tab.close()));
  const complaints = open.flatMap((tab) => tab.complaints());
  if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
});

export class Engine {
  /** @type {"chromium" | "firefox" | "webkit"} */
  id;
  /** True if tab.setOffline() is supported. */
  canBeOffline;
  /** Matches the error that the browser reports when a connection fails. */
  refusedConnection;
  #readName;
  #startPage;
  #name;

  /**
   * @param {() => string} options.readName - with the version, for the names of tests.
   * @param options.startPage - begins a session with cookies and storage of its own, and resolves
   * to its blank page: the part of Tab that differs between engines.
   */
  constructor({ readName, startPage, ...members }) {
    Object.assign(this, members);
    this.#readName = readName;
    this.#startPage = startPage;
  }

  get name() {
    this.#name ??= this.#readName();
    return this.#name;
  }

  /**
   * Opens a page in a new session, which ends with the test. The test fails if the page reports an
   * error or a warning that `tab.expected` does not match.
   * @param {string} [url]
   * @param {Partial<Look>} [look]
   * @returns {Promise<Tab>}
   */
  async open(t, url, look = {}) {
    const tab = await this.start(look);
    tabs.set(t, [...(tabs.get(t) ?? []), tab]);
    if (url !== undefined) await tab.goto(url);
    return tab;
  }

  /** Same for more than one test: the caller closes the tab and checks complaints(). */
  async start(look = {}) {
    return new Tab(this, await this.#startPage({ ...plain, ...look }));
  }
}

/** The first two numbers of a browser's version. */
export function versionOf(file) {
  const { stdout, error } = spawnSync(file, ["--version"], { encoding: "utf8" });
  const found = /(\d+)\.(\d+)/.exec(stdout);
  if (found === null) throw new Error(`no version of ${file}`, { cause: error });
  return found.slice(1);
}
