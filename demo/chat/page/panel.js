// The connection panel: state, delay, figures and log of the connection.
import { element, find, setText } from "./dom.js";
import { Plot } from "./plot.js";
import { hasText, say, timeNow } from "./texts.js";

const readyStates = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"];
/** Milliseconds between two updates of figures that change over time. */
const lookInterval = 250;
/** Milliseconds between two pings for the plot. */
const pingInterval = 2000;
/** Milliseconds for which a notice of the server is shown. */
const noticeTime = 10_000;
const keptLogLines = 200;

export class Panel {
  #chat;
  #plot = new Plot(find("plot"));
  #rows = new Map();
  #lastClose;
  /** The code of the last error. */
  #lastError;
  #openSince;
  /** The time of the next attempt, as logged. */
  #wait = "";
  /** Milliseconds of the last round trip. */
  #roundTrip;
  /** The server's notice about this connection, until it expires or the state changes. */
  #said;

  /** @param {import("./chat.js").Chat} chat */
  constructor(chat) {
    this.#chat = chat;
    const { socket } = chat;
    socket.addEventListener("statechange", (change) => this.#changed(change));
    socket.addEventListener("close", (ended) => this.#closed(ended));
    socket.addEventListener("error", ({ code }) => {
      this.#lastError = code;
    });
    find("now").addEventListener("click", () => chat.tryNow());
    find("toggle").addEventListener("click", () => chat.toggle(say("byUser")));
    find("copy").addEventListener("click", () => this.#copy());
    this.#showState();
    setInterval(() => this.#look(), lookInterval);
    this.#ping();
  }

  /**
   * Shows the server's notice about this connection until its state changes.
   * @param {() => boolean} [isOver] - ends it earlier; without it, the notice expires after a while
   */
  showNotice(text, isOver) {
    const end = performance.now() + noticeTime;
    this.#said = { text, isOver: isOver ?? (() => performance.now() > end) };
    this.#look();
  }

  #changed({ state, reason, retryIn }) {
    this.#openSince = state === "open" ? performance.now() : undefined;
    this.#said = undefined;
    this.#wait = state === "waiting" ? `, ${say("inSeconds", { seconds: retryIn / 1000 })}` : "";
    this.#log(state, reason);
    this.#showState();
  }

  /** Called after the change of state that it has caused. */
  #closed(ended) {
    this.#lastClose = ended;
    const last = find("log").lastElementChild;
    last?.querySelector("span").replaceChildren(closeText(ended) + this.#wait);
    this.#look();
  }

  #showState() {
    const { state } = this.#chat.socket;
    for (const node of [find("status"), find("bar")]) node.dataset.state = state;
    find("status").querySelector("use").setAttribute("href", `#icon-${state}`);
    setText(find("status-word"), say(state));
    const isClosed = state === "closed";
    setText(find("toggle"), say(isClosed ? "connect" : "disconnect"));
    find("toggle").disabled = state === "closing";
    setText(find("now"), say(isClosed ? "connect" : "tryNow"));
    this.#look();
  }

  /** Updates everything that changes without an event. */
  #look() {
    if (document.hidden) return;
    setText(find("notice"), this.#notice());
    const { socket } = this.#chat;
    const { roundTrip } = socket.stats();
    const { retryIn } = socket;
    const rows = {
      state: say(socket.state),
      webSocketState: `${socket.readyState} ${readyStates[socket.readyState]}`,
      upFor: this.#openSince === undefined ? "–" : seconds(performance.now() - this.#openSince),
      nextAttempt: retryIn === undefined ? "–" : say("inSeconds", { seconds: retryIn / 1000 }),
      lastClose: this.#lastClose ? closeText(this.#lastClose) : say("none"),
      lastError: this.#lastError ?? say("none"),
      retries: String(socket.retryCount),
      connections: String(this.#chat.connections),
      waitingCount: String(this.#chat.waiting),
      buffered: String(socket.bufferedAmount),
      received: String(this.#chat.received),
      smoothed: roundTrip
        ? `${milliseconds(roundTrip.smoothed)}, ${milliseconds(roundTrip.jitter)}`
        : "–",
    };
    for (const [name, value] of Object.entries(rows)) this.#showRow(name, value);
  }

  #notice() {
    const { isFull, socket } = this.#chat;
    const { state, retryIn } = socket;
    if (this.#said?.isOver()) this.#said = undefined;
    if (this.#said) return this.#said.text;
    const ended = this.#lastClose ? peopleReason(this.#lastClose) : "";
    const reason = isFull ? say("error_full") : ended;
    if (state === "waiting") {
      const why = reason ? say("lostBy", { reason }) : say("lost");
      return `${why} ${say("nextIn", { seconds: Math.ceil((retryIn ?? 0) / 1000) })}`;
    }
    if (state === "suspended") return say("noNetwork");
    if (state === "closed" && reason) return say("closedBy", { reason });
    if (state !== "open") return say(state);
    return this.#roundTrip ? `${say("roundTrip")} ${milliseconds(this.#roundTrip)}` : "";
  }

  #showRow(name, value) {
    let cell = this.#rows.get(name);
    if (cell === undefined) {
      cell = element("dd", "");
      cell.dataset.stat = name;
      this.#rows.set(name, cell);
      find("stats").append(element("div", "", element("dt", "", say(name)), cell));
    }
    setText(cell, value);
  }

  async #ping() {
    if (this.#chat.socket.state === "open" && !document.hidden) {
      this.#roundTrip = await this.#chat.ping();
      this.#plot.add(this.#roundTrip);
      setText(find("round-trip"), this.#roundTrip ? milliseconds(this.#roundTrip) : "–");
    }
    setTimeout(() => this.#ping(), pingInterval);
  }

  #log(state, details) {
    const log = find("log");
    const time = element("time", "", timeNow());
    time.dateTime = new Date().toISOString();
    const word = element("b", "", say(state));
    const line = element("li", "", time, " ", word, " ", element("span", "", details));
    line.dataset.state = state;
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 30;
    log.append(line);
    if (log.childElementCount > keptLogLines) log.firstElementChild.remove();
    if (isAtEnd) log.scrollTop = log.scrollHeight;
  }

  async #copy() {
    const lines = Array.from(find("log").children, (line) => {
      const { dateTime } = line.querySelector("time");
      return `${dateTime} ${line.dataset.state} ${line.querySelector("span").textContent}`.trim();
    });
    await copyText(`${lines.join("\n")}\n`);
    setText(find("copy"), say("copied"));
    setTimeout(() => setText(find("copy"), say("copy")), 2000);
  }
}

const milliseconds = (value) => say("milliseconds", { value });

function seconds(time) {
  const whole = Math.floor(time / 1000);
  const pad = (n) => String(n).padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

/** The server's delay in the reason is meant for clients, not for users. */
const withoutHint = (reason) => reason.replace(/[;, ]*retry-after=\d+/, "");

/** The text shown for the end of a connection. */
function peopleReason({ code, reason }) {
  // 1005 and 1006 carry no information beyond the lost connection.
  return withoutHint(reason) || (code > 1006 || code < 1005 ? codeText(code) : "");
}

const codeText = (code) => (hasText(`code_${code}`) ? say(`code_${code}`) : "");

function closeText({ code, reason }) {
  return `${code} ${withoutHint(reason) || codeText(code)}`.trim();
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Scripts have no clipboard on an insecure page: uses the older method of browsers.
    const area = element("textarea", "hidden", text);
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}
