// The controls of the bad network: see server/network. They speak to the server by HTTP, beside the
// socket under test.
import { find, setText } from "./dom.js";

const effects = {
  cut: "The link is cut for 3 s: the socket retries.",
  silence: "Nothing arrives or leaves: the heartbeat has to find out.",
  kill: "The server is killed, and starts again after 2 s.",
};

/** Resolves to true if the server has controls. */
export async function hasControls() {
  const response = await fetch("network");
  return (await response.json()).isOn;
}

export class NetworkControls {
  #socket;
  #line;
  #delay = { latency: 0, jitter: 0 };
  /** The order whose effect is being measured. */
  #pending;

  /** @param {string} line The name of this page's connections. */
  constructor(socket, line) {
    this.#socket = socket;
    this.#line = line;
    find("network").hidden = false;
    for (const button of find("network").querySelectorAll("button[data-latency]")) {
      button.addEventListener("click", () => this.#setDelay(button));
    }
    for (const name of Object.keys(effects)) {
      find(name).addEventListener("click", () => this.#disturb(name));
    }
    socket.addEventListener("statechange", () => this.#measure());
    // A killed server has forgotten it.
    socket.addEventListener("open", () => {
      if (this.#delay.latency > 0) void this.#order({ do: "delay", ...this.#delay });
    });
  }

  async #setDelay(button) {
    const { latency, jitter } = button.dataset;
    this.#delay = { latency: Number(latency), jitter: Number(jitter) };
    for (const one of find("network").querySelectorAll("button[data-latency]")) {
      one.setAttribute("aria-pressed", String(one === button));
    }
    await this.#order({ do: "delay", ...this.#delay });
  }

  async #disturb(name) {
    this.#pending = { began: performance.now(), noticed: undefined };
    setText(find("network-note"), effects[name]);
    await this.#order({ do: name });
  }

  /** Shows when the socket noticed, and when it was connected again. */
  #measure() {
    if (this.#pending === undefined) return;
    const { began, noticed } = this.#pending;
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    if (this.#socket.state === "open") {
      if (noticed === undefined) return;
      this.#pending = undefined;
      setText(
        find("network-note"),
        `Noticed after ${noticed} s, connected again after ${seconds} s.`,
      );
    } else if (noticed === undefined) {
      this.#pending.noticed = seconds;
      setText(find("network-note"), `Noticed after ${seconds} s; reconnecting …`);
    }
  }

  async #order(order) {
    try {
      const body = JSON.stringify({ ...order, line: this.#line });
      const { ok, status } = await fetch("network", { method: "POST", body });
      if (!ok) setText(find("network-note"), `The server refused: ${status}.`);
    } catch {
      setText(find("network-note"), "The server does not answer.");
    }
  }
}
