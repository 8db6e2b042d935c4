// WebKitGTK, by its WebDriver. A driver has one session, which is one browser, so each tab starts
// its own driver.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Builder, Key } from "selenium-webdriver";
import { waitForServer } from "selenium-webdriver/http/util.js";
import { webkitDriverFile } from "../../../scripts/tools.mjs";
import { freePort } from "../daemon.mjs";
import { deadline } from "../until.mjs";
import { endGroup, makeFolder, removeFolder, startGroup } from "./cleanup.mjs";
import { findDisplay } from "./display.mjs";
import { Engine } from "./engine.mjs";

/** WebDriver's code of a key: "ArrowLeft" is ARROW_LEFT. */
const codeOf = (key) => Key[key.replace(/\B[A-Z]/g, "_$&").toUpperCase()] ?? key;

/** Splits a string: parts that WebDriver can type (group 1), and characters that it cannot. */
const typeable = /([\u0020-\u1FFF\u3000-\uD7FF]+)|./gsu;

class WebKitPage {
  complaints = [];
  #folder = makeFolder("webkit");
  #process;
  #driver;
  /** The size of the window's frame, in pixels. */
  #frame;

  static async start(look = {}) {
    const page = new WebKitPage();
    try {
      await page.#begin(look);
      if (look.width) await page.resize(look.width, look.height);
    } catch (error) {
      page.#end();
      throw error;
    }
    return page;
  }

  async #begin({ lang = "en-US", dark, reducedMotion }) {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const env = await environment(this.#folder, { lang, reducedMotion });
    this.#process = startGroup(webkitDriverFile(), [`--port=${port}`], { env, stdio: "ignore" });
    await waitForServer(url, deadline);
    // With the address of a driver, Selenium does not look for one, or download it.
    this.#driver = await new Builder()
      .disableEnvironmentOverrides()
      .usingServer(url)
      .withCapabilities({
        browserName: "MiniBrowser",
        acceptInsecureCerts: true,
        timeouts: { script: deadline, pageLoad: deadline },
        "webkitgtk:browserOptions": { args: ["--automation", ...(dark ? ["--dark-mode"] : [])] },
      })
      .build();
  }

  async version() {
    return (await this.#driver.getCapabilities()).getBrowserVersion();
  }

  run(expression) {
    return this.#driver.executeScript(`return ${expression}`);
  }

  async goto(url) {
    await this.#collect();
    await this.#driver.get(url);
    await this.arrived();
  }

  /**
   * Navigates by the driver, which waits for the next document: a script that still runs when its
   * document enters the back/forward cache never ends.
   * @param {"reload" | "back"} how
   */
  async leave(how) {
    await this.#collect();
    await (how === "back" ? this.#driver.navigate().back() : this.#driver.navigate().refresh());
  }

  /** Listens for errors: WebDriver does not report the browser's console. */
  async arrived() {
    await this.run(`(() => {
      const key = Symbol.for("complaints");
      if (globalThis[key] !== undefined) return;
      const errors = (globalThis[key] = []);
      addEventListener("error", (event) => {
        if (event.message) errors.push(event.message);
      });
      addEventListener("unhandledrejection", ({ reason }) => errors.push(String(reason)));
      const { error } = console;
      console.error = (...parts) => {
        errors.push(parts.map(String).join(" "));
        error.apply(console, parts);
      };
    })()`);
  }

  async click(expression) {
    await (await this.run(expression)).click();
  }

  async type(text) {
    const field = await this.#driver.switchTo().activeElement();
    for (const [part, typed] of text.matchAll(typeable)) {
      if (typed !== undefined) await field.sendKeys(typed);
      else await this.run(`document.execCommand("insertText", false, ${JSON.stringify(part)})`);
    }
  }

  async press(key, held) {
    const actions = this.#driver.actions();
    const keys = [...held, key].map(codeOf);
    for (const one of keys) actions.keyDown(one);
    for (const one of keys.toReversed()) actions.keyUp(one);
    await actions.perform();
  }

  async screenshot() {
    return Buffer.from(await this.#driver.takeScreenshot(), "base64");
  }

  async resize(width, height) {
    this.#frame ??= await this.run("[outerWidth - innerWidth, outerHeight - innerHeight]");
    const [around, above] = this.#frame;
    await this.#window.setRect({ width: width + around, height: height + above });
  }

  async hide() {
    await this.#window.minimize();
  }

  /** Undoes hide(): a new position restores a minimized window. (Another tab hides no page.) */
  async show() {
    const { width, height } = await this.#window.getRect();
    await this.#window.setRect({ width, height });
  }

  async close() {
    try {
      await this.#collect();
      await this.#driver.quit();
    } finally {
      this.#end();
    }
  }

  get #window() {
    return this.#driver.manage().window();
  }

  async #collect() {
    const errors = await this.run(`globalThis[Symbol.for("complaints")]?.splice(0) ?? []`);
    this.complaints.push(...errors);
  }

  #end() {
    if (this.#process) endGroup(this.#process);
    removeFolder(this.#folder);
  }
}

/** All files of the browser are in the folder. */
async function environment(folder, { lang, reducedMotion }) {
  const gtk = join(folder, "gtk-3.0");
  mkdirSync(gtk);
  const animations = `[Settings]\ngtk-enable-animations=${reducedMotion ? 0 : 1}\n`;
  writeFileSync(join(gtk, "settings.ini"), animations);
  // The tool bar would keep the window wider than a phone.
  writeFileSync(join(gtk, "gtk.css"), "* { min-width: 0; padding: 0; margin: 0; }\n");
  // The language is that of the locale, which has to exist: it is the C locale by another name.
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
    // Otherwise it starts a bus, and leaves it running.
    DBUS_SESSION_BUS_ADDRESS: "disabled:",
    NO_AT_BRIDGE: "1",
    // There is no graphics card.
    LIBGL_ALWAYS_SOFTWARE: "1",
  };
}

async function readName() {
  const page = await WebKitPage.start();
  const version = await page.version();
  await page.close();
  return `WebKitGTK ${version.split(".").slice(0, 2).join(".")}`;
}

// The browser has no option for its version that works without a screen, so a session reports it.
const name = await readName();
export const webkit = new Engine({
  id: "webkit",
  readName: () => name,
  canBeOffline: false,
  refusedConnection: /^WebSocket connection to .* failed/,
  startPage: (look) => WebKitPage.start(look),
});
