// The program of tests/programs/shared.cpp, and the package's entry `steadysocket/attach`.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { entryUrl } from "../support/package.mjs";
import { reached } from "../support/sockets.mjs";
import { Waiting } from "../support/until.mjs";

export const attachUrl = new URL(entryUrl("./attach"));
export const { attach, detach, whenShared, SteadySocket } = await import(attachUrl.href);

const built = new URL("../../build/web/tests/programs/", import.meta.url);
const { default: createModule } = await import(new URL("shared.mjs", built).href);
const wasmBinary = readFileSync(fileURLToPath(new URL("shared.wasm", built)));

/** Starts an instance of the program, without a shared socket yet. */
export async function startProgram() {
  globalThis.WebSocket = WebSocket;
  const module = { wasmBinary };
  await createModule(module);
  return module;
}

/** The program's side of a socket, with a log of its events. */
export class Game {
  lines = [];
  #waiting = new Waiting();
  #game;

  /** `options`: flags of shared.cpp. Destroyed when the test ends. */
  constructor(t, module, name, url, options = 0) {
    this.#game = new module.Game(name, url, options, (line) => {
      this.lines.push(line);
      this.#waiting.look();
    });
    t.after(() => this.destroy());
  }

  get cpp() {
    return this.#game;
  }

  destroy() {
    if (!this.#game.isDeleted()) this.#game.delete();
  }

  /** Resolves when the program has logged this line. */
  logged(line) {
    return this.until(() => this.lines.includes(line));
  }

  until(condition) {
    return this.#waiting.until(condition, () => `logged: ${this.lines.join(" | ")}`);
  }
}

/** A program with a server, its socket "game", and a socket attached to that. */
export async function play(t, { path = "/echo", flags = 0, attached = {} } = {}) {
  const server = await EchoServer.start(t);
  const module = await startProgram();
  const game = new Game(t, module, "game", server.url(path), flags);
  const socket = attach(module, "game", attached);
  return { server, module, game, cpp: game.cpp, socket };
}

/** Same, connected. */
export async function playOpen(t, options) {
  const played = await play(t, options);
  played.cpp.connect();
  await reached(played.socket, "open");
  return played;
}
