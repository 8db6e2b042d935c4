// A player that speaks the game's protocol and that of sessions by hand: states are read here as
// docs/demos/game-protocol.md describes them, and not with code of the demo.
import { randomBytes } from "node:crypto";
import WebSocket from "ws";
import { once, Waiting, within } from "../../../../tests/support/until.mjs";

let lastKey = 0;

/** A unique key. */
export function newKey() {
  return `test-key-${String(++lastKey).padStart(16, "0")}`;
}

export class GameClient {
  /** Every text message received, in order. */
  received = [];
  /** Every state received, in order. */
  states = [];
  /** The fields of control frames received on this connection, in order. */
  controls = [];
  socket;
  #t;
  #url;
  #closed;
  #waiting = new Waiting();
  #sequence = 0;
  #join;
  #id = randomBytes(16).toString("base64url");
  #epoch;
  #generation = 0;
  #sent = 0;
  #lastNumber = 0;
  /** The number of the next frame from the server; 0 before the welcome of the session. */
  #expected = 0;

  /**
   * Connects, and ends with the test.
   * @param server - anything with a port.
   * @param options - of ws, `protocols`, and `line`: see server/network.
   */
  static async connect(t, server, { line = undefined, ...options } = {}) {
    const client = new GameClient();
    client.#t = t;
    const query = line === undefined ? "" : `?line=${line}`;
    client.#url = `ws://127.0.0.1:${server.port}/game${query}`;
    await client.#connect(options);
    return client;
  }

  async #connect({ protocols = ["steady.1"], ...options } = {}) {
    const socket = new WebSocket(this.#url, protocols, options);
    this.socket = socket;
    this.controls = [];
    this.#expected = 0;
    this.#t.after(() => socket.terminate());
    socket.on("message", (data, isBinary) => {
      const text = isBinary ? "" : String(data);
      if (text.startsWith("\x10")) this.#read(text.slice(1).split(" "));
      else this.#take(isBinary ? readState(data) : JSON.parse(text), isBinary);
      this.#waiting.look();
    });
    this.#closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
    await once(socket, "open");
    socket.on("error", () => {});
  }

  #read(fields) {
    this.controls.push(fields);
    const [type, first, second] = fields;
    if (type === "G") {
      this.#epoch ??= second;
      this.control("H", this.#id, this.#epoch, ++this.#generation, this.#lastNumber);
    } else if (type === "W") {
      this.control("@", this.#sent + 1);
    } else if (type === "@") {
      this.#expected = Number(first);
    }
  }

  #take(message, isBinary) {
    if (this.#expected > 0) {
      const number = this.#expected++;
      if (number <= this.#lastNumber) return;
      this.#lastNumber = number;
      if (number % 64 === 0) this.control("A", number);
    }
    (isBinary ? this.states : this.received).push(message);
  }

  /** Sends a control frame. */
  control(...fields) {
    this.socket.send(`\x10${fields.join(" ")}`);
  }

  /** Continues the session on another connection, after the end of the last one. */
  async resume() {
    await this.#connect();
    this.socket.send(this.#join);
    await this.until(() => this.controls.some(([type]) => type === "W"));
  }

  /** Connects and joins; `welcome` is the server's. */
  static async join(t, server, name, { key = newKey(), ...options } = {}) {
    const client = await GameClient.connect(t, server, options);
    client.#join = JSON.stringify({ type: "join", name, key });
    client.socket.send(client.#join);
    client.welcome = await client.receives("welcome");
    return client;
  }

  /** Resolves to the close code and the reason, once closed. */
  get closed() {
    return within(this.#closed, "the end of the connection", () => this.#lastReceived);
  }

  /** The player of this client, in the last state. */
  get me() {
    return this.states.at(-1)?.players.find(({ id }) => id === this.welcome.you);
  }

  /** The player of this client, in the welcome. */
  get welcomed() {
    return this.welcome.players.find(({ id }) => id === this.welcome.you);
  }

  /** Another client's player, in the last state. */
  get opponent() {
    return this.states.at(-1)?.players.find(({ id }) => id !== this.welcome.you);
  }

  /** Sends an object as JSON; a string or a Buffer unchanged. */
  send(message) {
    const isPlain = typeof message === "string" || Buffer.isBuffer(message);
    if (this.#expected > 0) this.#sent += 1;
    this.socket.send(isPlain ? message : JSON.stringify(message));
  }

  /** Sends a direction, in 127ths; returns the sequence number. */
  steer(dx, dy) {
    this.#sequence += 1;
    const input = Buffer.from([1, 2, 0, 0, 0, 0]);
    input.writeUInt16LE(this.#sequence, 2);
    input.writeInt8(dx, 4);
    input.writeInt8(dy, 5);
    this.send(input);
    return this.#sequence;
  }

  /** Resolves to the first text message of this type that matches. */
  receives(type, fits = (_message) => true) {
    return this.until(() => this.received.find((one) => one.type === type && fits(one)));
  }

  /** Resolves when the condition holds, which is checked whenever anything is received. */
  until(condition) {
    return this.#waiting.until(condition, () => this.#lastReceived);
  }

  get #lastReceived() {
    return `received ${JSON.stringify(this.received.slice(-5))}, ${this.states.length} states`;
  }

  /** Moves to dots until it has this many points. */
  async collect(points) {
    let last = 0;
    await this.until(() => {
      const { me } = this;
      if (me === undefined) return false;
      if (me.score >= points) return true;
      if (this.states.length === last) return false;
      last = this.states.length;
      const [nearest] = this.states
        .at(-1)
        .dots.map(({ x, y }) => ({ x: x - me.x, y: y - me.y }))
        .sort((a, b) => Math.hypot(a.x, a.y) - Math.hypot(b.x, b.y));
      const far = Math.max(1, Math.hypot(nearest.x, nearest.y));
      this.steer(Math.round((nearest.x / far) * 127), Math.round((nearest.y / far) * 127));
      return false;
    });
    this.steer(0, 0);
  }
}

function readState(data) {
  const players = [];
  const dots = [];
  let at = 18;
  for (let n = data.readUInt16LE(2); n > 0; --n, at += 14) {
    players.push({
      id: data.readUInt16LE(at),
      x: data.readUInt16LE(at + 2) / 32,
      y: data.readUInt16LE(at + 4) / 32,
      sequence: data.readUInt16LE(at + 6),
      colour: data[at + 8],
      isAway: data[at + 9] === 1,
      score: data.readUInt32LE(at + 10),
    });
  }
  for (let n = data.readUInt16LE(4); n > 0; --n, at += 4) {
    dots.push({ x: data.readUInt16LE(at) / 32, y: data.readUInt16LE(at + 2) / 32 });
  }
  const [version, kind] = data;
  const [number, time] = [data.readUInt32LE(6), data.readDoubleLE(10)];
  return { version, kind, number, time, players, dots, isWhole: at === data.length };
}
