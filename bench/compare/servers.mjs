import { ServerProcess } from "../../tests/support/server-process.mjs";

const plain = new URL("ws-server.mjs", import.meta.url);
const socketIo = new URL("socket-io-server.mjs", import.meta.url);

/** The servers that a scenario may need, by the name that a client has for its own: processes. */
const scripts = {
  ws: [plain],
  "socket.io": [socketIo, "{}"],
  "socket.io, recovery": [socketIo, JSON.stringify({ connectionStateRecovery: {} })],
};

/** Processes start one after the other, for all scenarios: each has its time to be ready. */
let starting = Promise.resolve();

function start(scope, name) {
  const started = starting.then(() => ServerProcess.start(scope, ...scripts[name]));
  starting = started.catch(() => {});
  return started;
}

/** Those of the given clients, which stop with the scope. */
export async function startServers(scope, clients) {
  const names = [...new Set(Object.values(clients).map(({ server }) => server))];
  const started = await Promise.all(names.map((name) => start(scope, name)));
  return Object.fromEntries(names.map((name, i) => [name, started[i]]));
}

/** What the server has reported under this key for a client. */
export const reportsOf = (server, key, id) => server.received.filter((event) => event[key] === id);

/** Resolves to what the server has handled of a client: { numbers, fed }. */
export function endOf(server, id, milliseconds) {
  return server.until(() => reportsOf(server, "ended", id)[0], milliseconds);
}
