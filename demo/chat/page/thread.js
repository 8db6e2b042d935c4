// The messages: lines that come in fast are put into the page together, and the oldest go.
import { element, find, nameNode, setText } from "./dom.js";
import { hasText, phrase, say, timeText } from "./texts.js";

/** Lines in the page. */
const shownLines = 300;
/** Lines that are kept for somebody who reads further up. */
const keptLines = 4000;
/** Positions that are remembered: after a reconnect some messages may be told again. */
const keptPositions = 20_000;
/** Milliseconds between two changes of the page: more are work, and nobody reads faster. */
const flushInterval = 200;
/** Pixels from the end at which a reader counts as being there. */
const nearEnd = 60;

export class Thread {
  #scroll = find("scroll");
  #messages = find("messages");
  #pending = find("pending");
  #toEnd = find("to-end");
  /** Lines that go into the page together. */
  #fresh = [];
  #isPlanned = false;
  #lastFlush = 0;
  #isAtEnd = true;
  #unread = 0;
  /** Lines that were shown, or would have been. */
  #gone = 0;
  /** My messages that the server has not told yet, by reference. */
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

  /** Shows a message of the journal, once. Returns whether it was new. */
  showMessage({ position, time, from, to, message, ref }, me) {
    if (this.#positions.has(position)) return false;
    this.#remember(position);
    const own = this.#mine.get(ref);
    if (own === undefined) {
      this.#add(messageLine({ from, to, message, me, time }));
    } else {
      // The server may have taken out what cannot be seen.
      own.line.querySelector(".text").textContent = message;
      this.#confirm(ref, own, time);
    }
    return true;
  }

  /** Shows a text that the page says itself; values may be nodes. */
  showEvent(key, values, time) {
    const line = element("li", "event", ...phrase(key, values));
    if (time !== undefined) line.append(" ", timeNode(time));
    this.#add(line);
  }

  /** Shows a text of the server's that is no message. */
  showText(text) {
    const body = element("div", "text", text);
    body.dir = "auto";
    this.#add(element("li", "plain", body));
  }

  /** Shows a message of mine, which the server does not know yet. */
  showOwn(ref, { me, to, text }) {
    const line = messageLine({ from: me, to, message: text, me });
    this.#mine.set(ref, { line, text, to, again: undefined });
    this.#pending.append(line);
    this.#goToEnd();
  }

  /** What has become of a message of mine. */
  showDelivery({ ref, state, error, time, position }) {
    const own = this.#mine.get(ref);
    if (own === undefined) return;
    if (state === "sent") {
      // Its entry came before, or will not come: it was told while this page was away for long.
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
    // It stays where it is in the talk, unless its entry comes: only the answer was lost then.
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
    // A page in the background gets no frames: more than would be shown does not wait for one.
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

/** The text of an error of the server's or the socket's. */
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
