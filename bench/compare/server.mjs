// Requirements on the server: whether a library connects to a plain WebSocket server, and whether
// every attempt can have a token of its own.
import { within } from "../../tests/support/until.mjs";
import { withDelivery } from "./clients.mjs";
import { forEach, rowsOf } from "./counts.mjs";
import { Scope } from "./scope.mjs";
import { reportsOf, startServers } from "./servers.mjs";
import { Subject } from "./subject.mjs";

const connections = 3;
const plainMilliseconds = 5000;

async function connectsToPlain(scope, client, servers, id) {
  const subject = new Subject(scope, client, servers.ws, id);
  const opened = subject.until(() => subject.opens === 1);
  return within(opened, "a connection", () => id, plainMilliseconds).then(
    () => true,
    () => false,
  );
}

/** The tokens that the server has received, one per connection. */
async function tokensOf(scope, client, servers, id) {
  const server = servers[client.server];
  let asked = 0;
  const token = () => `token ${++asked}`;
  const onopen = (subject) => subject.opens < connections && subject.reconnect();
  const subject = new Subject(scope, client, server, id, { token, onopen });
  await subject.until(() => subject.opens === connections);
  await server.until(() => reportsOf(server, "joined", id).length === connections);
  return reportsOf(server, "joined", id).map((event) => event.token);
}

export async function measureServer() {
  const measured = await Scope.run(async (scope) => {
    const servers = await startServers(scope, withDelivery);
    return forEach(withDelivery, async (name, client) => ({
      plain: await connectsToPlain(scope, client, servers, `${name}, plain`),
      tokens: await tokensOf(scope, client, servers, `${name}, tokens`),
    }));
  });
  const yes = (is) => (is ? "yes" : "no");
  const lines = {
    "connects to a plain WebSocket server": ({ plain }) => yes(plain),
    "a fresh token for each attempt": ({ tokens }) => yes(new Set(tokens).size === connections),
  };
  const rows = rowsOf(lines, measured);
  return [{ title: "requirements on the server", unit: "", show: "value", rows }];
}
