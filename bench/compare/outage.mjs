// An outage: all connections are reset at the same moment, and new ones are refused for a while.
// Measures when the clients have reconnected, and the most concurrent attempts on the new server.
import { libraries } from "./clients.mjs";
import { forEach, longestSeconds, medianSeconds, peakOf, rowsOf } from "./counts.mjs";
import { Line } from "./line.mjs";
import { Scope } from "./scope.mjs";
import { startServers } from "./servers.mjs";
import { Subject } from "./subject.mjs";

const sockets = 30;
/** Long enough for socket.io to upgrade from long-polling to a WebSocket. */
const uptimeMilliseconds = 3000;
const outages = [4000, 30_000];
const peakMilliseconds = 100;

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** @returns { back, peak }: milliseconds for each socket, and the most attempts. */
async function measureClient(scope, name, client, server, outage) {
  const line = await Line.start(scope, server.port);
  const times = [];
  const onopen = ({ opens }) => opens === 2 && times.push(Date.now());
  const subjects = Array.from(
    { length: sockets },
    (_, i) =>
      new Subject(scope, client, server, `${name} ${outage} ${i}`, { port: line.port, onopen }),
  );
  await Promise.all(subjects.map((subject) => subject.until(() => subject.opens === 1)));
  await wait(uptimeMilliseconds);
  await line.refuse();
  await wait(outage);
  await line.accept();
  const begin = Date.now();
  await Promise.all(subjects.map((subject) => subject.until(() => subject.opens === 2)));
  const attempts = () =>
    server.received.filter(
      ({ attempt, at }) => at >= begin && attempt?.startsWith(`${name} ${outage} `),
    );
  await server.until(() => attempts().length >= sockets);
  return {
    back: times.map((time) => time - begin),
    peak: peakOf(
      attempts().map(({ at }) => at),
      peakMilliseconds,
    ),
  };
}

export async function measureOutage() {
  const measured = await Scope.run(async (scope) => {
    const servers = await startServers(scope, libraries);
    return forEach(libraries, (name, client) =>
      Promise.all(
        outages.map((outage) => measureClient(scope, name, client, servers[client.server], outage)),
      ),
    );
  });
  const rows = outages.flatMap((outage, i) => {
    const away = `${outage / 1000} s`;
    const lines = {
      [`${away}: back after, s: median`]: (of) => medianSeconds(of[i].back),
      [`${away}: back after, s: longest`]: (of) => longestSeconds(of[i].back),
      [`${away}: most attempts in ${peakMilliseconds} ms`]: (of) => of[i].peak,
    };
    return rowsOf(lines, measured);
  });
  return [{ title: `back after an outage, ${sockets} sockets`, unit: "", show: "value", rows }];
}
