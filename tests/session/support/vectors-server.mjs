// Runs the vectors with the role "server" against a server.
//
// The server is a test program with two paths:
//
//   /?user=NAME   sessions, with the subprotocol steady.1; NAME is the authenticated user
//   /control      a plain WebSocket that controls the application
//
// On /control the runner sends commands as JSON with a number `id`, and the program executes each
// and replies {"done": id}. `session` is 1 for the program's first session, 2 for the second:
//
//   {"id": 1, "do": "send", "session": 1, "text": "x"}      or "hex": "00ff" for binary
//   {"id": 2, "do": "hold"}       handlers called from now on stay pending
//   {"id": 3, "do": "release"}    pending handlers return, and later ones do at once
//   {"id": 4, "do": "end", "session": 1, "reason": "bye"}   ends the session with X
//   {"id": 5, "do": "nothing"}
//
// and the program reports:
//
//   `{"told": "began", "session": 1, "user": "ada"}`
//   `{"told": "handled", "session": 1, "number": 1, "text": "a"}` or "hex", when a handler is called
//   `{"told": "ended", "session": 1, "lost": true, "reason": "", "undelivered": [{"text": "x"}]}`
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import WebSocket from "ws";
import { once, Waiting } from "../../support/until.mjs";
import { described, isControl, messageOf, shown, VectorCase, vectorsFor } from "./vectors.mjs";

/**
 * Milliseconds for a step: short, so that a server that fails many cases does so in reasonable
 * time.
 */
const patience = 5_000;
const defaults = { ttl: 60_000, maxMessages: 1000, maxBytes: 1 << 20 };

/**
 * Runs every case as a subtest.
 * @param {import("node:test").TestContext} t
 * @param {(settings: typeof defaults) => Promise<string>} start - Starts the test program with
 * these limits, and resolves to its URL without a path. Called once for equal settings. The caller
 * stops the programs.
 * @param {{ skipOptional?: boolean }} options - `skipOptional`: skip behaviour that is optional in
 * the protocol.
 */
export async function runServerVectors(t, start, { skipOptional = false } = {}) {
  const applications = new Map();
  t.after(() => {
    for (const application of applications.values()) application.stop();
  });
  for (const each of vectorsFor("server")) {
    if (skipOptional && each.optional) continue;
    await t.test(each.name, async () => {
      const settings = { ...defaults, ...each.settings };
      const key = JSON.stringify(settings);
      if (!applications.has(key)) {
        applications.set(key, await Application.connect(await start(settings)));
      }
      await new ServerCase(applications.get(key), each).run();
    });
  }
}

/** The application of the server under test, over /control. */
class Application {
  url;
  /** The number of sessions so far. */
  sessions = 0;
  #waiting = new Waiting();
  #control;
  #commands = 0;
  #done = 0;
  /** The reports, by session. */
  #reports = new Map();

  static async connect(url) {
    const application = new Application();
    application.url = url;
    application.#control = new WebSocket(`${url}/control`);
    application.#control.on("message", (data) => application.#receive(JSON.parse(data.toString())));
    await once(application.#control, "open");
    return application;
  }

  stop() {
    this.#control.terminate();
  }

  /** Resolves when the command is executed and all earlier reports were received. */
  async command(command) {
    const id = ++this.#commands;
    this.#control.send(JSON.stringify({ id, ...command }));
    await this.until(() => this.#done >= id, "no reply from the application");
  }

  until(condition, problem) {
    return this.#waiting.until(condition, () => problem, patience);
  }

  reportsOf(session) {
    if (!this.#reports.has(session)) this.#reports.set(session, []);
    return this.#reports.get(session);
  }

  #receive({ done, ...report }) {
    if (done !== undefined) this.#done = done;
    if (report.told === "began") this.sessions = report.session;
    if (report.told !== undefined) this.reportsOf(report.session).push(report);
    this.#waiting.look();
  }
}

/** A connection of the tester, which numbers messages as a client does. */
class Peer {
  /** Received frames except acknowledgements: { data, number }. */
  frames = [];
  acknowledged = [];
  closed;
  #webSocket;
  #hello;
  #next;
  #waiting = new Waiting();

  static async connect(url, user) {
    const peer = new Peer();
    peer.#webSocket = new WebSocket(`${url}/?user=${user}`, ["steady.1"]);
    peer.#webSocket.on("message", (data, isBinary) => {
      peer.#receive(isBinary ? data : data.toString());
      peer.#waiting.look();
    });
    peer.#webSocket.on("error", () => {});
    peer.#webSocket.on("close", (code) => {
      peer.closed = code;
      peer.#waiting.look();
    });
    await once(peer.#webSocket, "open");
    assert.equal(peer.#webSocket.protocol, "steady.1");
    return peer;
  }

  send(data) {
    const fields = typeof data === "string" ? data.split(" ") : [];
    if (fields[0] === "\u0010H") this.#hello = { epoch: fields[2], received: fields[4] };
    this.#webSocket.send(data);
  }

  close(code) {
    this.#webSocket.close(code);
  }

  cut() {
    this.#webSocket.terminate();
  }

  until(condition, milliseconds = patience) {
    return this.#waiting.until(condition, () => described(this), milliseconds);
  }

  #receive(data) {
    if (!isControl(data)) {
      this.frames.push({ data, number: this.#next });
      if (this.#next !== undefined) ++this.#next;
      return;
    }
    const [letter, ...fields] = data.slice(1).split(" ");
    if (letter === "A") {
      this.acknowledged.push(Number(fields[0]));
      return;
    }
    if (letter === "@") {
      this.#next = Number(fields[0]);
      return;
    }
    const isNew = fields[0] === this.#hello?.epoch && this.#hello.received === "0";
    if (letter === "W" && isNew) this.#next = 1;
    this.frames.push({ data });
  }
}

class ServerCase extends VectorCase {
  #application;
  /** The number of sessions before this case. */
  #earlier;
  #began = 0;

  constructor(application, each) {
    const id = () => randomBytes(16).toString("base64url");
    super(each, { ID: id(), ID2: id() });
    this.#application = application;
    this.#earlier = application.sessions;
  }

  async run() {
    try {
      await this.play(async () => {
        await this.#application.command({ do: "nothing" });
        for (let session = 1; session <= this.#began; ++session) {
          const extra = this.#reportsOf(session).find(({ told }) => told === "handled");
          assert.equal(extra, undefined, "unexpectedly handled message");
        }
      });
    } finally {
      for (const peer of this.peers.values()) peer.cut();
      await this.#application.command({ do: "release" });
    }
  }

  connected({ user = "ada" }) {
    return Peer.connect(this.#application.url, user);
  }

  until(peer, condition, milliseconds) {
    return peer.until(condition, milliseconds);
  }

  #reportsOf(session) {
    return this.#application.reportsOf(this.#earlier + session);
  }

  async #nextReport(session) {
    const reports = this.#reportsOf(session);
    await this.#application.until(() => reports.length > 0, "no report from the application");
    return reports.shift();
  }

  async handled({ handled, number, session = 1 }, offset) {
    const { told, ...found } = await this.#nextReport(session);
    assert.equal(told, "handled");
    assert.equal(shown(dataOf(found)), shown(messageOf(handled)));
    assert.equal(found.number, number + offset, "number of the message");
  }

  async reported({ told, user, session = 1, lost, reason, undelivered }) {
    if (told === "nothing") {
      await this.#application.command({ do: "nothing" });
      assert.deepEqual(this.#reportsOf(session), []);
      return;
    }
    const found = await this.#nextReport(told === "began" ? ++this.#began : session);
    assert.equal(found.told, told);
    if (user !== undefined) assert.equal(found.user, user);
    if (told !== "ended") return;
    assert.equal(found.lost, lost, "lost");
    if (reason !== undefined) assert.equal(found.reason, reason);
    assert.deepEqual(
      found.undelivered.map((each) => shown(dataOf(each))),
      undelivered.map((each) => shown(messageOf(each))),
      "undelivered",
    );
  }

  async act({ app, message, session = 1, reason }) {
    const data = message === undefined ? undefined : messageOf(message);
    const payload = typeof data === "string" ? { text: data } : { hex: data?.toString("hex") };
    const which = app === "send" || app === "end" ? { session: this.#earlier + session } : {};
    await this.#application.command({ do: app, ...which, ...payload, reason });
  }
}

const dataOf = ({ text, hex }) => text ?? Buffer.from(hex, "hex");
