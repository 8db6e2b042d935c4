// A player without a screen: the page's client in C++, compiled to WebAssembly, in Node. It moves to
// the nearest dot, and prints lines of JSON: one whenever something has changed, and a last one.
//
// npm run game-bot -- [ws://localhost:8090/game] [NAME] [--seconds N] [--strength 1-100]
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import WebSocket from "ws";
import { readScene } from "./page/scene.js";

// URLs, or the built files would be type-checked.
const attachFile = new URL("../../dist/attach.js", import.meta.url);
const build = new URL("../../build/web/demo/game/", import.meta.url);

const usage = "usage: npm run game-bot -- [URL] [NAME] [--seconds N] [--strength 1-100]";
/** Milliseconds between two frames. */
const frameTime = 16;
/** Milliseconds that closing may take. */
const closeTime = 2000;

/** A number in this range, or undefined if the argument is invalid. */
function wholeNumber(text, from, to) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= from && value <= to ? value : undefined;
}

/**
 * @param {string[]} args
 * @returns {{ url: string, name: string, seconds?: number, strength: number } | undefined} Undefined
 *   if they are invalid.
 */
export function readArguments(args) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { seconds: { type: "string" }, strength: { type: "string", default: "40" } },
    });
    const isUrl = /^wss?:/.test(positionals[0] ?? "");
    const url = isUrl ? positionals[0] : "ws://localhost:8090/game";
    const [name = "Bot", ...rest] = positionals.slice(isUrl ? 1 : 0);
    const strength = wholeNumber(values.strength, 1, 100);
    const seconds = values.seconds === undefined ? 0 : wholeNumber(values.seconds, 1, 1e9);
    if (rest.length > 0 || strength === undefined || seconds === undefined) return undefined;
    if (!URL.canParse(url)) return undefined;
    return { url, name, seconds: seconds || undefined, strength };
  } catch {
    return undefined;
  }
}

class Bot {
  #game;
  #socket;
  #strength;
  #scene;
  #connections = 0;
  #farewell = "";
  #printed = "";

  static async start({ url, name, strength }) {
    const bot = new Bot();
    const [{ default: createGame }, { attach }, wasmBinary] = await Promise.all([
      import(new URL("game.mjs", build).href),
      import(attachFile.href),
      readFile(new URL("game.wasm", build)),
    ]);
    globalThis.WebSocket = /** @type {any} */ (WebSocket);
    bot.#strength = strength / 100;
    bot.#game = await createGame({
      wasmBinary,
      draw: (numbers) => {
        bot.#scene = readScene(numbers);
      },
    });
    const key = randomBytes(16).toString("hex");
    bot.#game.ccall("game_start", null, ["string", "string", "string"], [url, name, key]);
    bot.#socket = attach(bot.#game, "game");
    bot.#socket.addEventListener("open", () => {
      bot.#connections += 1;
    });
    bot.#socket.addEventListener("close", ({ reason }) => {
      bot.#farewell = reason;
    });
    bot.#socket.addEventListener("error", ({ message }) => {
      bot.#farewell ||= message;
    });
    return bot;
  }

  /** The reason of the close, if it was not closed by the bot. */
  get reason() {
    return this.#farewell;
  }

  /** False once the socket has closed for good. */
  frame() {
    this.#game._game_frame();
    this.#game._game_steer_to_dots(this.#strength);
    this.#report();
    return this.#socket.state !== "closed";
  }

  close() {
    this.#socket.close(1000);
  }

  #report() {
    const { me, players, round } = this.#scene;
    const report = {
      state: this.#socket.state,
      connections: this.#connections,
      players: players.length,
      score: players.find(({ id }) => id === me)?.score ?? 0,
      round: Math.max(0, round.n),
      isOver: round.isOver,
    };
    const changed = JSON.stringify(report);
    if (changed === this.#printed) return;
    this.#printed = changed;
    const states = this.#game._game_states();
    const missed = this.#game._game_missed();
    const roundTrip = this.#socket.stats().roundTrip?.last;
    console.log(JSON.stringify({ ...report, states, missed, roundTrip }));
  }
}

/** Resolves to the exit code. */
async function play(options) {
  const bot = await Bot.start(options);
  return new Promise((resolve) => {
    let deadline = Number.POSITIVE_INFINITY;
    const end = () => {
      deadline = Math.min(deadline, performance.now() + closeTime);
      bot.close();
    };
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, end);
    if (options.seconds !== undefined) setTimeout(end, options.seconds * 1000);
    const frames = setInterval(() => {
      if (bot.frame() && performance.now() < deadline) return;
      clearInterval(frames);
      const isClosedByBot = deadline !== Number.POSITIVE_INFINITY;
      if (!isClosedByBot) console.error(`bot: the connection is closed: ${bot.reason}`);
      resolve(isClosedByBot ? 0 : 1);
    }, frameTime);
  });
}

/** @param {string[]} args */
export async function main(args = process.argv.slice(2)) {
  const options = readArguments(args);
  if (options === undefined) {
    console.error(usage);
    process.exitCode = 2;
    return;
  }
  // The timer of `--seconds` and connections that are closing do not keep the process running.
  process.exit(await play(options));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
