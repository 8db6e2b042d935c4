// A WebSocket that does not report what is in its buffer, as Bun's before 1.4.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { next, openSocket, record } from "../support/sockets.mjs";

class Secretive extends WebSocket {
  get bufferedAmount() {
    return 0;
  }
}

test("if bufferedAmount is always 0, nothing is queued while connected, and no loss is reported", async (t) => {
  const server = await LocalServer.start(t);
  server.greet = (connection) => {
    if (server.connections.length === 1) connection.pause();
  };
  const socket = openSocket(t, server.url(), { WebSocket: Secretive });
  await next(socket, "open");
  const lines = record(socket);
  const filling = "x".repeat(1 << 16);
  for (let number = 0; number < 256; ++number) {
    assert.equal(socket.send(`${number} ${filling}`).status, "sent");
  }
  assert.equal(socket.bufferedAmount, 0);
  await socket.drained();
  const closed = next(socket, "close");
  server.connections[0].terminate();
  await closed;
  await next(socket, "open");
  socket.send("after");
  await server.until(() => server.received.length > 0);
  assert.deepEqual(server.received, ["after"]);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("drop")),
    [],
  );
});
