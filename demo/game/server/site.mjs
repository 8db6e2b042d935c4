// The files of the game's page: its own, the game compiled to WebAssembly, and the entry of the
// package that attaches to its Socket.
import { Site } from "../../common/site.mjs";

const build = new URL("../../../build/web/demo/game/", import.meta.url);

/**
 * @param {object} options
 * @param {() => { status: string }} options.health The response of /healthz.
 * @param {import("./network/network.mjs").Network} options.network
 * @param {import("pino").Logger} options.logger
 */
export function gameSite({ health, network, logger }) {
  const page = new URL("../page/", import.meta.url);
  const files = {
    "/attach.js": new URL("../../../dist/attach.js", import.meta.url),
    "/game.mjs": new URL("game.mjs", build),
    "/game.wasm": new URL("game.wasm", build),
  };
  const routes = { "/network": (request) => network.answer(request) };
  return new Site({ page, files, routes, health, logger });
}
