// The settings of a demo's server, from environment variables or an object, with defaults.
import { fileURLToPath } from "node:url";
import * as v from "valibot";

/**
 * @typedef {object} Setting
 * @property {string} variable The environment variable.
 * @property {any} fallback
 * @property {string} expected Follows "must be" in the error message.
 * @property {v.GenericSchema} schema
 * @property {(text: string) => any} read
 * @property {boolean} [isSecret] Is not repeated in the error message.
 */

/** An invalid value. The message is one line, for users. */
export class ConfigError extends Error {
  name = "ConfigError";
}

/**
 * The two sources of settings, each with defaults for the rest.
 * @template Config
 * @typedef {object} Readers
 * @property {(environment: Record<string, string | undefined>) => Config} readEnvironment An empty
 *   variable counts as unset.
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
 * The settings of every demo's server.
 * @param {string} name The prefix of the variables and the folder in build/.
 * @param {number} port The default.
 * @returns {Record<string, Setting>}
 */
export function commonSettings(name, port) {
  const prefix = name.toUpperCase();
  const folder = fileURLToPath(new URL(`../../build/${name}`, import.meta.url));
  return {
    /** 0 selects a free port. */
    port: number("PORT", port, { from: 0, to: 65_535 }),
    host: text(`${prefix}_HOST`, "127.0.0.1", "a host name or an IP address"),
    /**
     * The origins whose pages may connect. Default: those of this machine. A proxy in front must
     * pass on Host, Origin and upgrades, and must allow silent connections for at least two
     * `pingInterval`s.
     */
    origins: origins(`${prefix}_ORIGINS`, `https://${name}.example.org`),
    /** The data folder. */
    data: text(`${prefix}_DATA`, folder, "a folder"),
    /** Milliseconds in which a disconnected user may reconnect without having left. */
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
