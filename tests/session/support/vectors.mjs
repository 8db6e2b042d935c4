// The test vectors of the session protocol, for a runner of either role. The format is described in
// docs/design/session-protocol.md, section Vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const file = new URL("../../../docs/design/session-vectors.json", import.meta.url);
const mark = "\u0010";

/**
 * The cases of a role, one for each value of `each`.
 * @param {"server" | "client"} role - The side under test.
 */
export function vectorsFor(role) {
  const { cases } = JSON.parse(readFileSync(file, "utf8"));
  return cases
    .filter((each) => each.role === role)
    .flatMap(({ each = [undefined], ...rest }) =>
      each.map((bad) => ({
        ...rest,
        name: bad === undefined ? rest.name : `${rest.name}: ${JSON.stringify(bad)}`,
        bad,
      })),
    );
}

/** A message of the vectors as a string or a Buffer. */
export function messageOf(value) {
  if (typeof value === "string") return value;
  if (value.hex !== undefined) return Buffer.from(value.hex, "hex");
  return value.text + value.repeat.repeat(value.count);
}

/** A string that identifies a message in comparisons and failures. */
export function shown(data) {
  if (typeof data !== "string") return `hex ${Buffer.from(data).toString("hex")}`;
  return data.length > 100 ? `${data.slice(0, 40)}… (${data.length} characters)` : data;
}

export const isControl = (data) =>
  typeof data === "string" && data.startsWith(mark) && data[1] !== mark;

/** The values of the placeholders in control frames: {ID} and so on. */
export class Names {
  #values = new Map();

  constructor(values = {}) {
    for (const [name, value] of Object.entries(values)) this.#values.set(name, value);
  }

  /** Replaces the placeholders in a frame that the tester sends. */
  fill(text) {
    if (!isControl(text)) return text;
    return text.replaceAll(/\{([A-Z]+\d*)\}/g, (_, name) => {
      assert.ok(this.#values.has(name), `the name ${name} has no value`);
      return this.fill(mark + this.#values.get(name)).slice(1);
    });
  }

  /** Compares a received control frame, and stores the values of new placeholders. */
  match(expected, frame) {
    const names = [];
    const pattern = expected
      .split(/(\{[A-Z]+\d*\})/)
      .map((part) => {
        const name = /^\{(.+)\}$/.exec(part)?.[1];
        if (name === undefined) return RegExp.escape?.(part) ?? part.replaceAll(/\W/g, "\\$&");
        names.push(name);
        return name === "REASON" ? "(.*)" : "([^ ]+)";
      })
      .join("");
    // A greeting may have further fields.
    const end = expected.startsWith(`${mark}G`) ? "(?: .*)?$" : "$";
    const found = new RegExp(`^${pattern}${end}`, "s").exec(frame);
    assert.ok(found, `expected ${JSON.stringify(expected)}, got ${JSON.stringify(frame)}`);
    names.forEach((name, at) => {
      this.#take(name, found[at + 1]);
    });
  }

  #take(name, value) {
    if (name === "ANY" || name === "N" || name === "REASON") return;
    if (name === "CLOCK") {
      const away = Math.abs(Number(value) - Date.now());
      assert.ok(away < 60_000, `the clock in the answer is ${value}`);
      return;
    }
    if (!this.#values.has(name)) this.#values.set(name, value);
    assert.equal(value, this.#values.get(name), `{${name}}`);
  }

  /** Checks the conditions of a `receive` step on placeholders. */
  check({ differs = [], above }) {
    const values = differs.map((name) => this.#values.get(name));
    assert.equal(new Set(values).size, values.length, `${differs} are ${values}`);
    if (!above) return;
    const [higher, lower] = above.map((name) => Number(this.#values.get(name)));
    assert.ok(higher > lower, `${above[0]} is ${higher}, and ${above[1]} ${lower}`);
  }
}

/** Runs a case step by step. A subclass connects, observes and controls the side under test. */
export class VectorCase {
  #steps;
  #current;
  /** The tester's connections, by their names in the case. */
  peers = new Map();
  names;

  /** @param values - The initial values of placeholders. */
  constructor({ steps, bad }, values = {}) {
    this.#steps = steps;
    this.names = new Names({ ...values, ...(bad !== undefined && { BAD: bad }) });
  }

  /** The latest connection. */
  get current() {
    return this.peers.get(this.#current);
  }

  /** Executes the steps, then `end`. */
  async play(end) {
    let at = 0;
    try {
      for (const step of this.#steps) {
        ++at;
        await this.#execute(step);
      }
      await end();
    } catch (error) {
      const step = JSON.stringify(this.#steps[at - 1]).slice(0, 200);
      error.message = `step ${at}, ${step}: ${error.message}`;
      throw error;
    }
  }

  async #execute(step) {
    const times = step.times ?? 1;
    const peer = step.on === undefined ? this.current : this.peers.get(step.on);
    if (step.connect !== undefined) {
      this.#current = step.connect;
      this.peers.set(step.connect, await this.connected(step));
    } else if (step.send !== undefined) {
      const data = messageOf(step.send);
      const frame = typeof data === "string" ? this.names.fill(data) : data;
      for (let n = 0; n < times; ++n) peer.send(frame);
    } else if (step.receive !== undefined) {
      for (let n = 0; n < times; ++n) await this.#receive(peer, step, n);
    } else if (step.handled !== undefined) {
      for (let n = 0; n < times; ++n) await this.handled(step, n);
    } else if (step.told !== undefined) {
      await this.reported(step);
    } else if (step.app !== undefined) {
      for (let n = 0; n < times; ++n) await this.act(step);
    } else if (step.cut !== undefined) {
      this.peers.get(step.cut).cut();
    } else if (step.close !== undefined) {
      peer.close(step.close);
    } else if (step.closed !== undefined) {
      await this.until(peer, () => peer.closed !== undefined);
      const allowed = [step.closed].flat();
      const isAllowed = allowed[0] === "any" || allowed.includes(peer.closed);
      assert.ok(isAllowed, `closed with ${peer.closed}, expected ${allowed}`);
    } else {
      assert.fail("unknown step");
    }
  }

  async #receive(peer, step, offset) {
    const expected = messageOf(step.receive);
    const receipt = isControl(expected) && /^A (\d+)$/.exec(expected.slice(1));
    if (receipt) {
      // More frequent acknowledgements are allowed.
      const number = Number(receipt[1]);
      const isThere = () => peer.acknowledged.includes(number) || peer.closed !== undefined;
      await this.until(peer, isThere, step.within);
      assert.equal(Math.max(...peer.acknowledged), number, "acknowledged number");
      return;
    }
    const isThere = () => peer.frames.length > 0 || peer.closed !== undefined;
    await this.until(peer, isThere, step.within);
    assert.ok(peer.frames.length > 0, `the connection was closed with ${peer.closed}`);
    const { data, number } = peer.frames.shift();
    if (isControl(expected)) {
      assert.ok(isControl(data), `expected a control frame, got ${JSON.stringify(shown(data))}`);
      this.names.match(expected, data);
      this.names.check(step);
      return;
    }
    assert.equal(shown(data), shown(expected));
    const wanted = step.number === undefined ? undefined : step.number + offset;
    assert.equal(number, wanted, "number of the message");
  }
}

/** Describes a connection of the tester in a failure. */
export function described({ frames, closed, acknowledged }) {
  const waiting = frames.slice(0, 5).map(({ data }) => JSON.stringify(shown(data)));
  const end = closed === undefined ? "open" : `closed with ${closed}`;
  return `the connection is ${end}; unread: ${waiting}; acknowledged: ${acknowledged}`;
}
