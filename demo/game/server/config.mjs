// What the server can be told, by the environment or by an object, with defaults.
import { fileURLToPath } from "node:url";
import * as common from "../../common/config.mjs";
import { logLevel, number, origins, text } from "../../common/config.mjs";
import { limits } from "./protocol.mjs";

/** @type {Record<string, import("../../common/config.mjs").Setting>} */
const settings = {
  /** 0 takes a free one. */
  port: number("PORT", 8090, { from: 0, to: 65_535 }),
  host: text("GAME_HOST", "127.0.0.1", "a host name or an IP address"),
  /** The origins whose pages may connect. Without any: those of this machine. */
  origins: origins("GAME_ORIGINS", "https://game.example.org"),
  /** The folder of the scores and the chat. */
  data: text(
    "GAME_DATA",
    fileURLToPath(new URL("../../../build/game", import.meta.url)),
    "a folder",
  ),
  /** Players in the arena at one time, those who were cut off and may come back among them. */
  players: number("GAME_PLAYERS", 32, { from: 1, to: limits.players }),
  /** WebSockets at one time. */
  connections: number("GAME_CONNECTIONS", 100, { from: 1, to: 10_000 }),
  /** Milliseconds in which somebody who was cut off stays in the arena. */
  grace: number("GAME_GRACE", 15_000, { from: 0, to: 3_600_000 }),
  /** Milliseconds from one ping of the protocol to the next, which is when it has to be answered. */
  pingInterval: number("GAME_PING_INTERVAL", 15_000, { from: 10, to: 3_600_000 }),
  logLevel: logLevel("GAME_LOG_LEVEL"),
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
 * @property {number} pingInterval
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
