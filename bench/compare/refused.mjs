// A server that closes every connection at once with a code that rejects the client. Counts the
// attempts. socket.io has no codes; its server disconnects the client, or a middleware fails.
import { libraries } from "./clients.mjs";
import { Scope } from "./scope.mjs";
import { reportsOf, startServers } from "./servers.mjs";
import { Subject } from "./subject.mjs";

const observed = 10_000;
const { "socket.io": socketIo, ...webSockets } = libraries;

/** line -> [clients, query, true if the client has a function that returns a token] */
const cases = {
  "1008, policy violation": [webSockets, "&close=1008"],
  "4401, unauthorized": [webSockets, "&close=4401"],
  "4401, and a function that gives a token": [webSockets, "&close=4401", true],
  "disconnect() of the server": [{ "socket.io": socketIo }, "&close="],
  "a middleware that fails": [{ "socket.io": socketIo }, "&refuse=1"],
};

export async function measureRefused() {
  const rows = await Scope.run(async (scope) => {
    const servers = await startServers(scope, libraries);
    const started = Object.entries(cases).flatMap(([line, [clients, query, hasToken]]) =>
      Object.entries(clients).map(([name, client]) => {
        const id = `${name}, ${line}`;
        const server = servers[client.server];
        const token = hasToken ? () => "token" : undefined;
        new Subject(scope, client, server, id, { query, token });
        return { line, client: name, attempts: () => reportsOf(server, "attempt", id) };
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, observed));
    return started.map(({ line, client, attempts }) => ({
      line,
      client,
      value: attempts().length,
    }));
  });
  const title = `rejected by the server, ${observed / 1000} s`;
  return [{ title, unit: "attempts", show: "value", rows }];
}
