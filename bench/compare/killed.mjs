// Connections that are killed at random moments while both sides send. A side sends whenever its
// library reports a connection, so that all libraries have the same work.
import { newSeed, seeded } from "../../tests/support/random.mjs";
import { withDelivery } from "./clients.mjs";
import { countOf, forEach, rowsOf, sumOf } from "./counts.mjs";
import { Line } from "./line.mjs";
import { Scope } from "./scope.mjs";
import { startServers } from "./servers.mjs";
import { Subject } from "./subject.mjs";

const sockets = 6;
const killsOfEach = 4;
const lagMilliseconds = 10;
/** Lifetime of a connection: long enough for socket.io to upgrade to a WebSocket. */
const life = { least: 1000, most: 2000 };
const sendMilliseconds = 5;

/** @returns { up, down, kills }: the counts of both directions of one socket. */
async function measureSocket(scope, client, server, id, random) {
  const line = await Line.start(scope, server.port, lagMilliseconds);
  let kills = 0;
  let sent = 0;
  const kill = () => {
    ++kills;
    line.kill();
  };
  const onopen = ({ opens }) => {
    if (opens <= killsOfEach) setTimeout(kill, life.least + random(life.most - life.least));
  };
  const subject = new Subject(scope, client, server, id, {
    query: "&feed=1",
    port: line.port,
    onopen,
  });
  const sending = setInterval(() => {
    if (subject.isOpen) subject.send(++sent);
  }, sendMilliseconds);
  scope.after(() => clearInterval(sending));
  await subject.until(() => kills === killsOfEach && subject.opens > killsOfEach);
  clearInterval(sending);
  const { numbers, fed } = await subject.end();
  const up = { ...countOf(sent, numbers), reported: subject.reported };
  return { up, down: countOf(fed, subject.numbers), kills };
}

export async function measureKilled() {
  const seed = newSeed();
  // Registered before the result exists, because it may fail.
  console.log(`killed: SEED=${seed}`);
  const measured = await Scope.run(async (scope) => {
    const servers = await startServers(scope, withDelivery);
    return forEach(withDelivery, async (name, client) => {
      const counts = await Promise.all(
        Array.from({ length: sockets }, (_, i) =>
          measureSocket(scope, client, servers[client.server], `${name} ${i}`, seeded(seed + i)),
        ),
      );
      return {
        up: sumOf(counts.map(({ up }) => up)),
        down: sumOf(counts.map(({ down }) => down)),
        kills: counts.reduce((sum, { kills }) => sum + kills, 0),
      };
    });
  });
  const lines = {
    "connections killed": ({ kills }) => kills,
    "to the server: sent": ({ up }) => up.sent,
    "to the server: lost": ({ up }) => up.lost,
    "to the server: reported as not delivered": ({ up }) => up.reported,
    "to the server: twice": ({ up }) => up.twice,
    "to the server: out of order": ({ up }) => up.outOfOrder,
    "to the client: sent": ({ down }) => down.sent,
    "to the client: lost": ({ down }) => down.lost,
    "to the client: twice": ({ down }) => down.twice,
    "to the client: out of order": ({ down }) => down.outOfOrder,
  };
  const rows = rowsOf(lines, measured);
  const title = `connections killed while sending, SEED=${seed}`;
  return [{ title, unit: "messages", show: "value", rows }];
}
