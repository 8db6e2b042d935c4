// What is measured, in Node and in a browser: the path of a message through the client, between a
// stub in place of the network and an empty handler. Raw is what ten lines of JavaScript do:
// WebSocket, JSON.parse and a Map of handlers.

const rounds = 41;
const roundMilliseconds = 8;
const texts = 500;

/** A WebSocket without a network. */
class StubWebSocket {
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  extensions = "";
  binaryType = "blob";
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;

  constructor() {
    StubWebSocket.last = this;
    queueMicrotask(() => {
      this.readyState = 1;
      this.onopen?.({});
    });
  }

  send(data) {
    StubWebSocket.sent = data;
  }

  close() {
    this.readyState = 3;
  }
}

/**
 * A message of about this many bytes: a line of chat up to 100 bytes, above it a list of what
 * servers send lists of, with words, numbers and flags.
 */
function message(size, i) {
  if (size < 100) {
    const chat = { type: "chat", id: 100_000 + i, text: "" };
    return { ...chat, text: "m".repeat(Math.max(1, size - JSON.stringify(chat).length)) };
  }
  const list = { type: "chat", id: 100_000 + i, items: [] };
  for (let n = 0; JSON.stringify(list).length < size - 30; ++n) {
    list.items.push({
      name: `player-${(i * 7 + n) % 97}`,
      x: (i % 90) + n / 8,
      y: -n * 1.25,
      up: true,
    });
  }
  return list;
}

function rawReceiver() {
  const socket = new StubWebSocket();
  let seen = 0;
  const handlers = new Map([
    [
      "chat",
      (payload) => {
        seen += payload.id;
      },
    ],
  ]);
  socket.onmessage = (event) => {
    const payload = JSON.parse(event.data);
    handlers.get(payload.type)?.(payload);
  };
  return { deliver: (event) => socket.onmessage(event), seen: () => seen };
}

async function steadyReceiver(SteadySocket) {
  const socket = new SteadySocket("ws://stub", [], { WebSocket: StubWebSocket });
  const stub = StubWebSocket.last;
  let seen = 0;
  socket.on("chat", (payload) => {
    seen += payload.id;
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  return { deliver: (event) => stub.onmessage(event), seen: () => seen };
}

function rawSender() {
  const socket = new StubWebSocket();
  return { deliver: (object) => socket.send(JSON.stringify(object)), seen: () => 0 };
}

async function steadySender(SteadySocket) {
  const socket = new SteadySocket("ws://stub", [], { WebSocket: StubWebSocket });
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  return { deliver: (object) => socket.send(object), seen: () => 0 };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/**
 * Times the clients in turn, round by round, so that what disturbs one disturbs all. Returns for
 * each the median time per message and the median of its ratios to the first.
 */
function compare(clients, inputs) {
  const names = Object.keys(clients);
  const run = (client, times) => {
    const begin = performance.now();
    for (let n = 0; n < times; ++n) client.deliver(inputs[n % inputs.length]);
    return ((performance.now() - begin) * 1e6) / times;
  };
  for (const name of names) run(clients[name], 2 * inputs.length);
  // A browser's clock is coarse: double until the time can be told.
  let times = 10;
  while (run(clients[names[0]], times) * times < roundMilliseconds * 1e6) times *= 2;

  const nanoseconds = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    for (let i = 0; i < names.length; ++i) {
      const name = names[(i + round) % names.length];
      nanoseconds[name].push(run(clients[name], times));
    }
  }
  const base = nanoseconds[names[0]];
  return names.map((name) => ({
    name,
    nanoseconds: median(nanoseconds[name]),
    ratio: median(nanoseconds[name].map((time, i) => time / base[i])),
  }));
}

/** @returns rows of { path, size, clients: [{ name, nanoseconds, ratio }] } */
export async function measure(SteadySocket) {
  const rows = [];
  for (const size of [60, 250, 1024, 16_384]) {
    const objects = Array.from({ length: texts }, (_, i) => message(size, i));
    const events = objects.map(
      (object) => new MessageEvent("message", { data: JSON.stringify(object) }),
    );
    const receivers = {
      raw: rawReceiver(),
      "raw again": rawReceiver(),
      steadysocket: await steadyReceiver(SteadySocket),
    };
    rows.push({ path: "receive", size, clients: compare(receivers, events) });
    const seen = Object.values(receivers).map((receiver) => receiver.seen() > 0);
    if (!seen.every(Boolean)) throw new Error("a receiver saw nothing");
    const senders = {
      raw: rawSender(),
      "raw again": rawSender(),
      steadysocket: await steadySender(SteadySocket),
    };
    rows.push({ path: "send", size, clients: compare(senders, objects) });
  }
  return rows;
}
