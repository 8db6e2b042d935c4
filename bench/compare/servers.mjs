import { ServerProcess } from "../../tests/support/server-process.mjs";

const plain = new URL("ws-server.mjs", import.meta.url);
const socketIo = new URL("socket-io-server.mjs", import.meta.url);

/** The server processes of the scenarios, by the `server` of a client. */
const scripts = {
  ws: [plain],
  "socket.io": [socketIo, "{}"],
  "socket.io, recovery": [socketIo, JSON.stringify({ connectionStateRecovery: {} })],
};

/** Processes start one after the other over all scenarios, so that each is ready in time. */
let starting = Promise.resolve();

function start(scope, name) {
  const started = starting.then(() => ServerProcess.start(scope, ...scripts[name]));
  starting = started.catch(() => {});
  return started;
}

/** Starts the servers of the given clients, which stop with the scope. */
export async function startServers(scope, clients) {
  const names = [...new Set(Object.values(clients).map(({ server }) => server))];
  const started = await Promise.all(names.map((name) => start(scope, name)));
  return Object.fromEntries(names.map((name, i) => [name, started[i]]));
}

/** The reports of the server for a client that have this key. */
export const reportsOf = (server, key, id) => server.received.filter((event) => event[key] === id);

/** Resolves to the messages of a client that the server has handled: { numbers, fed }. */
export function endOf(server, id, milliseconds) {
  return server.until(() => reportsOf(server, "ended", id)[0], milliseconds);
}
