// The path of a message through a client, between a stub in place of the network and an empty
// handler. Runs in Node and in a page.
import { inJavaScript, ours, plainPeers, protocolPeers } from "./clients/all.mjs";
import { asReceived, messages } from "./messages.mjs";
import { compare } from "./rounds.mjs";
import { StubWebSocket } from "./stub.mjs";

const sizes = [60, 250, 1024, 16_384, 262_144];
const peerSizes = [60, 1024, 16_384];
const eightTypes = Array.from({ length: 8 }, (_, i) => `chat-${i}`);
const allClients = { ...ours, ...plainPeers, ...protocolPeers };

/** Long messages differ less between clients, so fewer rounds suffice. */
const rounds = (size) => (size < 16_384 ? 31 : 15);

/** Formats a number of bytes. */
export const bytes = (size) => (size < 1024 ? `${size} B` : `${size / 1024} KB`);

const clientsFor = (size) => ({
  ...(peerSizes.includes(size) ? allClients : ours),
  ...(size === 60 ? inJavaScript : {}),
});

/** Cases for both directions. */
const plainCases = sizes.flatMap((size) => [
  { line: bytes(size), size, clients: clientsFor(size) },
  { line: `${bytes(size)} non-ASCII`, size, clients: ours, options: { wide: true } },
]);

const receiveCases = [
  ...plainCases,
  ...peerSizes.map((size) => ({
    line: `${bytes(size)} no subscriber`,
    size,
    clients: ours,
    subscribed: ["other"],
  })),
  ...[60, 1024].map((size) => ({
    line: `${bytes(size)} eight types in turn`,
    size,
    clients: ours,
    subscribed: eightTypes,
    options: { types: eightTypes },
  })),
  ...[60, 1024].map((size) => ({
    line: `${bytes(size)} as a browser makes texts`,
    size,
    clients: ours,
    asReceived: true,
  })),
  ...peerSizes.map((size) => ({
    line: `${bytes(size)} type last`,
    size,
    clients: ours,
    options: { typeLast: true },
  })),
];

async function connect(module, subscribed) {
  const seen = { messages: 0 };
  const handler = (payload) => {
    seen.messages += payload.id > 0 ? 1 : 0;
  };
  const client = module.connect("ws://stub.test/", {
    WebSocket: StubWebSocket,
    handlers: subscribed.map((type) => [type, handler]),
  });
  await client.opened;
  return { client, seen, stub: StubWebSocket.last };
}

async function receive({ clients, size, subscribed = ["chat"], options = {}, ...rest }) {
  const data = rest.asReceived ? asReceived : (text) => text;
  const objects = messages(size, options);
  const runs = {};
  const connected = [];
  for (const [name, module] of Object.entries(clients)) {
    const frame = module.frame ?? JSON.stringify;
    const one = await connect(module, subscribed);
    connected.push({ name, ...one });
    runs[name] = {
      deliver: (event) => one.stub.onmessage(event),
      settle: one.client.handled,
      inputs: objects.map((object) => new MessageEvent("message", { data: data(frame(object)) })),
    };
  }
  const results = await compare(runs, rounds(size));
  for (const { name, client, seen } of connected) {
    const shouldSee = subscribed[0] !== "other";
    if (seen.messages > 0 !== shouldSee) throw new Error(`${name} saw ${seen.messages} messages`);
    client.close();
  }
  return results;
}

async function send({ clients, size, options = {} }) {
  const inputs = messages(size, options);
  const runs = {};
  const connected = [];
  for (const [name, module] of Object.entries(clients)) {
    const one = await connect(module, []);
    connected.push({ name, ...one });
    runs[name] = { deliver: one.client.send, settle: one.client.drained, inputs };
  }
  const results = await compare(runs, rounds(size));
  for (const { name, client, stub } of connected) {
    if (stub.count < 3) throw new Error(`${name} sent nothing`);
    client.close();
  }
  return results;
}

const parts = { receive: [receive, receiveCases], send: [send, plainCases] };

/**
 * @param lines - The lines to measure; all, if undefined.
 * @returns rows of { line, client, value, ratio }; value is nanoseconds a message.
 */
export default async function measure({ part, lines }) {
  const [run, cases] = parts[part];
  const rows = [];
  for (const one of cases) {
    if (lines !== undefined && !lines.includes(one.line)) continue;
    for (const result of await run(one)) rows.push({ line: one.line, ...result });
  }
  return rows;
}
