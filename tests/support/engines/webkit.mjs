// Debian's WebKitGTK, by its WebDriver. That has one session at a time, and a session is a browser:
// each tab has both for itself.

import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../daemon.mjs";
import { findDisplay } from "./display.mjs";
import { Engine, versionOf } from "./engine.mjs";
import { endFolder, endGroup, makeFolder, startGroup } from "./processes.mjs";
import { WebDriverSession } from "./webdriver.mjs";

/** What WebDriver calls the keys that have no character (17.4.2, "normalised key value"). */
const keys = {
  Backspace: "\uE003",
  Tab: "\uE004",
  Enter: "\uE007",
  Shift: "\uE008",
  Control: "\uE009",
  Escape: "\uE00C",
  PageUp: "\uE00E",
  PageDown: "\uE00F",
  End: "\uE010",
  Home: "\uE011",
  ArrowLeft: "\uE012",
  ArrowUp: "\uE013",
  ArrowRight: "\uE014",
  ArrowDown: "\uE015",
  Delete: "\uE017",
};

/** Runs of what its WebDriver can type (group 1), and single characters of what it leaves out. */
const typeable = /([\u0020-\u1FFF\u3000-\uD7FF]+)|./gsu;

class WebKitPage {
  complaints = [];
  #folder = makeFolder("webkit");
  #driver;
  #session;
  /** What the window has around the page, in pixels. */
  #frame;

  static async start(look) {
    const page = new WebKitPage();
    try {
      await page.#begin(look);
    } catch (error) {
      await page.#end();
      throw error;
    }
    return page;
  }

  async #begin({ width, height, lang, dark, reducedMotion }) {
    const port = await freePort();
    const env = await environment(this.#folder, { lang, reducedMotion });
    this.#driver = startGroup("WebKitWebDriver", [`--port=${port}`], { env, stdio: "ignore" });
    this.#session = await WebDriverSession.begin(port, {
      browserName: "MiniBrowser",
      acceptInsecureCerts: true,
      timeouts: { script: 120_000 },
      "webkitgtk:browserOptions": { args: ["--automation", ...(dark ? ["--dark-mode"] : [])] },
    });
    await this.resize(width, height);
  }

  run(expression) {
    return this.#session.evaluate(expression);
  }

  async goto(url) {
    await this.#collect();
    await this.#session.post("/url", { url });
    await this.arrived();
  }

  /** Listens for errors: the browser's console is not told to anybody. */
  async arrived() {
    await this.run(`(() => {
      const key = Symbol.for("complaints");
      if (globalThis[key] !== undefined) return;
      const heard = (globalThis[key] = []);
      addEventListener("error", (event) => {
        if (event.message) heard.push(event.message);
      });
      addEventListener("unhandledrejection", ({ reason }) => heard.push(String(reason)));
      const { error } = console;
      console.error = (...parts) => {
        heard.push(parts.map(String).join(" "));
        error.apply(console, parts);
      };
    })()`);
  }

  async click(selector) {
    await this.#session.post(`${await this.#session.element(selector)}/click`);
  }

  async type(text) {
    const field = await this.#session.focused();
    for (const [part, typed] of text.matchAll(typeable)) {
      if (typed !== undefined) await this.#session.post(`${field}/value`, { text: typed });
      else await this.run(`document.execCommand("insertText", false, ${JSON.stringify(part)})`);
    }
  }

  press(key, held) {
    return this.#session.chord([...held, key].map((one) => keys[one] ?? one));
  }

  async screenshot() {
    return Buffer.from(await this.#session.get("/screenshot"), "base64");
  }

  async resize(width, height) {
    this.#frame ??= await this.run("[outerWidth - innerWidth, outerHeight - innerHeight]");
    const [around, above] = this.#frame;
    const size = { width: width + around, height: height + above };
    await this.#session.post("/window/rect", size);
  }

  async hide() {
    await this.#session.post("/window/minimize");
  }

  /** Another tab would not hide it, but its window does; any new place brings that back. */
  async show() {
    const { width, height } = await this.#session.get("/window/rect");
    await this.#session.post("/window/rect", { width, height });
  }

  async close() {
    await this.#collect();
    await this.#session.end();
    await this.#end();
  }

  async #collect() {
    const heard = await this.run(`globalThis[Symbol.for("complaints")]?.splice(0) ?? []`);
    this.complaints.push(...heard);
  }

  async #end() {
    if (this.#driver) await endGroup(this.#driver);
    endFolder(this.#folder);
  }
}

/** Everything of the browser's own goes into the folder. */
async function environment(folder, { lang, reducedMotion }) {
  const gtk = join(folder, "gtk-3.0");
  mkdirSync(gtk);
  const animations = `[Settings]\ngtk-enable-animations=${reducedMotion ? 0 : 1}\n`;
  writeFileSync(join(gtk, "settings.ini"), animations);
  // Its tool bar would keep the window wider than a phone.
  writeFileSync(join(gtk, "gtk.css"), "* { min-width: 0; padding: 0; margin: 0; }\n");
  // It speaks the language of the locale, which has to exist: it is that of C by another name.
  const locale = `${lang.replace("-", "_")}.UTF-8`;
  symlinkSync("/usr/lib/locale/C.utf8", join(folder, locale));
  return {
    ...process.env,
    DISPLAY: await findDisplay(),
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    XDG_CACHE_HOME: join(folder, "cache"),
    XDG_DATA_HOME: join(folder, "data"),
    XDG_RUNTIME_DIR: folder,
    LOCPATH: folder,
    LC_ALL: locale,
    // It would start a bus for itself, and leave it behind.
    DBUS_SESSION_BUS_ADDRESS: "disabled:",
    NO_AT_BRIDGE: "1",
    // There is no graphics card.
    LIBGL_ALWAYS_SOFTWARE: "1",
  };
}

const [major, minor] = versionOf("webkit2gtk-driver");
export const webkit = new Engine({
  id: "webkit",
  name: `WebKitGTK ${major}.${minor}`,
  canBeOffline: false,
  startPage: (look) => WebKitPage.start(look),
  ownWords: /^WebSocket connection to .* failed/,
});
