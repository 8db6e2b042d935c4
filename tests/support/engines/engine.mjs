// What the engines share: how a test opens a tab, and what becomes of the errors in its page.
import { spawnSync } from "node:child_process";
import { addPages } from "../pages.mjs";
import { Tab } from "./tab.mjs";

/**
 * What a browser shows itself as.
 * @typedef {object} Look
 * @property {number} width - of the page, in CSS pixels. 1024 by default.
 * @property {number} height - 768 by default.
 * @property {string} lang - a BCP 47 tag, "en-US" by default.
 * @property {boolean} dark - prefers-color-scheme. False by default.
 * @property {boolean} reducedMotion - prefers-reduced-motion. False by default.
 */
const plain = { width: 1024, height: 768, lang: "en-US", dark: false, reducedMotion: false };

export class Engine {
  /** @type {string} "chromium", "firefox" or "webkit" */
  id;
  /** @type {string} for the names of tests, with the version */
  name;
  /** Whether tab.setOffline() is there. */
  canBeOffline;
  #startPage;
  #ownWords;

  /**
   * @param startPage - begins a fresh session, with cookies and storage of its own, and resolves to
   * its blank page: what Tab is made on.
   * @param {RegExp} ownWords - what the browser itself reports as an error when a connection fails,
   * which is not the page's fault.
   */
  constructor({ id, name, canBeOffline, startPage, ownWords }) {
    Object.assign(this, { id, name, canBeOffline });
    this.#startPage = startPage;
    this.#ownWords = ownWords;
  }

  /**
   * Opens a page in a fresh session. It is closed when the test ends, before servers stop that were
   * started earlier (see pages.mjs). The test fails if the page reports an error other than what
   * `tab.expected` matches.
   * @param {Partial<Look>} look
   * @returns {Promise<Tab>}
   */
  async open(t, url, look = {}) {
    const page = await this.#startPage({ ...plain, ...look });
    const tab = new Tab(this, page);
    tab.expected.push(this.#ownWords);
    addPages(t, tab);
    t.after(async () => {
      await tab.close();
      const complaints = tab.complaints();
      if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
    });
    await tab.goto(url);
    return tab;
  }
}

/** A Debian package's version: what its browser is, known before that runs. */
export function versionOf(debianPackage) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: that is dpkg's own.
  const args = ["--show", "--showformat=${Version}", debianPackage];
  const { stdout, stderr } = spawnSync("dpkg-query", args, { encoding: "utf8" });
  if (!stdout) throw new Error(`dpkg-query: ${stderr}`);
  return stdout.split(".");
}
