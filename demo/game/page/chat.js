// The chat: lines in the server's order, each once; own lines wait for the server.
import { element, find, nameNode } from "./dom.js";

const day = 24 * 60 * 60 * 1000;
const keptLines = 200;

export class Chat {
  #socket;
  #lines = find("lines");
  #history;
  /** The number of the last line shown. */
  #last = 0;

  constructor(socket) {
    this.#socket = socket;
    socket.on("welcome", ({ history, chat }) => {
      // Numbers of another history have no meaning here.
      if (history !== this.#history) this.#last = 0;
      this.#history = history;
      for (const line of chat) this.#show(line);
    });
    socket.on("chat", (line) => this.#show(line));
    for (const id of ["line", "send"]) find(id).disabled = false;
    find("say").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = find("line").value.trim();
      if (text === "") return;
      find("line").value = "";
      void this.#say(text);
    });
  }

  /**
   * Repeated on every connection until the server has the line on disk; it recognizes repetitions
   * by the id.
   */
  async #say(text) {
    const waiting = element("p", "waiting", `${text} …`);
    this.#add(waiting);
    const id = randomKey();
    try {
      await this.#socket.request({ type: "chat", id, text }, { retry: true, timeout: day });
      waiting.remove();
    } catch (error) {
      waiting.className = "failed";
      waiting.textContent = `not sent: ${text} (${error.reply?.error?.message ?? error.message})`;
    }
  }

  #show({ n, name, text }) {
    if (n <= this.#last) return;
    this.#last = n;
    this.#add(element("p", "line", nameNode(name), ` ${text}`));
  }

  #add(line) {
    const lines = this.#lines;
    const isAtEnd = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 8;
    // Unsent lines stay last.
    const firstWaiting = lines.querySelector(".waiting");
    if (line.className === "line" && firstWaiting !== null) firstWaiting.before(line);
    else lines.append(line);
    while (lines.childElementCount > keptLines) lines.firstElementChild.remove();
    if (isAtEnd) lines.scrollTop = lines.scrollHeight;
  }
}

/** Returns a secret of 32 characters. Unlike randomUUID, this works without a secure context. */
export function randomKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
