// Warnings about what would otherwise fail in silence, in the console: once per cause and page.
import { masked } from "./inspection.js";

/** The names of events for which no warning was printed yet. */
const eventTypes = new Set(["open", "message", "close", "error", "statechange", "drop", "session"]);

export const isEventType = (type: string): boolean => eventTypes.has(type);

/** Warns of a handler of `on` that waits for an event. */
export function warnOfEventType(type: string): void {
  if (!eventTypes.delete(type)) return;
  console.warn(
    `SteadySocket: on("${type}") is for messages of this type, and there was none; ` +
      `for the event: addEventListener("${type}", …)`,
  );
}

/** The ports whose kernels wait for their next attempt. A port does not keep its socket alive. */
export const waiting = new Set<{ readonly details: { readonly url: string } }>();
let hasWarnedOfSecond = false;

/** Warns if the first attempt of a socket is to a URL that another one waits for. */
export function warnOfSecond(url: string): void {
  if (hasWarnedOfSecond || ![...waiting].some(({ details }) => details.url === url)) return;
  hasWarnedOfSecond = true;
  console.warn(
    `SteadySocket: another socket to ${masked(url)} while one waits to reconnect; it reconnects by itself: ` +
      "take out code that creates a new one on close",
  );
}
