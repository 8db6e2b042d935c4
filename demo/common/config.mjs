// What a demo's server can be told, by the environment or by an object, with defaults.
import * as v from "valibot";

/**
 * @typedef {object} Setting
 * @property {string} variable Of the environment.
 * @property {any} fallback
 * @property {string} expected Is said after "must be".
 * @property {v.GenericSchema} schema
 * @property {(text: string) => any} read
 * @property {boolean} [isSecret] Is not said again.
 */

/** A value that cannot be used. The message is one line, for people. */
export class ConfigError extends Error {
  name = "ConfigError";
}

/**
 * An empty variable is as none.
 * @param {Record<string, Setting>} settings
 * @param {Record<string, string | undefined>} environment
 */
export function readEnvironment(settings, environment) {
  const given = {};
  for (const [member, { variable, read }] of Object.entries(settings)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") given[member] = read(value);
  }
  return complete(settings, given, (member) => environment[settings[member].variable]);
}

/**
 * @param {Record<string, Setting>} settings
 * @param {Record<string, any>} given
 * @returns {any}
 */
export function complete(settings, given, shown = (member) => given[member]) {
  const config = {};
  for (const [member, setting] of Object.entries(settings)) {
    const value = given[member] ?? setting.fallback;
    if (value !== setting.fallback && !v.is(setting.schema, value)) {
      const but = setting.isSecret ? "" : `, not "${shown(member)}"`;
      throw new ConfigError(`${setting.variable} must be ${setting.expected}${but}`);
    }
    config[member] = value;
  }
  return config;
}

/** @returns {Setting} */
export function number(variable, fallback, { from, to }) {
  return {
    variable,
    fallback,
    expected: `a whole number from ${from} to ${to}`,
    schema: v.pipe(v.number(), v.integer(), v.minValue(from), v.maxValue(to)),
    read: (value) => (/^\d+$/.test(value) ? Number(value) : Number.NaN),
  };
}

/**
 * @param {v.GenericSchema} [schema]
 * @returns {Setting}
 */
export function text(variable, fallback, expected, schema = v.pipe(v.string(), v.minLength(1))) {
  return { variable, fallback, expected, schema, read: (value) => value };
}

/** Origins, separated by commas; none by default. @returns {Setting} */
export function origins(variable, example) {
  return {
    variable,
    fallback: [],
    expected: `a list of origins such as ${example}, separated by commas`,
    schema: v.array(v.pipe(v.string(), v.check(isOrigin))),
    read: (value) => value.split(",").map((origin) => origin.trim()),
  };
}

/** @returns {Setting} */
export function logLevel(variable) {
  return text(
    variable,
    "info",
    "trace, debug, info, warn, error, fatal or silent",
    v.picklist(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
  );
}

function isOrigin(origin) {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return /^https?:$/.test(url.protocol) && url.origin === origin;
}
