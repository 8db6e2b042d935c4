import WebSocket from "ws";
import { SteadySocket } from "./package.mjs";
import { within } from "./until.mjs";

/** Delays short enough for a test. */
export const quick = { initialDelay: 10, maxDelay: 50 };

/** A socket on the `ws` package that is closed when the test ends. */
export function openSocket(test, url, options = {}, protocols = []) {
  const socket = new SteadySocket(url, protocols, { WebSocket, reconnect: quick, ...options });
  test.after(() => socket.close());
  return socket;
}

/**
 * The next event of this type. (`once` of node:events takes any object with `on` for an emitter.)
 */
export function next(socket, type) {
  const event = new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));
  return within(event, `the event "${type}"`, () => `the socket is ${socket.state}`);
}

/** The next message of this type. */
export function routed(socket, type) {
  const message = new Promise((resolve) => socket.once(type, resolve));
  return within(message, `a message of type "${type}"`, () => `the socket is ${socket.state}`);
}

/** Resolves when the socket is in this state, at once if it already is. */
export async function reached(socket, state) {
  while (socket.state !== state) await next(socket, "statechange");
}

/** The next statechange event with this state. */
export async function reachedBy(socket, state) {
  for (;;) {
    const event = await next(socket, "statechange");
    if (event.state === state) return event;
  }
}

/** Records a socket's events, a line each. */
export function record(socket) {
  const lines = [];
  const note = (type, text) =>
    socket.addEventListener(type, (event) => lines.push(`${type} ${text(event)}`.trim()));
  note("open", () => "");
  note("statechange", (event) => event.state);
  note("close", (event) => `${event.code}${event.willRetry ? " retry" : ""}`);
  note("error", (event) => event.code);
  note("message", (event) => event.data);
  note("drop", (event) => `${event.id} ${event.reason} ${event.data}`);
  return lines;
}
