// What the server can be told, by the environment or by an object, with defaults.
import { fileURLToPath } from "node:url";
import * as v from "valibot";
import * as common from "../../common/config.mjs";
import { logLevel, number, origins, text } from "../../common/config.mjs";

/** @type {Record<string, import("../../common/config.mjs").Setting>} */
const settings = {
  /** 0 takes a free one. */
  port: number("PORT", 8080, { from: 0, to: 65_535 }),
  host: text("CHAT_HOST", "127.0.0.1", "a host name or an IP address"),
  /**
   * The origins whose pages may connect. Without any: those of this machine. A proxy in front has to
   * pass Host, Origin and upgrades on, and to wait at least two of `pingInterval` for silent ones.
   */
  origins: origins("CHAT_ORIGINS", "https://chat.example.org"),
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
  logLevel: logLevel("CHAT_LOG_LEVEL"),
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

/**
 * @param {Record<string, string | undefined>} environment
 * @returns {Config}
 */
export function readEnvironment(environment) {
  return common.readEnvironment(settings, environment);
}

/**
 * @param {Partial<Config>} given
 * @returns {Config}
 */
export function complete(given) {
  return common.complete(settings, given);
}
