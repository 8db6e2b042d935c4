// The server's log: JSON lines on the standard error, without message texts, keys and names.
import pino from "pino";

/** @param {string} level One of pino's, or "silent". */
export function createLogger(level) {
  // Synchronous, so that the log is complete when the process ends.
  return pino({ level, base: undefined }, pino.destination({ fd: 2, sync: true }));
}
