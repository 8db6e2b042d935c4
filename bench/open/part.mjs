import { bundle } from "../bundle.mjs";
import { withServer } from "../live/start.mjs";
import { pairedRounds } from "../rounds.mjs";

const rounds = 15;
/** Clients that connect to the unchanged URL. */
const plain = ["raw", "steadysocket", "reconnecting-websocket", "partysocket"];
const allClients = [...plain, "socket.io", "signalr", "phoenix"];
const lines = [
  { line: "import to open", names: allClients },
  { line: "import to open, accepted after 40 ms", path: "slow", names: plain },
  { line: "first constructor", what: "constructor", names: allClients },
];

/**
 * @param lines - { line, names, path = "", what = "open" }: names of clients; `what` of open.mjs.
 * @returns rows of { line, client, value: milliseconds, ratio }
 */
export async function measureOpening(chromium, lines) {
  chromium.serve("/open.js", await bundle("open/open.mjs"));
  for (const name of new Set(lines.flatMap(({ names }) => names))) {
    chromium.serve(`/client/${name}.js`, await bundle(`clients/${name}.mjs`));
  }
  return withServer(async (url) => {
    const rows = [];
    for (const { line, names, path = "", what = "open" } of lines) {
      const results = await pairedRounds(names, rounds, (name) =>
        chromium.run("/open.js", { module: `/client/${name}.js`, url: url + path, what }),
      );
      rows.push(...results.map((result) => ({ line, ...result })));
    }
    return rows;
  });
}

export async function measureOpen(chromium) {
  const rows = await measureOpening(chromium, lines);
  return [{ title: "first open on loopback, Chromium", unit: "ms", show: "value", rows }];
}
