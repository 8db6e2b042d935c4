// The server's side of docs/design/session-protocol.md, played frame by frame by a test. "^" is
// U+0010 in control frames.
import assert from "node:assert/strict";
import { LocalServer } from "./local-server.mjs";
import { openSocket } from "./sockets.mjs";
import { eventually, Waiting } from "./until.mjs";

/** A server whose connections are played by the test. */
export class SessionServer extends LocalServer {
  #peers = [];
  #arrived = new Waiting();
  greet = (connection) => {
    this.#peers.push(new Peer(connection));
    this.#arrived.look();
  };

  /** The next connection. */
  async peer() {
    await this.#arrived.until(() => this.#peers.length > 0);
    return this.#peers.shift();
  }

  /** The next connection, after its session was accepted. */
  async member(welcome) {
    const peer = await this.peer();
    await peer.join(welcome);
    return peer;
  }
}

/** One connection. It answers questions by itself once it has sent W. */
export class Peer {
  /** Frames of the client that the test has not read yet, without acknowledgements. */
  frames = [];
  /** The numbers of its acknowledgements. */
  acknowledged = [];
  /** The number of questions received. */
  questions = 0;
  /** False stops the answers to questions; `handled` is the number in them. */
  answers = true;
  handled = 0;
  /** Milliseconds by which the clock in the answers is ahead. */
  ahead = 0;
  /** The close code and reason, once it is closed. */
  closed;
  hello;
  #connection;
  #isWelcome = false;
  #unanswered = [];
  #waiting = new Waiting();

  constructor(connection) {
    this.#connection = connection;
    connection.on("message", (data, isBinary) => {
      this.#receive(isBinary ? data : data.toString());
      this.#waiting.look();
    });
    connection.on("close", (code, reason) => {
      this.closed = { code, reason: reason.toString() };
      this.#waiting.look();
    });
  }

  /** Sends frames: strings with "^" for U+0010, or bytes. */
  say(...frames) {
    for (const frame of frames) {
      const data = typeof frame === "string" ? frame.replaceAll("^", "\x10") : frame;
      this.#connection.send(data);
      if (!`${data}`.startsWith("\x10W ")) continue;
      this.#isWelcome = true;
      for (const question of this.#unanswered.splice(0)) this.#answer(question);
    }
  }

  /** Sends G, and resolves when the hello has arrived. */
  async invite(life = "life-1") {
    this.say(`^G 1 ${life}`);
    const [, id, epoch, generation, received] = (await this.next()).split(" ");
    this.hello = { id, epoch, generation: Number(generation), received: Number(received) };
    return this.hello;
  }

  /** Sends W. */
  welcome({ epoch = this.hello.epoch, handled = 0, ttl = 60_000, old } = {}) {
    this.say(`^W ${epoch} ${handled} ${ttl}${old === undefined ? "" : ` ${old}`}`);
  }

  async join({ life, ...welcome } = {}) {
    await this.invite(life);
    this.welcome(welcome);
  }

  /** The next frame; control frames with "^". */
  async next() {
    await this.until(() => this.frames.length > 0 || this.closed);
    assert.ok(this.frames.length > 0, `it was closed: ${JSON.stringify(this.closed)}`);
    return this.frames.shift();
  }

  /** Asserts that these are the next frames. */
  async expect(...frames) {
    for (const [at, frame] of frames.entries()) {
      assert.deepEqual(await this.next(), frame, `frame ${at} of ${JSON.stringify(frames)}`);
    }
  }

  /** Resolves when everything that the client sent earlier has arrived. */
  async settle() {
    const pong = new Promise((resolve) => this.#connection.once("pong", resolve));
    this.#connection.ping();
    await pong;
  }

  /** Resolves when frames up to this number were acknowledged. */
  async receipt(number) {
    await this.until(() => this.acknowledged.at(-1) === number);
  }

  async end() {
    await this.until(() => this.closed);
    return this.closed;
  }

  close(code, reason) {
    this.#connection.close(code, reason);
  }

  /** Breaks the connection, without a close handshake. */
  cut() {
    this.#connection.terminate();
  }

  until(condition) {
    return this.#waiting.until(
      condition,
      () => `frames: ${this.frames.slice(0, 10).join(" | ")}; acknowledged: ${this.acknowledged}`,
    );
  }

  #answer(question) {
    if (this.answers) this.say(`^! ${question} ${this.handled} ${Date.now() + this.ahead}`);
  }

  #receive(data) {
    const shown = typeof data === "string" ? data.replaceAll("\x10", "^") : data;
    const [, letter, number] = /^\^([?A]) (\d+)$/.exec(`${shown}`) ?? [];
    if (letter === "?") {
      ++this.questions;
      if (this.#isWelcome) this.#answer(number);
      else this.#unanswered.push(number);
    } else if (letter === "A") this.acknowledged.push(Number(number));
    else this.frames.push(shown);
  }
}

/** A server and a socket with a session. */
export async function openSession(t, options = {}, protocols = []) {
  const server = await SessionServer.start(t);
  const socket = openSocket(t, server.url(), { session: true, ...options }, protocols);
  return { server, socket, log: recordSession(socket) };
}

/** Records what a socket reports: "session new", "message x", "drop unconfirmed x" … */
export function recordSession(socket) {
  const log = [];
  socket.binaryType = "arraybuffer";
  const note = (type, text) =>
    socket.addEventListener(type, (event) => log.push(`${type} ${text(event)}`));
  note("session", ({ state }) => state);
  note("message", ({ data }) => (typeof data === "string" ? data : `[${new Uint8Array(data)}]`));
  note("drop", ({ reason, data }) =>
    [reason, ArrayBuffer.isView(data) ? `[${new Uint8Array(data.buffer)}]` : data].join(" "),
  );
  note("error", ({ code }) => code);
  note("close", ({ code, willRetry }) => `${code}${willRetry ? " retry" : ""}`);
  return log;
}

/** Resolves when the log has this line. */
export const logged = (log, line) => eventually(() => log.includes(line));
