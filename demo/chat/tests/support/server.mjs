// The chat's server for tests, in their own process or in one that can be killed.
import { fileURLToPath } from "node:url";
import { DemoServer, dataFolder } from "../../../common/tests/demo-server.mjs";
import { startChatServer } from "../../server/server.mjs";

export { spawnNode } from "../../../common/tests/demo-server.mjs";

export const serverScript = fileURLToPath(new URL("../../server/main.mjs", import.meta.url));

/** A folder for the history of a test: see dataFolder. */
export function chatFolder(t, stop) {
  return dataFolder(t, "chat", stop);
}

/** A server in the test's own process, on a free port; it stops when the test ends. */
export async function serveChat(t, config = {}) {
  let server;
  const data = chatFolder(t, () => server?.stop());
  server = await startChatServer({ data, ...config });
  return server;
}

/** The demo's server as `npm start` runs it, to be killed and started again on its port. */
export class ChatServer extends DemoServer {
  /**
   * Every test has its own history; `restart` starts the server.
   * @param {object} [environment] Settings of demo/chat/server/config.mjs.
   */
  constructor(t, environment = {}) {
    super(t, { name: "chat", script: serverScript, environment });
  }

  static async start(t, environment) {
    const server = new ChatServer(t, environment);
    await server.restart();
    return server;
  }
}
