// The test vectors of the session protocol, for a runner of either role. The format is described in
// docs/session-protocol.md, section Vectors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

const file = new URL("../../../docs/session-vectors.json", import.meta.url);
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

/** What identifies a message in a comparison and in a failure. */
export function shown(data) {
  if (typeof data !== "string") return `hex ${Buffer.from(data).toString("hex")}`;
  return data.length > 100 ? `${data.slice(0, 40)}… (${data.length} characters)` : data;
}

export const isControl = (data) =>
  typeof data === "string" && data.startsWith(mark) && data[1] !== mark;

/** The values of the names in control frames: {ID} and so on. */
export class Names {
  #values = new Map();

  constructor(values = {}) {
    for (const [name, value] of Object.entries(values)) this.#values.set(name, value);
  }

  /** Fills in the names of a frame that the tester sends. */
  fill(text) {
    if (!isControl(text)) return text;
    return text.replaceAll(/\{([A-Z]+\d*)\}/g, (_, name) => {
      assert.ok(this.#values.has(name), `the name ${name} has no value`);
      return this.fill(mark + this.#values.get(name)).slice(1);
    });
  }

  /** Compares a received control frame, and takes the values of new names from it. */
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
    // A greeting may have more fields than the vectors know.
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
      assert.ok(away < 60_000, `the clock of the answer is ${value}`);
      return;
    }
    if (!this.#values.has(name)) this.#values.set(name, value);
    assert.equal(value, this.#values.get(name), `{${name}}`);
  }

  /** The conditions of a `receive` step on names. */
  check({ differs = [], above }) {
    const values = differs.map((name) => this.#values.get(name));
    assert.equal(new Set(values).size, values.length, `${differs} are ${values}`);
    if (!above) return;
    const [higher, lower] = above.map((name) => Number(this.#values.get(name)));
    assert.ok(higher > lower, `${above[0]} is ${higher}, and ${above[1]} ${lower}`);
  }
}
