// Random JSON texts, and the type member that a parser finds in them.
const keys = [
  '"type"',
  '"type"',
  '"\\u0074ype"',
  '"t\\u0079pe"',
  '"typ"',
  '"types"',
  '""',
  '"a\\"b"',
  '"\\\\"',
  '"日本"',
  '"0"',
];
const strings = [
  '"chat"',
  '""',
  '"a\\"b"',
  '"\\\\"',
  '"}{][,:"',
  '"\\u0041\\n\\/"',
  '"\\ud83d\\ude00"',
  '"\\ud83d"',
  '"é日本😀"',
  '"type"',
  '"\\"type\\":\\"x\\""',
];
const scalars = ["0", "-1", "1.5e10", "true", "false", "null"];
const spaces = ["", "", "", " ", "\n", "\t\r "];

/** Generates JSON texts from random numbers. */
export class JsonTexts {
  #below;

  constructor(below) {
    this.#below = below;
  }

  pick(list) {
    return list[this.#below(list.length)];
  }

  space() {
    return this.pick(spaces);
  }

  value(depth) {
    const kind = this.#below(depth > 0 ? 8 : 5);
    if (kind < 3) return this.pick(strings);
    if (kind < 5) return this.pick(scalars);
    if (kind === 5) return this.object(depth - 1).text;
    return this.array(depth - 1).text;
  }

  /** The text, and the texts of its members. */
  object(depth) {
    const members = Array.from({ length: this.#below(5) }, () => [
      this.pick(keys),
      this.value(depth),
    ]);
    const inside = members.map(([key, value]) =>
      [this.space(), key, this.space(), ":", this.space(), value, this.space()].join(""),
    );
    return { text: `${this.space()}{${inside.join(",") || this.space()}}${this.space()}`, members };
  }

  /** The text, and the texts of its elements. */
  array(depth) {
    const elements = Array.from({ length: this.#below(4) }, () => this.value(depth));
    const inside = elements.map((element) => this.space() + element + this.space());
    return { text: `[${inside.join(",") || this.space()}]`, elements };
  }

  /** The same text with a few characters changed. */
  mutated(text) {
    let changed = text;
    for (let i = this.#below(3); i >= 0; --i) {
      const at = this.#below(changed.length + 1);
      const mark = this.pick([...'{}[],:"\\ \ntype0u\uFEFF', ""]);
      changed = changed.slice(0, at) + mark + changed.slice(at + this.#below(2));
    }
    return changed;
  }
}

/** The value of the first member with this name, if it is a string; members are JSON texts. */
export function typeOf(members, name) {
  const found = members.find(([key]) => JSON.parse(key) === name);
  const value = found && JSON.parse(found[1]);
  return typeof value === "string" ? value : undefined;
}
