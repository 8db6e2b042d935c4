// What the server can be told, by the environment or by an object, with defaults.
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

/** @type {Record<string, Setting>} */
const settings = {
  /** 0 takes a free one. */
  port: number("PORT", 8080, { from: 0, to: 65_535 }),
  host: text("CHAT_HOST", "127.0.0.1", "a host name or an IP address"),
  /**
   * The origins whose pages may connect. Without any: those of this machine. A proxy in front has to
   * pass Host, Origin and upgrades on, and to wait at least two of `pingInterval` for silent ones.
   */
  origins: {
    variable: "CHAT_ORIGINS",
    fallback: [],
    expected: "a list of origins such as https://chat.example.org, separated by commas",
    schema: v.array(v.pipe(v.string(), v.check(isOrigin))),
    read: (value) => value.split(",").map((origin) => origin.trim()),
  },
  /** The folder of the history. Not used with Redis. */
  data: text(
    "CHAT_DATA",
    fileURLToPath(new URL("../../../build/chat", import.meta.url)),
    "a folder",
  ),
  /** Where there is a Redis that several servers share. May have a password in it. */
  redisUrl: {
    ...text(
      "CHAT_REDIS_URL",
      undefined,
      "a URL such as redis://127.0.0.1:6379",
      v.pipe(v.string(), v.regex(/^rediss?:\/\/./)),
    ),
    isSecret: true,
  },
  /** What all keys in Redis begin with. */
  redisPrefix: text("CHAT_REDIS_PREFIX", "steadysocket-chat:", "a text"),
  /** WebSockets at one time. */
  connections: number("CHAT_CONNECTIONS", 1000, { from: 1, to: 1_000_000 }),
  /** Messages a second of one connection. */
  rate: number("CHAT_RATE", 20, { from: 1, to: 1_000_000 }),
  /** Messages of one connection that may come at once. */
  burst: number("CHAT_BURST", 60, { from: 1, to: 1_000_000 }),
  /** Milliseconds from one ping of the protocol to the next, which is when it has to be answered. */
  pingInterval: number("CHAT_PING_INTERVAL", 30_000, { from: 10, to: 3_600_000 }),
  /** Milliseconds in which somebody who was cut off may come back without having left. */
  grace: number("CHAT_GRACE", 15_000, { from: 0, to: 3_600_000 }),
  /** Messages that a newcomer is given. */
  history: number("CHAT_HISTORY", 50, { from: 0, to: 1000 }),
  /** The newest entries of the journal, in memory: who comes back is told those that it missed. */
  recent: number("CHAT_RECENT", 10_000, { from: 1, to: 1_000_000 }),
  logLevel: text(
    "CHAT_LOG_LEVEL",
    "info",
    "trace, debug, info, warn, error, fatal or silent",
    v.picklist(["trace", "debug", "info", "warn", "error", "fatal", "silent"]),
  ),
};

/**
 * @typedef {object} Config
 * @property {number} port
 * @property {string} host
 * @property {string[]} origins
 * @property {string} data
 * @property {string | undefined} redisUrl
 * @property {string} redisPrefix
 * @property {number} connections
 * @property {number} rate
 * @property {number} burst
 * @property {number} pingInterval
 * @property {number} grace
 * @property {number} history
 * @property {number} recent
 * @property {string} logLevel
 */

/** A value that cannot be used. The message is one line, for people. */
export class ConfigError extends Error {
  name = "ConfigError";
}

/**
 * An empty variable is as none.
 * @param {Record<string, string | undefined>} environment
 * @returns {Config}
 */
export function readEnvironment(environment) {
  const given = {};
  for (const [member, { variable, read }] of Object.entries(settings)) {
    const value = environment[variable];
    if (value !== undefined && value !== "") given[member] = read(value);
  }
  return complete(given, (member) => environment[settings[member].variable]);
}

/**
 * @param {Partial<Config>} given
 * @returns {Config}
 */
export function complete(given, shown = (member) => given[member]) {
  const config = {};
  for (const [member, setting] of Object.entries(settings)) {
    const value = given[member] ?? setting.fallback;
    if (value !== setting.fallback && !v.is(setting.schema, value)) {
      const but = setting.isSecret ? "" : `, not "${shown(member)}"`;
      throw new ConfigError(`${setting.variable} must be ${setting.expected}${but}`);
    }
    config[member] = value;
  }
  return /** @type {Config} */ (config);
}

/** @returns {Setting} */
function number(variable, fallback, { from, to }) {
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
function text(variable, fallback, expected, schema = v.pipe(v.string(), v.minLength(1))) {
  return { variable, fallback, expected, schema, read: (value) => value };
}

function isOrigin(origin) {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return /^https?:$/.test(url.protocol) && url.origin === origin;
}
