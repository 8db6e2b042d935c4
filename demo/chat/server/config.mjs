// The server's settings, from environment variables or an object, with defaults.
import * as v from "valibot";
import { commonSettings, number, readersOf, text } from "../../common/config.mjs";

/** @type {Record<string, import("../../common/config.mjs").Setting>} */
const settings = {
  ...commonSettings("chat", 8080),
  /** The URL of a Redis that several servers share, in place of `data`. May contain a password. */
  redisUrl: {
    ...text(
      "CHAT_REDIS_URL",
      undefined,
      "a URL such as redis://127.0.0.1:6379",
      v.pipe(v.string(), v.regex(/^rediss?:\/\/./)),
    ),
    isSecret: true,
  },
  /** The prefix of all keys in Redis. */
  redisPrefix: text("CHAT_REDIS_PREFIX", "steadysocket-chat:", "a string"),
  /** WebSockets at one time. */
  connections: number("CHAT_CONNECTIONS", 1000, { from: 1, to: 1_000_000 }),
  /** Messages a second of one connection. */
  rate: number("CHAT_RATE", 20, { from: 1, to: 1_000_000 }),
  /** Messages of one connection that may arrive at once. */
  burst: number("CHAT_BURST", 60, { from: 1, to: 1_000_000 }),
  /**
   * Deliveries under way at one time, for all connections together: a message to 200 people is 200.
   * Further messages wait, and continue in fair order.
   */
  deliveries: number("CHAT_DELIVERIES", 5000, { from: 1, to: 1_000_000 }),
  /** Milliseconds between two protocol pings; a ping must be answered before the next. */
  pingInterval: number("CHAT_PING_INTERVAL", 30_000, { from: 10, to: 3_600_000 }),
  /** Messages that a new user receives. */
  history: number("CHAT_HISTORY", 50, { from: 0, to: 1000 }),
  /**
   * The number of newest entries in memory: returning clients receive the ones they missed from
   * these.
   */
  recent: number("CHAT_RECENT", 10_000, { from: 1, to: 1_000_000 }),
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
 * @property {number} deliveries
 * @property {number} pingInterval
 * @property {number} grace
 * @property {number} history
 * @property {number} recent
 * @property {string} logLevel
 */

/** @type {import("../../common/config.mjs").Readers<Config>} */
export const { readEnvironment, complete } = readersOf(settings);
