// Runs the vectors with the role "client" against the packed client. The number of a message and
// the reason of an end are not compared, since the client does not report them.
import assert from "node:assert/strict";
import { LocalServer } from "../../support/local-server.mjs";
import { openSocket } from "../../support/sockets.mjs";
import { Waiting } from "../../support/until.mjs";
import { described, isControl, messageOf, shown, VectorCase, vectorsFor } from "./vectors.mjs";

/** Runs every case as a subtest. */
export async function runClientVectors(t) {
  for (const each of vectorsFor("client")) {
    await t.test(each.name, async (t) => new ClientCase(each).run(t));
  }
}

/** A connection of the tester, which numbers messages as a server does. */
class Peer {
  /** Received frames except acknowledgements and questions: { data, number }. */
  frames = [];
  acknowledged = [];
  closed;
  /** Whether it is the client's first connection. */
  isFirst;
  #connection;
  #next;
  /** The epoch in the hello. */
  #epoch;
  #isWelcomed = false;
  /** Questions received before the welcome. */
  #questions = [];

  constructor(connection, isFirst, look) {
    this.#connection = connection;
    this.isFirst = isFirst;
    connection.on("message", (data, isBinary) => {
      this.#receive(isBinary ? data : data.toString());
      look();
    });
    connection.on("close", (code) => {
      this.closed = code;
      look();
    });
  }

  send(data) {
    const [type, epoch] = typeof data === "string" ? data.split(" ") : [];
    // Messages sent right after a first hello have no number in another epoch.
    if (type === "\u0010W" && epoch !== this.#epoch) this.#next = undefined;
    this.#connection.send(data);
    if (type !== "\u0010W") return;
    this.#isWelcomed = true;
    for (const question of this.#questions) this.#answer(question);
  }

  close(code) {
    this.#connection.close(code);
  }

  cut() {
    this.#connection.terminate();
  }

  #answer(question) {
    this.#connection.send(`\u0010! ${question} 0 ${Date.now()}`);
  }

  #receive(data) {
    if (!isControl(data)) {
      this.frames.push({ data, number: this.#next });
      if (this.#next !== undefined) ++this.#next;
      return;
    }
    const [letter, ...fields] = data.slice(1).split(" ");
    if (letter === "A") this.acknowledged.push(Number(fields[0]));
    else if (letter === "@") this.#next = Number(fields[0]);
    else if (letter === "?" && this.#isWelcomed) this.#answer(fields[0]);
    else if (letter === "?") this.#questions.push(fields[0]);
    else {
      if (letter === "H") {
        this.#epoch = fields[1];
        if (this.isFirst) this.#next = 1;
      }
      this.frames.push({ data });
    }
  }
}

class ClientCase extends VectorCase {
  #waiting = new Waiting();
  #look = () => this.#waiting.look();
  #socket;
  /** Connections that no step has claimed yet. */
  #arrived = [];
  #handled = [];
  #states = [];
  #dropped = [];

  async run(t) {
    let connections = 0;
    const server = await LocalServer.start(t, {
      greet: (connection) => {
        this.#arrived.push(new Peer(connection, connections++ === 0, this.#look));
        this.#look();
      },
    });
    this.#socket = openSocket(t, server.url(), { session: true, highWaterMark: 64 << 20 });
    this.#listen(this.#socket);
    await this.play(() => {
      assert.deepEqual(this.#handled.map(shown), [], "unexpectedly handled messages");
    });
  }

  #listen(socket) {
    socket.binaryType = "arraybuffer";
    const listen = (type, list, map) =>
      socket.addEventListener(type, (event) => {
        list.push(map(event));
        this.#look();
      });
    listen("message", this.#handled, ({ data }) => data);
    listen("drop", this.#dropped, ({ data }) => data);
    listen("session", this.#states, ({ state }) => state);
  }

  until(peer, condition, milliseconds) {
    return this.#waiting.until(condition, () => (peer ? described(peer) : ""), milliseconds);
  }

  async connected() {
    await this.until(this.current, () => this.#arrived.length > 0);
    return this.#arrived.shift();
  }

  async handled(step) {
    await this.until(this.current, () => this.#handled.length > 0);
    assert.equal(shown(this.#handled.shift()), shown(messageOf(step.handled)));
  }

  async reported(step) {
    await this.until(this.current, () => this.#states.includes(step.told));
    assert.deepEqual(this.#dropped.splice(0).map(shown), step.undelivered.map(messageOf));
  }

  act(step) {
    if (step.app === "send") this.#socket.send(messageOf(step.message));
    else if (step.app === "end") this.#socket.close(1000, step.reason);
    else assert.fail("unknown step");
  }
}
