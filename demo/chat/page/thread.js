// The list of messages: lines received in quick succession are inserted together, the oldest are
// removed.
import { element, find, nameNode, setText } from "./dom.js";
import { hasText, phrase, say, timeText } from "./texts.js";

/** Lines in the page. */
const shownLines = 300;
/** Lines that are kept while the user reads further up. */
const keptLines = 4000;
/** Remembered positions: after a reconnect some messages may be received again. */
const keptPositions = 20_000;
/** Milliseconds between two updates of the page: more are work, and too fast to read. */
const flushInterval = 200;
/** Distance from the end in pixels within which the user counts as being there. */
const nearEnd = 60;

export class Thread {
  #scroll = find("scroll");
  #messages = find("messages");
  #pending = find("pending");
  #toEnd = find("to-end");
  /** Lines to insert together. */
  #fresh = [];
  #isPlanned = false;
  #lastFlush = 0;
  #isAtEnd = true;
  #unread = 0;
  /** Lines that were shown, or skipped because of the limit. */
  #gone = 0;
  /** Own messages without an entry of the journal yet, by reference. */
  #mine = new Map();
  #positions = new Set();
  #onAgain;

  /**
   * @param {object} listener
   * @param {(text: string, to?: { id: string, userName: string }) => void} listener.onAgain - for
   *   "Send again"
   */
  constructor({ onAgain }) {
    this.#onAgain = onAgain;
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#toEnd.addEventListener("click", () => {
      this.#goToEnd();
      this.#scroll.focus();
    });
    new ResizeObserver(() => this.#isAtEnd && this.#goToEnd()).observe(this.#scroll);
  }

  /** Shows a message of the journal, once. Returns true if it was new. */
  showMessage({ position, time, from, to, message, ref }, me) {
    if (this.#positions.has(position)) return false;
    this.#remember(position);
    const own = this.#mine.get(ref);
    if (own === undefined) {
      this.#add(messageLine({ from, to, message, me, time }));
    } else {
      // The server may have removed invisible characters.
      own.line.querySelector(".text").textContent = message;
      this.#confirm(ref, own, time);
    }
    return true;
  }

  /** Shows a notice of the page; values may be nodes. */
  showEvent(key, values, time) {
    const line = element("li", "event", ...phrase(key, values));
    if (time !== undefined) line.append(" ", timeNode(time));
    this.#add(line);
  }

  /** Shows a string from the server that is not a message. */
  showText(text) {
    const body = element("div", "text", text);
    body.dir = "auto";
    this.#add(element("li", "plain", body));
  }

  /** Shows an own message that the server does not have yet. */
  showOwn(ref, { me, to, text }) {
    const line = messageLine({ from: me, to, message: text, me });
    this.#mine.set(ref, { line, text, to, again: undefined });
    this.#pending.append(line);
    this.#goToEnd();
  }

  /** Updates the delivery state of an own message. */
  showDelivery({ ref, state, error, time, position }) {
    const own = this.#mine.get(ref);
    if (own === undefined) return;
    if (state === "sent") {
      // Its entry was received before, or is not sent any more because this page was disconnected
      // for too long.
      this.#remember(position);
      this.#confirm(ref, own, time);
      return;
    }
    setDelivery(own.line, state, error);
    if (state !== "failed") return;
    own.again = element("button", "again", say("sendAgain"));
    own.again.type = "button";
    own.again.addEventListener("click", () => this.#sendAgain(ref, own));
    own.line.append(own.again);
    // It keeps its place in the thread unless its entry is received: then only the answer was lost.
    this.#add(own.line);
  }

  #sendAgain(ref, { line, text, to }) {
    this.#mine.delete(ref);
    this.#fresh = this.#fresh.filter((other) => other !== line);
    line.remove();
    this.#onAgain(text, to);
  }

  #confirm(ref, own, time) {
    this.#mine.delete(ref);
    own.again?.remove();
    setDelivery(own.line, "sent");
    own.line.querySelector(".name").after(timeNode(time));
    this.#add(own.line);
  }

  #remember(position) {
    this.#positions.add(position);
    if (this.#positions.size <= keptPositions) return;
    this.#positions.delete(this.#positions.values().next().value);
  }

  #add(line) {
    this.#fresh.push(line);
    // A page in the background has no animation frames: lines above the limit are inserted without
    // one.
    if (this.#fresh.length >= keptLines) this.#flush();
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const wait = this.#lastFlush + flushInterval - performance.now();
    const flush = () =>
      requestAnimationFrame(() => {
        this.#isPlanned = false;
        this.#flush();
      });
    if (wait > 0) setTimeout(flush, wait);
    else flush();
  }

  #flush() {
    this.#lastFlush = performance.now();
    const lines = this.#fresh;
    this.#fresh = [];
    this.#messages.append(...lines);
    const limit = this.#isAtEnd ? shownLines : keptLines;
    for (let over = this.#messages.childElementCount - limit; over > 0; --over) {
      this.#drop(this.#messages.firstElementChild);
    }
    if (this.#isAtEnd) this.#goToEnd();
    else this.#showUnread(this.#unread + lines.length);
    if (this.#gone > 0) {
      find("earlier").hidden = false;
      setText(find("earlier"), say("earlier", { count: this.#gone }));
    }
  }

  #drop(line) {
    line.remove();
    this.#gone += 1;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
    if (this.#isAtEnd) this.#showUnread(0);
  }

  #showUnread(count) {
    this.#unread = count;
    if (count > 0) setText(this.#toEnd, say("toEnd", { count }));
    this.#toEnd.hidden = count === 0;
  }

  #goToEnd() {
    this.#isAtEnd = true;
    this.#showUnread(0);
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }
}

function timeNode(iso) {
  const { short, long } = timeText(iso);
  const time = element("time", "", short);
  time.dateTime = iso;
  time.title = long;
  return time;
}

function messageLine({ from, to, message, me, time }) {
  const isMine = from.id === me?.id;
  const meta = element("div", "meta", nameNode(from.userName));
  if (time !== undefined) meta.append(timeNode(time));
  if (to !== undefined) {
    const words = isMine
      ? phrase("privateTo", { name: nameNode(to.userName) })
      : [say("privateFrom")];
    meta.append(element("span", "private", ...words));
  }
  const body = element("div", "text", message);
  body.dir = "auto";
  const line = element("li", isMine ? "mine" : "theirs", meta, body);
  if (to !== undefined) line.classList.add("alone");
  return line;
}

/** The text for an error of the server or the socket. */
export function errorText({ code, ...values }) {
  const key = `error_${code}`;
  return hasText(key) ? say(key, values) : say("error_other", { code });
}

function setDelivery(line, state, error) {
  line.dataset.delivery = state;
  const text = error
    ? say("delivery_failed_because", { reason: errorText(error) })
    : say(`delivery_${state}`);
  const meta = line.querySelector(".meta");
  const node = meta.querySelector(".delivery") ?? meta.appendChild(element("span", "delivery"));
  node.textContent = text;
}
