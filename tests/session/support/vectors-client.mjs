// Plays the vectors with the role "client" against the packed client. Two things that a client of
// this package does not report are not compared: the number of a message, and the reason of an end.
import assert from "node:assert/strict";
import { LocalServer } from "../../support/local-server.mjs";
import { openSocket } from "../../support/sockets.mjs";
import { Waiting } from "../../support/until.mjs";
import { isControl, messageOf, Names, shown, vectorsFor } from "./vectors.mjs";

/** Runs every case as a subtest. */
export async function runClientVectors(t) {
  for (const each of vectorsFor("client")) {
    await t.test(each.name, async (t) => new ClientCase(each).run(t));
  }
}

/** One connection of the tester, who counts as a server does. */
class Peer {
  /** Everything but acknowledgements and questions: { data, number }. */
  frames = [];
  acknowledged = [];
  closed;
  /** The first connection of the client. */
  isFirst;
  #connection;
  #next;
  /** Of the hello. */
  #epoch;
  #isWelcome = false;
  /** Those that have arrived before the welcome. */
  #questions = [];

  constructor(connection, isFirst, look) {
    this.#connection = connection;
    this.isFirst = isFirst;
    connection.on("message", (data, isBinary) => {
      this.#hear(isBinary ? data : data.toString());
      look();
    });
    connection.on("close", (code) => {
      this.closed = code;
      look();
    });
  }

  send(data) {
    const [type, epoch] = typeof data === "string" ? data.split(" ") : [];
    // What a client has sent behind its first hello has no number in another epoch.
    if (type === "\u0010W" && epoch !== this.#epoch) this.#next = undefined;
    this.#connection.send(data);
    if (type !== "\u0010W") return;
    this.#isWelcome = true;
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

  #hear(data) {
    if (!isControl(data)) {
      this.frames.push({ data, number: this.#next });
      if (this.#next !== undefined) ++this.#next;
      return;
    }
    const [letter, ...fields] = data.slice(1).split(" ");
    if (letter === "A") this.acknowledged.push(Number(fields[0]));
    else if (letter === "@") this.#next = Number(fields[0]);
    else if (letter === "?" && this.#isWelcome) this.#answer(fields[0]);
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

class ClientCase {
  #case;
  #names;
  #waiting = new Waiting();
  #look = () => this.#waiting.look();
  #socket;
  /** Connections that no step has named yet. */
  #arrived = [];
  #peers = new Map();
  #current;
  #handled = [];
  #states = [];
  #dropped = [];

  constructor(each) {
    this.#case = each;
    this.#names = new Names(each.bad === undefined ? {} : { BAD: each.bad });
  }

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
    let at = 0;
    try {
      for (const step of this.#case.steps) {
        ++at;
        await this.#run(step);
      }
      assert.deepEqual(this.#handled.map(shown), [], "messages that should not have been handled");
    } catch (error) {
      const step = JSON.stringify(this.#case.steps[at - 1]).slice(0, 200);
      error.message = `step ${at}, ${step}: ${error.message}`;
      throw error;
    }
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

  #until(condition, milliseconds) {
    return this.#waiting.until(
      condition,
      () => {
        const peer = this.#peers.get(this.#current);
        const frames = peer?.frames.slice(0, 5).map(({ data }) => JSON.stringify(shown(data)));
        const end = peer?.closed ?? "open";
        return `the connection is ${end}; not looked at: ${frames}; acknowledged: ${peer?.acknowledged}`;
      },
      milliseconds,
    );
  }

  async #run(step) {
    const times = step.times ?? 1;
    const peer = this.#peers.get(step.on ?? this.#current);
    if (step.connect !== undefined) {
      await this.#until(() => this.#arrived.length > 0);
      this.#current = step.connect;
      this.#peers.set(step.connect, this.#arrived.shift());
    } else if (step.send !== undefined) {
      const data = messageOf(step.send);
      const frame = typeof data === "string" ? this.#names.fill(data) : data;
      for (let n = 0; n < times; ++n) peer.send(frame);
    } else if (step.receive !== undefined) {
      for (let n = 0; n < times; ++n) await this.#receive(peer, step, n);
    } else if (step.handled !== undefined) {
      for (let n = 0; n < times; ++n) {
        await this.#until(() => this.#handled.length > 0);
        assert.equal(shown(this.#handled.shift()), shown(messageOf(step.handled)));
      }
    } else if (step.told !== undefined) {
      await this.#until(() => this.#states.includes(step.told));
      assert.deepEqual(this.#dropped.splice(0).map(shown), step.undelivered.map(messageOf));
    } else if (step.app === "send") {
      for (let n = 0; n < times; ++n) this.#socket.send(messageOf(step.message));
    } else if (step.app === "end") {
      this.#socket.close(1000, step.reason);
    } else if (step.cut !== undefined) {
      this.#peers.get(step.cut).cut();
    } else if (step.close !== undefined) {
      peer.close(step.close);
    } else if (step.closed !== undefined) {
      await this.#until(() => peer.closed !== undefined);
      assert.equal(peer.closed, step.closed);
    } else {
      assert.fail("the step is not known");
    }
  }

  async #receive(peer, step, offset) {
    const expected = messageOf(step.receive);
    const receipt = isControl(expected) && /^A (\d+)$/.exec(expected.slice(1));
    if (receipt) {
      // More frequent acknowledgements are allowed.
      const number = Number(receipt[1]);
      await this.#until(() => peer.acknowledged.includes(number), step.within);
      assert.equal(Math.max(...peer.acknowledged), number, "the acknowledgement");
      return;
    }
    await this.#until(() => peer.frames.length > 0 || peer.closed !== undefined, step.within);
    assert.ok(peer.frames.length > 0, `the connection was closed with ${peer.closed}`);
    const { data, number } = peer.frames.shift();
    if (isControl(expected)) {
      assert.ok(isControl(data), `expected a control frame, got ${JSON.stringify(shown(data))}`);
      this.#names.match(expected, data);
      this.#names.check(step);
      return;
    }
    assert.equal(shown(data), shown(expected));
    assert.equal(number, step.number + offset, "its number");
  }
}
