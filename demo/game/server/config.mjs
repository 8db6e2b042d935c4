// The server's settings, from environment variables or an object, with defaults.
import { commonSettings, number, readersOf } from "../../common/config.mjs";
import { limits } from "./protocol.mjs";

/** @type {Record<string, import("../../common/config.mjs").Setting>} */
const settings = {
  ...commonSettings("game", 8090),
  /** Players in the arena at one time, including disconnected ones who may reconnect. */
  players: number("GAME_PLAYERS", 32, { from: 1, to: limits.players }),
  /** WebSockets at one time. */
  connections: number("GAME_CONNECTIONS", 100, { from: 1, to: 10_000 }),
  /** Milliseconds of a round, and of the pause after it, in which the result is shown. */
  round: number("GAME_ROUND", 90_000, { from: 1000, to: 3_600_000 }),
  pause: number("GAME_PAUSE", 8000, { from: 100, to: 60_000 }),
  /** Points with which a player wins a round at once. */
  target: number("GAME_TARGET", 100, { from: 1, to: 100_000 }),
  /** 1: POST /network lets players of this machine disturb their network and kill the server. */
  controls: number("GAME_CONTROLS", 0, { from: 0, to: 1 }),
  /** Milliseconds between two protocol pings; a ping must be answered before the next. */
  pingInterval: number("GAME_PING_INTERVAL", 15_000, { from: 10, to: 3_600_000 }),
};

/**
 * @typedef {object} Config
 * @property {number} port
 * @property {string} host
 * @property {string[]} origins
 * @property {string} data
 * @property {number} players
 * @property {number} connections
 * @property {number} grace
 * @property {number} round
 * @property {number} pause
 * @property {number} target
 * @property {number} controls
 * @property {number} pingInterval
 * @property {string} logLevel
 */

/** @type {import("../../common/config.mjs").Readers<Config>} */
export const { readEnvironment, complete } = readersOf(settings);
