// What the server can be told, by the environment or by an object, with defaults.
import * as v from "valibot";
import { commonSettings, number, readersOf, text } from "../../common/config.mjs";

/** @type {Record<string, import("../../common/config.mjs").Setting>} */
const settings = {
  ...commonSettings("chat", 8080),
  /**
   * Where there is a Redis that several servers share, in the place of `data`. May have a password
   * in it.
   */
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
  /**
   * Deliveries that are under way at one time, for all connections together: a message to 200 people
   * is 200. What exceeds them waits, and goes on in fair order.
   */
  deliveries: number("CHAT_DELIVERIES", 5000, { from: 1, to: 1_000_000 }),
  /** Milliseconds from one ping of the protocol to the next, which is when it has to be answered. */
  pingInterval: number("CHAT_PING_INTERVAL", 30_000, { from: 10, to: 3_600_000 }),
  /** Messages that a newcomer is given. */
  history: number("CHAT_HISTORY", 50, { from: 0, to: 1000 }),
  /** The newest entries of the journal, in memory: who comes back is told those that it missed. */
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
