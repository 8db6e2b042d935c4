// Messages per second over loopback. Runs in a page.
import { ours, plainPeers } from "../clients/all.mjs";
import { messages } from "../messages.mjs";
import { pairedRounds } from "../rounds.mjs";

const rounds = 15;
const roundMilliseconds = 80;
/** Messages per task, and bytes in the browser's buffer at which the next task sends. */
const burst = 100;
const mostBuffered = 1 << 18;

const batching = {
  connect: (url, options) => ours.steadysocket.connect(url, { ...options, batch: true }),
};
/** Holds the messages beyond the session's window. */
const queue = { maxMessages: 1_000_000 };
const session = {
  connect: (url, options) => ours.steadysocket.connect(url, { ...options, session: true, queue }),
};
const modules = {
  ...ours,
  "steadysocket, batching": batching,
  "steadysocket, session": session,
  ...plainPeers,
};

const channel = new MessageChannel();
const nextTask = () =>
  new Promise((resolve) => {
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  });

async function connect(name, url) {
  let awaited = "";
  let left = 0;
  let settle;
  const onPayload = (payload) => {
    if (payload.type === awaited && --left === 0) settle();
  };
  const handlers = ["chat", "counting", "counted"].map((type) => [type, onPayload]);
  const client = modules[name].connect(url, { handlers });
  await client.opened;
  return {
    ...client,
    /** Resolves when `count` messages of a type have been handled. */
    received: (type, count) =>
      new Promise((resolve) => {
        [awaited, left, settle] = [type, count, resolve];
      }),
  };
}

/** Both functions return milliseconds per message. */
async function receive(client, name, size, count) {
  const perFrame = modules[name] === batching ? 10 : 1;
  const all = client.received("chat", count);
  const begin = performance.now();
  client.send({ ask: "send", count, size, perFrame });
  await all;
  return (performance.now() - begin) / count;
}

async function send(client, _name, size, count) {
  const objects = messages(size);
  const ready = client.received("counting", 1);
  client.send({ ask: "count", count });
  await ready;
  const all = client.received("counted", 1);
  const begin = performance.now();
  for (let n = 0; n < count; ) {
    const end = Math.min(count, n + burst);
    for (; n < end; ++n) client.send(objects[n % objects.length]);
    do await nextTask();
    while (client.socket.bufferedAmount > mostBuffered);
  }
  await all;
  return (performance.now() - begin) / count;
}

/** @returns rows of { line, client, value: messages a second, ratio } */
export default async function measure(url) {
  const rows = [];
  for (const [path, run] of Object.entries({ receive, send })) {
    for (const [size, label] of [
      [60, "60 B"],
      [1024, "1 KB"],
    ]) {
      const clients = {};
      for (const name of Object.keys(modules)) clients[name] = await connect(name, url);
      // Rounds take the same time for every client: otherwise the fixed latency of the first and the
      // last message would weigh more for faster clients.
      const counts = {};
      for (const [name, client] of Object.entries(clients)) {
        let count = 1000;
        while ((await run(client, name, size, count)) * count < roundMilliseconds) count *= 2;
        counts[name] = count;
      }
      const results = await pairedRounds(Object.keys(modules), rounds, (name) =>
        run(clients[name], name, size, counts[name]),
      );
      for (const { client, value, ratio } of results) {
        rows.push({ line: `${path} ${label}`, client, value: 1000 / value, ratio: 1 / ratio });
      }
      for (const client of Object.values(clients)) client.close();
    }
  }
  return rows;
}
