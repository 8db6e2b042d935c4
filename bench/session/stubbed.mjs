// The same client with and without a session, between a stub in place of the network and an empty
// handler. Runs in Node and in a page.
import { SteadySocket } from "../../dist/steadysocket.js";
import { messages } from "../messages.mjs";
import { compare } from "../rounds.mjs";
import { StubWebSocket } from "../stub.mjs";
import { ReadingStub, SessionStub } from "./stub.mjs";

const rounds = 41;

async function connect(WebSocket, session) {
  const socket = new SteadySocket("ws://stub.test/", [], { WebSocket, session });
  const seen = { messages: 0 };
  socket.on("chat", ({ id }) => {
    seen.messages += id > 0 ? 1 : 0;
  });
  await new Promise((resolve) => {
    socket.addEventListener(session ? "session" : "open", resolve, { once: true });
  });
  return { socket, seen, stub: StubWebSocket.last };
}

const runs = {
  send: ({ socket, stub }) => ({
    deliver: (object) => {
      socket.send(object);
      stub.acknowledge();
    },
    inputsOf: (objects) => objects,
  }),
  receive: ({ stub }) => ({
    deliver: (event) => stub.onmessage(event),
    inputsOf: (objects) =>
      objects.map((object) => new MessageEvent("message", { data: JSON.stringify(object) })),
  }),
};

/** @returns rows of { line, client, value, ratio }; value is nanoseconds a message. */
export default async function measure() {
  const rows = [];
  for (const [name, make] of Object.entries(runs)) {
    for (const [size, label] of [
      [60, "60 B"],
      [1024, "1 KB"],
    ]) {
      const connected = {
        "no session": await connect(ReadingStub, false),
        session: await connect(SessionStub, true),
      };
      const clients = {};
      for (const [client, one] of Object.entries(connected)) {
        const { deliver, inputsOf } = make(one);
        clients[client] = { deliver, inputs: inputsOf(messages(size)) };
      }
      const results = await compare(clients, rounds);
      rows.push(...results.map((result) => ({ line: `${name} ${label}`, ...result })));
      for (const { socket } of Object.values(connected)) socket.close();
    }
  }
  return rows;
}
