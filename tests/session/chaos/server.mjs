// The server of a chaos run, which may be killed at any moment. Its results are the lines in its
// files, which are written synchronously and remain after a kill.
//
//   node server.mjs PORT FOLDER plain|memory|store
//
// A client's name is in the URL: /?name=NAME. FOLDER/effects has a line for every handled message,
// FOLDER/sent for every message sent: JSON arrays that begin with the name.
import { openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { WebSocketServer } from "ws";
import { createSessions, memoryStore } from "../package.mjs";

const [port, folder, mode] = process.argv.slice(2);
const life = Date.now();

/** Opens a file to which values are appended, and reads its values so far. */
function journal(name) {
  const path = join(folder, name);
  const file = openSync(path, "a");
  const earlier = readFileSync(path, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  return { earlier, add: (...values) => writeSync(file, `${JSON.stringify(values)}\n`) };
}

const numberOf = (text) => Number(/\d+/.exec(text)[0]);

/** The numbers of the messages in a frame. */
const numbersOf = (text) =>
  text.startsWith("[") ? JSON.parse(text).map(({ number }) => number) : [numberOf(text)];

const effects = journal("effects");
const sent = journal("sent");

// --- A store whose changes are written to a file before they are made. ---

/** The number of the last message whose effect was written, by session and epoch. */
const committed = new Map();

async function openStore() {
  const memory = memoryStore();
  const changes = journal("store");
  for (const [call, ...args] of changes.earlier) await memory[call](...args);
  for (const [, , id, epoch, number] of effects.earlier) committed.set(`${id} ${epoch}`, number);
  const current = (session) => {
    if (!session) return session;
    const { id, ...rest } = session;
    const number = committed.get(`${id} ${rest.epoch}`) ?? 0;
    return { ...rest, handled: Math.max(rest.handled, number) };
  };
  const changing =
    (call) =>
    async (...args) => {
      changes.add(call, ...args);
      const result = await memory[call](...args);
      return typeof result === "object" ? current({ id: args[0], ...result }) : result;
    };
  return {
    load: async (id) => {
      const session = await memory.load(id);
      return current(session && { id, ...session });
    },
    fence: changing("fence"),
    save: changing("save"),
    append: changing("append"),
  };
}

// --- The application. ---

const clients = new Map();

/** Sends numbered messages to a client until the returned function is called. */
function sendBursts(name, send) {
  let count = 0;
  const timer = setInterval(() => {
    const burst = Math.floor(Math.random() * 3);
    for (let i = 0; i < burst; ++i) {
      const text = `${life}:${++count}`;
      if (send(text)) sent.add(name, text);
    }
  }, 6);
  return () => clearInterval(timer);
}

function textOf(data) {
  return (typeof data === "string" ? data : Buffer.from(data).toString()).replace("\u0010", "");
}

function servePlain(connection, name) {
  const client = clients.get(name) ?? {};
  if (!clients.has(name)) {
    clients.set(name, client);
    client.stop = sendBursts(name, (text) => {
      if (client.connection?.readyState !== 1) return false;
      client.connection.send(text);
      return true;
    });
  }
  client.connection = connection;
  connection.on("message", (data, isBinary) => {
    const text = textOf(isBinary ? data : data.toString());
    if (text === "?") connection.send("!");
    else if (text === "last") {
      client.stop();
      connection.send("last");
    } else effects.add(name, numbersOf(text));
  });
}

const sessions = createSessions({
  maxMessages: 1_000_000,
  maxBytes: 1 << 30,
  ...(mode === "store" && { store: await openStore() }),
  onerror: (error) => {
    console.error(error);
    process.exit(1);
  },
  onsession: (session) => {
    const { user: name } = session;
    const stop = sendBursts(name, (text) => session.send(text));
    session.onmessage = async (data, number) => {
      // Some handlers take longer.
      if (number % 7 === 0) await new Promise(setImmediate);
      const text = textOf(data);
      if (text === "last") {
        stop();
        session.send("last");
        return;
      }
      committed.set(`${session.id} ${session.epoch}`, number);
      effects.add(name, numbersOf(text), session.id, session.epoch, number);
    };
    session.onend = (_reason, undelivered) => {
      stop();
      for (const { data } of undelivered) sent.add(name, String(data), "undelivered");
    };
  },
});

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(port),
  handleProtocols: mode === "plain" ? undefined : sessions.pick,
});
server.on("error", () => process.exit(1));
server.on("listening", () => process.send({ port: server.address().port }));
server.on("connection", (connection, { url }) => {
  connection.on("error", () => {});
  const name = new URL(url, "ws://host").searchParams.get("name");
  if (mode === "plain") servePlain(connection, name);
  else sessions.accept(connection, { user: name });
});
process.on("disconnect", () => process.exit());
