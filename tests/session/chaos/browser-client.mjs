// The client of a chaos run in the three browser engines.
import { readFileSync } from "node:fs";
import { engines } from "../../support/browsers/index.mjs";
import { serveSite } from "../../support/site.mjs";

const script = readFileSync(new URL("./client.mjs", import.meta.url));

export const browserClients = engines.map((engine) => ({
  get name() {
    return engine.name;
  },
  async begin(t, config) {
    const site = await serveSite(t, undefined, { "/client.js": script });
    const tab = await engine.open(t, site);
    // Browsers report every connection that fails.
    tab.expected.push(engine.refusedConnection, /WebSocket/i);
    // Evaluations wait for all messages in flight.
    tab.deadline = 60_000;
    await tab.evaluate(async (config) => {
      const { SteadySocket } = await import("/steadysocket.js");
      const { start } = await import("/client.js");
      globalThis.running = start(SteadySocket, config);
    }, config);
    return {
      begun: () => tab.evaluate(() => globalThis.running.begun().then(() => true)),
      finish: () => tab.evaluate(() => globalThis.running.finish()),
      describe: () => tab.evaluate(() => globalThis.running.describe()),
    };
  },
}));
