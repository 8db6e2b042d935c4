import { bundle } from "../bundle.mjs";
import { pairedRounds } from "../compare.mjs";
import { withServer } from "../live/start.mjs";

const rounds = 15;
/** Clients that open a WebSocket at the URL as it is. */
const plain = ["raw", "steadysocket", "reconnecting-websocket", "partysocket"];
const lines = [
  ["import to open", "", [...plain, "socket.io", "signalr", "phoenix"]],
  ["import to open, accepted after 40 ms", "slow", plain],
];

export async function measureOpen(chromium) {
  chromium.serve("/open.js", await bundle("open/open.mjs"));
  for (const name of new Set(lines.flatMap(([, , names]) => names))) {
    chromium.serve(`/client/${name}.js`, await bundle(`clients/${name}.mjs`));
  }
  const rows = await withServer(async (url) => {
    const measured = [];
    for (const [line, path, names] of lines) {
      const results = await pairedRounds(names, rounds, (name) =>
        chromium.run("/open.js", { module: `/client/${name}.js`, url: url + path }),
      );
      measured.push(...results.map((result) => ({ line, ...result })));
    }
    return measured;
  });
  return [{ title: "first open on loopback, Chromium", unit: "ms", show: "value", rows }];
}
