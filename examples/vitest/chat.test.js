// The module against a real server, which is stopped and started again.
import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { openChat } from "./chat.js";

const endings = [];
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** A server that sends every message back. `stop` ends it and its connections. */
async function startServer(port = 0) {
  const server = new WebSocketServer({ host: "127.0.0.1", port });
  server.on("connection", (client) => client.on("message", (data) => client.send(String(data))));
  await once(server, "listening");
  const stop = () => {
    for (const client of server.clients) client.terminate();
    return new Promise((resolve) => server.close(resolve));
  };
  endings.push(stop);
  return { port: server.address().port, stop };
}

function open(port) {
  // Before Node 22 there is no global WebSocket. Short delays keep the test short.
  const options = { WebSocket, reconnect: { initialDelay: 10, maxDelay: 50 } };
  const chat = openChat(`ws://127.0.0.1:${port}`, options);
  endings.push(() => chat.socket.close());
  return chat;
}

test("a line that is sent comes back", async () => {
  const { port } = await startServer();
  const chat = open(port);
  chat.say("hello");
  await vi.waitFor(() => expect(chat.lines).toEqual(["hello"]));
});

test("lines that are sent without a server arrive when it is back, once and in order", async () => {
  const server = await startServer();
  const chat = open(server.port);
  await chat.socket.opened;
  await server.stop();
  await vi.waitFor(() => expect(chat.socket.state).toBe("waiting"));
  expect(chat.say("one").status).toBe("queued");
  chat.say("two");
  await startServer(server.port);
  await vi.waitFor(() => expect(chat.lines).toEqual(["one", "two"]));
});
