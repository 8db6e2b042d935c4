// Messages sent while the server is away: after the library has reported the end of the connection,
// and before the server is started again.
import { withDelivery } from "./clients.mjs";
import { countOf, forEach, rowsOf } from "./counts.mjs";
import { Scope } from "./scope.mjs";
import { startServers } from "./servers.mjs";
import { Subject } from "./subject.mjs";

const counts = [500, 5000];

/** Returns the outcome of the messages, by client and count. */
async function measure() {
  return Scope.run(async (scope) => {
    const servers = await startServers(scope, withDelivery);
    const all = Object.values(servers);
    const subjects = await forEach(withDelivery, (name, client) =>
      Promise.all(
        counts.map(async (count) => {
          const id = `${name}, ${count}`;
          const subject = new Subject(scope, client, servers[client.server], id);
          await subject.until(() => subject.opens === 1);
          return { subject, count };
        }),
      ),
    );
    await Promise.all(all.map((server) => server.kill()));
    for (const { subject, count } of Object.values(subjects).flat()) {
      await subject.until(() => subject.closes === 1);
      for (let n = 1; n <= count; ++n) subject.send(n);
    }
    await Promise.all(all.map((server) => server.restart()));
    return forEach(subjects, (_name, ofClient) =>
      Promise.all(
        ofClient.map(async ({ subject, count }) => {
          await subject.until(() => subject.opens === 2);
          const { numbers } = await subject.end();
          return { ...countOf(count, numbers), reported: subject.reported };
        }),
      ),
    );
  });
}

export async function measureAway() {
  const measured = await measure();
  const rows = counts.flatMap((count, i) =>
    rowsOf(
      {
        [`${count} sent: arrived`]: (of) => count - of[i].lost,
        [`${count} sent: lost, and reported so`]: (of) => of[i].reported,
        [`${count} sent: lost, and not reported`]: (of) => of[i].lost - of[i].reported,
        [`${count} sent: twice`]: (of) => of[i].twice,
        [`${count} sent: out of order`]: (of) => of[i].outOfOrder,
      },
      measured,
    ),
  );
  return [{ title: "sent while the server is away", unit: "messages", show: "value", rows }];
}
