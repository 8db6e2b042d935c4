// Reads what the generated files are made of: options.def, texts.def, and enumerations in headers.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib.mjs";

export const snakeCase = (name) => name.replaceAll(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
export const camelCase = (name) => name.replaceAll(/_(\w)/g, (_, c) => c.toUpperCase());

export const day = 24 * 60 * 60 * 1000;
const units = { KiB: 2 ** 10, MiB: 2 ** 20 };
const kinds = ["time", "bytes", "count", "factor", "choice", "fact"];

/** Lines that are neither empty nor comments. */
function linesOf(file) {
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
 * @property {string} fallback - As it is written.
 * @property {number} value - The default as a number.
 * @property {string} [phrase] - What the docs say instead of the default.
 * @property {string} description
 *
 * @typedef {object} Enumeration
 * @property {string} name - In C++.
 * @property {string} header
 * @property {{ name: string, value: number }[]} enumerators
 * @property {string} [object] - The constant of the numbers in TypeScript.
 * @property {string} [names] - The list of the names in TypeScript.
 * @property {boolean} [isPrinted] - Whether C++ has a to_string of it.
 * @property {boolean} [isNew] - Whether its header may be missing.
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
 * What a range allows, in words: `1 or more`.
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

/** The texts, in the order of TextId. */
export function readTexts() {
  return linesOf("sdk/kernel/texts.def").map((line) => {
    const [, name, text] = /^(\w+)\s*(.*)$/.exec(line);
    return { name, text };
  });
}

/**
 * The enumerators of `enum class NAME : TYPE { ... }` in a header, or undefined if there is no such
 * file.
 * @returns {{ name: string, value: number }[] | undefined}
 */
export function readEnumeration(header, name) {
  if (!existsSync(join(root, header))) return undefined;
  const source = readFileSync(join(root, header), "utf8").replaceAll(/\/\/.*/g, "");
  const body = new RegExp(`enum class ${name}\\b[^{]*\\{([^}]*)\\}`).exec(source)?.[1];
  if (body === undefined) throw new Error(`${header} has no enum class ${name}`);
  const enumerators = body
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  let next = 0;
  return enumerators.map((part) => {
    const [, enumerator, given] = /^(\w+)(?:\s*=\s*(.+))?$/s.exec(part) ?? [];
    if (enumerator === undefined) throw new Error(`${header}: ${name}: cannot read ${part}`);
    const value = given === undefined ? next : valueOf(given);
    if (!Number.isInteger(value)) throw new Error(`${header}: ${name}: cannot read ${part}`);
    next = value + 1;
    return { name: enumerator, value };
  });
}

/** A number as C++ writes it, or a shift of one. */
function valueOf(text) {
  const [, shifted, by] = /^(\d+)u?\s*<<\s*(\d+)$/.exec(text) ?? [];
  return shifted === undefined ? Number(text.replaceAll("'", "")) : Number(shifted) << Number(by);
}
