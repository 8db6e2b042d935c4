// What a demo's server can be told, by the environment or by an object, with defaults.
import { fileURLToPath } from "node:url";
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
 * The two ways to tell a server something, each with the defaults for the rest.
 * @template Config
 * @typedef {object} Readers
 * @property {(environment: Record<string, string | undefined>) => Config} readEnvironment An empty
 *   variable is as none.
 * @property {(given: Partial<Config>) => Config} complete
 */

/**
 * @param {Record<string, Setting>} settings
 * @returns {Readers<any>}
 */
export function readersOf(settings) {
  return {
    readEnvironment: (environment) => readEnvironment(settings, environment),
    complete: (given) => complete(settings, given),
  };
}

/**
 * What every demo's server can be told.
 * @param {string} name Begins the variables, and is the folder in build/.
 * @param {number} port By default.
 * @returns {Record<string, Setting>}
 */
export function commonSettings(name, port) {
  const prefix = name.toUpperCase();
  const folder = fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
  return {
    /** 0 takes a free one. */
    port: number("PORT", port, { from: 0, to: 65_535 }),
    host: text(`${prefix}_HOST`, "127.0.0.1", "a host name or an IP address"),
    /**
     * The origins whose pages may connect. Without any: those of this machine. A proxy in front has
     * to pass Host, Origin and upgrades on, and to wait at least two of `pingInterval` for silent
     * ones.
     */
    origins: origins(`${prefix}_ORIGINS`, `https://${name}.example.org`),
    /** The folder of what is kept. */
    data: text(`${prefix}_DATA`, folder, "a folder"),
    /** Milliseconds in which somebody who was cut off may come back without having left. */
    grace: number(`${prefix}_GRACE`, 15_000, { from: 0, to: 3_600_000 }),
    logLevel: logLevel(`${prefix}_LOG_LEVEL`),
  };
}

function readEnvironment(settings, environment) {
  const given = {};
  for (const [member, { variable, read }] of Object.entries(settings)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") given[member] = read(value);
  }
  return complete(settings, given, (member) => environment[settings[member].variable]);
}

function complete(settings, given, shown = (member) => given[member]) {
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
function origins(variable, example) {
  return {
    variable,
    fallback: [],
    expected: `a list of origins such as ${example}, separated by commas`,
    schema: v.array(v.pipe(v.string(), v.check(isOrigin))),
    read: (value) => value.split(",").map((origin) => origin.trim()),
  };
}

/** @returns {Setting} */
function logLevel(variable) {
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
