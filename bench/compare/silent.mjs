// Half-open connections: they stay open, but transmit nothing, as after the loss of a network or of a
// machine. The user keeps sending until the library detects that, or reconnects by hand after a
// while.
import { SilentProxy } from "../../tests/support/silent-proxy.mjs";
import { within } from "../../tests/support/until.mjs";
import { withDelivery, withHeartbeat } from "./clients.mjs";
import { countOf, forEach, longestSeconds, medianSeconds, rowsOf, sumOf } from "./counts.mjs";
import { Scope } from "./scope.mjs";
import { startServers } from "./servers.mjs";
import { Subject } from "./subject.mjs";

/**
 * How long each connection is up before it becomes silent: spread over a heartbeat's interval.
 */
const uptimes = [1000, 6000, 11_000, 16_000];
/** Longer than any heartbeat. */
const limitMilliseconds = 50_000;
const sendMilliseconds = 250;

const heartbeatName = "steadysocket, heartbeat";
const clients = { [heartbeatName]: withHeartbeat, ...withDelivery };

async function measureSocket(scope, client, server, id, uptime) {
  const proxy = await SilentProxy.start(scope, server.port);
  const subject = new Subject(scope, client, server, id, { port: proxy.port });
  await subject.until(() => subject.opens === 1);
  await new Promise((resolve) => setTimeout(resolve, uptime));
  proxy.silence();
  const begin = performance.now();
  let sent = 0;
  const sending = setInterval(() => subject.send(++sent), sendMilliseconds);
  scope.after(() => clearInterval(sending));
  const closed = subject.until(() => subject.closes === 1);
  const found = await within(closed, "its end", () => id, limitMilliseconds).then(
    () => performance.now() - begin,
    () => undefined,
  );
  clearInterval(sending);
  if (found === undefined) subject.reconnect();
  await subject.until(() => subject.opens === 2);
  const { numbers } = await subject.end();
  return { found, count: { ...countOf(sent, numbers), reported: subject.reported } };
}

export async function measureSilent() {
  const measured = await Scope.run(async (scope) => {
    const servers = await startServers(scope, clients);
    return forEach(clients, async (name, client) => {
      const results = await Promise.all(
        uptimes.map((uptime) =>
          measureSocket(scope, client, servers[client.server], `${name} ${uptime}`, uptime),
        ),
      );
      const count = sumOf(results.map((result) => result.count));
      return { found: results.map(({ found }) => found), ...count };
    });
  });
  const never = `not in ${limitMilliseconds / 1000}`;
  const orNever = (pick) => (result) => (result.found.includes(undefined) ? never : pick(result));
  const lines = {
    "found after, s: median": orNever(({ found }) => medianSeconds(found)),
    "found after, s: longest": orNever(({ found }) => longestSeconds(found)),
    "sent meanwhile, no error": ({ sent }) => sent,
    "of these lost": ({ lost }) => lost,
    "of these reported as not delivered": ({ reported }) => reported,
    "of these twice": ({ twice }) => twice,
  };
  const rows = rowsOf(lines, measured);
  return [{ title: "half-open connections", unit: "", show: "value", rows }];
}
