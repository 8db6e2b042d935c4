// The game's server for tests, in their own process or in one that can be killed.
import { fileURLToPath } from "node:url";
import { DemoServer, dataFolder } from "../../../common/tests/demo-server.mjs";
import { startGameServer } from "../../server/server.mjs";

const script = fileURLToPath(new URL("../../server/main.mjs", import.meta.url));

/** A server in the test's own process, on a free port; it stops when the test ends. */
export async function serveGame(t, config = {}) {
  let server;
  const data = dataFolder(t, "game", () => server?.stop());
  server = await startGameServer({ data, ...config });
  return server;
}

/** The game's server as `npm run game` runs it, to be killed and started again on its port. */
export class GameServer extends DemoServer {
  /**
   * `restart` starts it.
   * @param {object} [environment] Settings of demo/game/server/config.mjs.
   */
  constructor(t, environment = {}) {
    super(t, { name: "game", script, environment });
  }

  static async start(t, environment) {
    const server = new GameServer(t, environment);
    await server.restart();
    return server;
  }

  get socketUrl() {
    return `ws://127.0.0.1:${this.port}/game`;
  }
}
