// The server's log: lines of JSON, to the standard error. What people write, their keys and their
// names are never in it.
import pino from "pino";

/** @param {string} level One of pino's, or "silent". */
export function createLogger(level) {
  // At once: what is told of an end must be there after it.
  return pino({ level, base: undefined }, pino.destination({ fd: 2, sync: true }));
}
