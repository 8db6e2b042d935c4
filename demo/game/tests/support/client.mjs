// Somebody in the game who speaks its protocol by hand: the state is read here as
// docs/game-protocol.md has it, and not with code of the demo.
import WebSocket from "ws";
import { once, Waiting, within } from "../../../../tests/support/until.mjs";

let lastKey = 0;

/** A key of nobody else's. */
export function newKey() {
  return `test-key-${String(++lastKey).padStart(16, "0")}`;
}

export class GameClient {
  /** Every text that was heard, in order. */
  heard = [];
  /** Every state that was heard, in order. */
  states = [];
  socket;
  #closed;
  #waiting = new Waiting();
  #sequence = 0;

  /** Connects, and ends with the test. @param server - anything with a port. */
  static async connect(t, server, options = {}) {
    const client = new GameClient();
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/game`, options);
    client.socket = socket;
    t.after(() => socket.terminate());
    socket.on("message", (data, isBinary) => {
      if (isBinary) client.states.push(readState(data));
      else client.heard.push(JSON.parse(data));
      client.#waiting.look();
    });
    client.#closed = new Promise((resolve) => {
      socket.on("close", (code, reason) => resolve({ code, reason: String(reason) }));
    });
    await once(socket, "open");
    socket.on("error", () => {});
    return client;
  }

  /** Connects and joins; `welcome` is what it was told. */
  static async join(t, server, name, { key = newKey(), ...options } = {}) {
    const client = await GameClient.connect(t, server, options);
    client.send({ type: "join", name, key });
    client.welcome = await client.hears("welcome");
    return client;
  }

  /** Resolves to the close code and the reason, once closed. */
  get closed() {
    return within(this.#closed, "the end of the connection", () => this.#lastHeard);
  }

  /** The player of this client, in the last state. */
  get me() {
    return this.states.at(-1)?.players.find(({ id }) => id === this.welcome.you);
  }

  /** Another player than this client's, in the last state. */
  get opponent() {
    return this.states.at(-1)?.players.find(({ id }) => id !== this.welcome.you);
  }

  /** Sends an object as JSON; a text or a Buffer as it is. */
  send(message) {
    const isPlain = typeof message === "string" || Buffer.isBuffer(message);
    this.socket.send(isPlain ? message : JSON.stringify(message));
  }

  /** Says which way to go, in 127ths; answers the sequence number. */
  steer(dx, dy) {
    this.#sequence += 1;
    const input = Buffer.from([1, 2, 0, 0, 0, 0]);
    input.writeUInt16LE(this.#sequence, 2);
    input.writeInt8(dx, 4);
    input.writeInt8(dy, 5);
    this.send(input);
    return this.#sequence;
  }

  /** Resolves to the first text of this type that fits. */
  hears(type, fits = (_message) => true) {
    return this.until(() => this.heard.find((one) => one.type === type && fits(one)));
  }

  /** Resolves when the condition holds, which is looked at whenever anything is heard. */
  until(condition) {
    return this.#waiting.until(condition, () => this.#lastHeard);
  }

  get #lastHeard() {
    return `heard ${JSON.stringify(this.heard.slice(-5))}, ${this.states.length} states`;
  }

  /** Goes to dots until it has so many points. */
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
