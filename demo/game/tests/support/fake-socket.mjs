// A WebSocket of the server in memory: records what it is sent, and accepts as much as the test
// says.
import { EventEmitter } from "node:events";
import { newKey } from "./client.mjs";

let lastId = 0;

export class FakeSocket extends EventEmitter {
  protocol = "steady.1";
  readyState = 1;
  bufferedAmount = 0;
  /** Messages, without control frames. */
  sent = [];
  closed = [];
  terminated = 0;
  #life;

  /** Joins a match with a new session. Ends with the test. */
  static join(t, match, name, key = newKey()) {
    const socket = FakeSocket.connect(t, match, name, key);
    socket.hello();
    return socket;
  }

  /** Joins a match, and does not begin the session. */
  static connect(t, match, name, key = newKey()) {
    const socket = new FakeSocket();
    t.after(() => socket.emit("close"));
    match.add(/** @type {any} */ (socket));
    socket.say(JSON.stringify({ type: "join", name, key }));
    return socket;
  }

  /** Begins a session. */
  hello() {
    this.say(`\x10H ${String(++lastId).padStart(22, "0")} ${this.#life} 1 0`);
  }

  /** Sends a string to the server. */
  say(text) {
    this.emit("message", Buffer.from(text), false);
  }

  // The server's side.
  send(data) {
    const isControl = typeof data === "string" && data.startsWith("\x10");
    if (!isControl) this.sent.push(data);
    else if (data[1] === "G") this.#life = data.split(" ")[2];
  }

  close(...how) {
    this.readyState = 2;
    this.closed.push(how);
  }

  ping() {}

  terminate() {
    this.readyState = 3;
    this.terminated += 1;
  }
}
