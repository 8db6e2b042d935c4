import { bundle } from "../bundle.mjs";
import { pairedRounds } from "../compare.mjs";
import { withServer } from "../live/start.mjs";

const rounds = 15;
const names = [
  "raw",
  "steadysocket",
  "reconnecting-websocket",
  "partysocket",
  "socket.io",
  "signalr",
  "phoenix",
];

export async function measureOpen(chromium) {
  chromium.serve("/open.js", await bundle("open/open.mjs"));
  for (const name of names) {
    chromium.serve(`/client/${name}.js`, await bundle(`clients/${name}.mjs`));
  }
  const results = await withServer((url) =>
    pairedRounds(names, rounds, (name) =>
      chromium.run("/open.js", { module: `/client/${name}.js`, url }),
    ),
  );
  const rows = results.map((result) => ({ line: "import to open", ...result }));
  return [{ title: "first open on loopback, Chromium", unit: "ms", show: "value", rows }];
}
