// The bad network that a player can switch on for their own page: POST /network. Connections belong
// to a line, which a page names in the query of its WebSocket's URL.
import * as v from "valibot";
import { isForeign } from "../../../common/origin.mjs";
import { Line } from "./line.mjs";

/** Milliseconds for which a line that was cut accepts no new connection. */
export const cutTime = 3000;

const mostBytes = 1000;
/** Lines with settings. With more, the oldest is forgotten. */
const mostLines = 1000;

const milliseconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(5000));
const name = v.pipe(v.string(), v.regex(/^[\w-]{8,64}$/));
const orders = v.variant("do", [
  v.object({ do: v.literal("delay"), line: name, latency: milliseconds, jitter: milliseconds }),
  v.object({ do: v.literal("cut"), line: name }),
  v.object({ do: v.literal("silence"), line: name }),
  v.object({ do: v.literal("kill") }),
]);

/**
 * @typedef {object} Settings
 * @property {import("./line.mjs").Quality} quality
 * @property {Set<Line>} open The connections.
 * @property {number} cutUntil
 */

export class Network {
  /** @type {Map<string, Settings>} */
  #lines = new Map();
  #isOn;
  #kill;

  /**
   * @param {boolean} isOn Off: every order is answered with 404, and connections are left alone.
   * @param {() => void} kill Ends the server as a crash does.
   */
  constructor(isOn, kill) {
    this.#isOn = isOn;
    this.#kill = kill;
  }

  /**
   * Returns the connection of a WebSocket that is being opened, or undefined if the link is cut.
   * @param {import("node:http").IncomingMessage} request
   * @param {import("node:net").Socket} socket
   * @returns {import("node:stream").Duplex | undefined}
   */
  pass(request, socket) {
    const line = new URLSearchParams(request.url?.split("?")[1]).get("line");
    if (!this.#isOn || !v.is(name, line)) return socket;
    const settings = this.#settingsOf(line);
    if (performance.now() < settings.cutUntil) return undefined;
    const connection = new Line(socket, settings.quality);
    settings.open.add(connection);
    connection.on("close", () => settings.open.delete(connection));
    return connection;
  }

  /**
   * GET /network: whether there are controls. POST: an order.
   * @type {import("../../../common/site.mjs").Route}
   */
  async answer(request) {
    if (request.method !== "POST") return { status: 200, body: { isOn: this.#isOn } };
    if (!this.#isOn) return { status: 404, body: { error: "there are no controls" } };
    // Only pages of this machine, and programs on it, whatever GAME_ORIGINS allows to play.
    const isNear = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(request.socket.remoteAddress ?? "");
    if (!isNear || isForeign(request.headers, [])) {
      return { status: 403, body: { error: "only pages of this machine have controls" } };
    }
    const order = await readOrder(request);
    if (order === undefined) return { status: 400, body: { error: "no such order" } };
    if (order.do === "kill") return { status: 202, body: {}, whenSent: this.#kill };
    this.#obey(order);
    return { status: 202, body: {} };
  }

  #obey(order) {
    const settings = this.#settingsOf(order.line);
    if (order.do === "delay") {
      const { latency, jitter } = order;
      Object.assign(settings.quality, { latency, jitter });
    } else if (order.do === "silence") {
      for (const connection of settings.open) connection.silence();
    } else {
      settings.cutUntil = performance.now() + cutTime;
      for (const connection of settings.open) connection.cut();
    }
  }

  #settingsOf(line) {
    const known = this.#lines.get(line);
    if (known !== undefined) return known;
    if (this.#lines.size === mostLines) this.#lines.delete(this.#lines.keys().next().value);
    /** @type {Settings} */
    const settings = { quality: { latency: 0, jitter: 0 }, open: new Set(), cutUntil: 0 };
    this.#lines.set(line, settings);
    return settings;
  }
}

async function readOrder(request) {
  let text = "";
  request.setEncoding("utf8");
  try {
    for await (const part of request) {
      text += part;
      if (text.length > mostBytes) return undefined;
    }
    const { success, output } = v.safeParse(orders, JSON.parse(text));
    return success ? output : undefined;
  } catch {
    // Not JSON, or the client has gone.
    return undefined;
  }
}
