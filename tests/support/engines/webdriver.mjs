// A session of a W3C WebDriver: no more of it than the tests need (https://www.w3.org/TR/webdriver2/).
import { setTimeout as delay } from "node:timers/promises";

const elementKey = "element-6066-11e4-a52e-4f735466cecf";

export class WebDriverSession {
  #base;

  /** Begins one, as soon as the driver on this port listens. */
  static async begin(port, capabilities) {
    const session = new WebDriverSession();
    const origin = `http://127.0.0.1:${port}`;
    await untilListening(origin);
    const { sessionId } = await call("POST", `${origin}/session`, {
      capabilities: { alwaysMatch: capabilities },
    });
    session.#base = `${origin}/session/${sessionId}`;
    return session;
  }

  get(path) {
    return call("GET", this.#base + path);
  }

  post(path, body = {}) {
    return call("POST", this.#base + path, body);
  }

  end() {
    return call("DELETE", this.#base);
  }

  /** The value of an expression, or of its promise. */
  evaluate(expression) {
    return this.post("/execute/sync", { script: `return ${expression}`, args: [] });
  }

  /** The path of the first such element. */
  async element(selector) {
    const found = await this.post("/element", { using: "css selector", value: selector });
    return `/element/${found[elementKey]}`;
  }

  /** The path of the element that has the focus. */
  async focused() {
    return `/element/${(await this.get("/element/active"))[elementKey]}`;
  }

  /** Presses the keys one after the other, and lets go of them in reverse. */
  async chord(keys) {
    const down = keys.map((value) => ({ type: "keyDown", value }));
    const up = keys.toReversed().map((value) => ({ type: "keyUp", value }));
    await this.post("/actions", {
      actions: [{ type: "key", id: "keyboard", actions: [...down, ...up] }],
    });
  }
}

async function call(method, url, body) {
  const response = await fetch(url, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebDriver ${method} ${url}: ${value.error}: ${value.message}`);
  return value;
}

async function untilListening(origin) {
  for (let tries = 0; ; ++tries) {
    try {
      await call("GET", `${origin}/status`);
      return;
    } catch (error) {
      if (tries === 500) throw new Error("the WebDriver does not listen", { cause: error });
      await delay(20);
    }
  }
}
