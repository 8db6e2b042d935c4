// Generated parts of hand-written files: rows of tables in the docs, and `@default` in
// the types of the package.
import { rangeInWords } from "./definitions.mjs";

const code = (text) => `\`${text}\``;

const defaultInTypeScript = ({ fallback, phrase, choices, value }) => {
  if (phrase) return phrase.replaceAll("`", "");
  return choices ? `"${fallback}"` : String(value);
};

function tableRow({ name, kind, fallback, phrase, range, choices, value, description }) {
  const shown = phrase ?? (choices ? code(`"${fallback}"`) : kind === "bytes" ? fallback : value);
  const allowed = choices
    ? choices.map((choice) => code(`"${choice}"`)).join(", ")
    : rangeInWords(range, code);
  return `| ${code(name)} | ${shown} | ${allowed} | ${description} |`;
}

const begin = "<!-- options -->";
const end = "<!-- /options -->";

/** The text with the rows of its options; the other rows between the marks are left as they are. */
export function withTableRows(text, options) {
  const parts = text.split(begin);
  const done = parts.slice(1).map((part) => {
    const [table, ...rest] = part.split(end);
    const rows = table.split("\n").map((row) => {
      const name = /^\| `([\w.]+)` +\|/.exec(row)?.[1];
      const option = options.find((one) => one.name === name);
      return option ? tableRow(option) : row;
    });
    return [rows.join("\n"), ...rest].join(end);
  });
  return [parts[0], ...done].join(begin);
}

/** The options that no table of the text has. */
export function missingIn(text, options) {
  return options.filter(({ name }) => !text.includes(`\n| ${code(name)} |`));
}

/** The group of the members of each interface. */
const groups = new Map([
  ["ReconnectOptions", "reconnect."],
  ["QueueOptions", "queue."],
  ["BatchOptions", "batch."],
  ["HeartbeatOptions", "heartbeat."],
  ["SteadySocketOptions", ""],
]);

/** The types of the options with their defaults. */
export function withDefaults(source, options) {
  return source
    .split(/^(?=export interface )/m)
    .map((part) => {
      const group = groups.get(/^export interface (\w+)/.exec(part)?.[1]);
      return part.replaceAll(/(?<=@default ).+?(?=\s*\*\/\n\s*(\w+)\?:)/g, (found, name) => {
        const option = options.find((one) => one.name === `${group}${name}`);
        return option ? defaultInTypeScript(option) : found;
      });
    })
    .join("");
}

/** The source with the numbers of C++ before the comments that name them: 1 /* Hint::offline *\/. */
export function withEnumerators(source, enumerations) {
  return source.replaceAll(/-?\d+(?= \/\* (\w+)::(\w+) \*\/)/g, (_, name, enumerator) => {
    const { enumerators = [] } = enumerations.find((one) => one.name === name) ?? {};
    const found = enumerators.find((one) => one.name === enumerator);
    if (found === undefined) throw new Error(`there is no ${name}::${enumerator}`);
    return found.value;
  });
}
