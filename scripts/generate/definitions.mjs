// Reads the sources of the generated files: options.def, texts.def, and enumerations in headers.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib.mjs";

export const snakeCase = (name) => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
export const camelCase = (name) => name.replaceAll(/_(\w)/g, (_, c) => c.toUpperCase());

export const day = 24 * 60 * 60 * 1000;
const units = { KiB: 2 ** 10, MiB: 2 ** 20 };
const kinds = ["time", "bytes", "count", "factor", "choice", "fact"];

/** Lines that are neither empty nor comments. */
export function linesOf(file) {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  return lines.filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

/**
 * @typedef {{ value: number } | { option: string }} Bound
 * @typedef {object} Range
 * @property {Bound} low
 * @property {Bound} high
 * @property {boolean} hasLow - Whether the bound itself is in the range.
 * @property {boolean} hasHigh
 *
 * @typedef {object} Option
 * @property {string} kind
 * @property {string} name - In JavaScript: `reconnect.initialDelay`.
 * @property {string} path - In C++: `reconnect.initial_delay`.
 * @property {string} member - Of Settings: `reconnect_initial_delay`.
 * @property {string} [group] - In C++, if it can be absent.
 * @property {string} [enumeration] - Of a choice.
 * @property {string[]} [choices] - Its enumerators.
 * @property {Range} [range]
 * @property {string} fallback - The default, as written in options.def.
 * @property {number} value - The default as a number.
 * @property {string} [phrase] - The docs' replacement for the default.
 * @property {string} description
 *
 * @typedef {object} Enumeration
 * @property {string} name - In C++.
 * @property {string} header
 * @property {{ name: string, label: string, value: number }[]} enumerators - `label`: the name for users.
 * @property {string} [object] - The constant of the numbers in TypeScript.
 * @property {string} [names] - The list of the names in TypeScript.
 * @property {string} [printer] - The header that declares its to_string.
 */

/**
 * The options and the facts, in the order of Settings.
 * @param {Record<string, { name: string, value: number }[]>} enumerations - Of choices.
 * @returns {Option[]}
 */
export function readOptions(enumerations) {
  const options = linesOf("sdk/kernel/options.def").map((line) => readOption(line, enumerations));
  for (const { name, range } of options) {
    for (const bound of range ? [range.low, range.high] : []) {
      if ("option" in bound && !options.some((other) => other.name === bound.option)) {
        throw new Error(`options.def: ${name}: unknown bound ${bound.option}`);
      }
    }
  }
  return options;
}

/** @returns {Option} */
function readOption(line, enumerations) {
  const [kind, fullName, written, rangeText, description] = line.split("|").map((c) => c.trim());
  if (!kinds.includes(kind) || !description) throw new Error(`options.def: bad line: ${line}`);
  const [, fallback, phrase] = /^(.+?)(?: \((.+)\))?$/.exec(written);
  const name = fullName.replace("?", "");
  const path = snakeCase(name);
  const option = {
    kind,
    name,
    path,
    member: path.replace(".", "_"),
    fallback,
    phrase,
    description,
  };
  if (fullName.includes("?")) option.group = path.split(".")[0];
  if (kind === "choice") {
    const found = enumerations[rangeText]?.find((enumerator) => enumerator.name === fallback);
    if (!found) throw new Error(`options.def: ${name}: no ${rangeText}::${fallback}`);
    const choices = enumerations[rangeText].map((enumerator) => enumerator.name);
    return { ...option, enumeration: rangeText, choices, value: found.value };
  }
  if (kind !== "fact") option.range = readRange(name, rangeText);
  return { ...option, value: readNumber(name, fallback) };
}

function readNumber(name, text) {
  if (text === "inf") return Number.POSITIVE_INFINITY;
  const [number, unit] = text.split(" ");
  const value = Number(number) * (unit === undefined ? 1 : units[unit]);
  if (Number.isNaN(value)) throw new Error(`options.def: ${name}: bad number ${text}`);
  return value;
}

function readRange(name, text) {
  const parts = /^([[(])(\S+), (\S+)([\])])$/.exec(text);
  if (!parts) throw new Error(`options.def: ${name}: bad range ${text}`);
  const bound = (written) => {
    if (written === "day") return { value: day };
    return /^(\d|inf)/.test(written) ? { value: readNumber(name, written) } : { option: written };
  };
  const [, opening, low, high, closing] = parts;
  return {
    low: bound(low),
    high: bound(high),
    hasLow: opening === "[",
    hasHigh: closing === "]",
  };
}

/**
 * A range in words: `1 or more`.
 * @param {Range} range
 * @param {(option: string) => string} nameOf
 */
export function rangeInWords({ low, high, hasLow, hasHigh }, nameOf) {
  const show = (bound) => {
    if ("option" in bound) return nameOf(bound.option);
    return bound.value === day ? "one day" : String(bound.value);
  };
  const [from, to] = [show(low), show(high)];
  if ("value" in high && high.value === Number.POSITIVE_INFINITY) {
    const words = hasLow ? `${from} or more` : `more than ${from}`;
    return hasHigh ? words : `${words}, and finite`;
  }
  if (hasLow && hasHigh) return `between ${from} and ${to}`;
  return `${hasLow ? "at least" : "more than"} ${from} and ${hasHigh ? "at most" : "below"} ${to}`;
}

/** The strings, in the order of TextId. */
export function readTexts() {
  return linesOf("sdk/kernel/texts.def").map((line) => {
    const [, name, text] = /^(\w+)\s*(.*)$/.exec(line);
    return { name, text };
  });
}

/** The files in which enumerations and constants are searched. */
const folders = ["sdk/include/steady", "sdk/kernel", "sdk/web", "bindings"];

/** The headers without their comments. */
function readHeaders() {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder)).map((file) => `${folder}/${file}`),
  );
  return files
    .filter((file) => file.endsWith(".hpp"))
    .map((file) => ({
      file,
      source: readFileSync(join(root, file), "utf8").replaceAll(/\/\/.*/g, ""),
    }));
}

/** The header with the only match of a pattern, and the match; undefined if there is none. */
function findIn(headers, pattern) {
  const found = headers.flatMap(({ file, source }) => {
    const match = pattern.exec(source);
    return match ? [{ file, match }] : [];
  });
  if (found.length > 1) throw new Error(`${pattern} is in ${found.map(({ file }) => file)}`);
  return found[0];
}

/**
 * Adds header and enumerators to each enumeration.
 * @param {Pick<Enumeration, "name" | "object" | "names">[]} wanted
 * @returns {Enumeration[]}
 */
export function readEnumerations(wanted) {
  const headers = readHeaders();
  return wanted.map((enumeration) => {
    const { name } = enumeration;
    const pattern = new RegExp(`enum (?:class )?${name} : [\\w:]+ \\{([^}]*)\\}`);
    const found = findIn(headers, pattern);
    if (!found) throw new Error(`no header has the enumeration ${name}`);
    const enumerators = readEnumerators(name, found.match[1]);
    const printer = findIn(headers, new RegExp(`char\\* to_string\\(${name} `))?.file;
    return { ...enumeration, header: found.file, printer, enumerators };
  });
}

function readEnumerators(name, body) {
  const parts = body.split(",").map((part) => part.trim());
  let next = 0;
  return parts
    .filter((part) => part !== "")
    .map((part) => {
      const [, enumerator, given] = /^(\w+)(?: = (\S+))?$/.exec(part) ?? [];
      const value = given === undefined ? next : numberOf(given);
      if (!Number.isInteger(value)) throw new Error(`${name}: cannot read ${part}`);
      next = value + 1;
      // `new_` has an underscore because `new` is a keyword of C++.
      return { name: enumerator, label: enumerator.replace(/_$/, ""), value };
    });
}

/**
 * Numbers that are defined as `inline constexpr TYPE NAME = NUMBER;`.
 * @param {string[]} names
 */
export function readConstants(names) {
  const headers = readHeaders();
  return names.map((name) => {
    const found = findIn(headers, new RegExp(`\\bconstexpr \\S+ ${name} = (\\S+);`));
    if (!found) throw new Error(`no header has the constant ${name}`);
    const value = numberOf(found.match[1]);
    if (Number.isNaN(value)) throw new Error(`${name}: cannot read ${found.match[1]}`);
    return { name, value };
  });
}

/** A number as C++ writes it. */
function numberOf(text) {
  const power = /^0x1p(\d+)$/.exec(text)?.[1];
  return power === undefined ? Number(text.replaceAll("'", "")) : 2 ** Number(power);
}
