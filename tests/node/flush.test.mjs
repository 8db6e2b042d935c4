// drained(), and close() with options.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { openSocket, reached, record, routed } from "../support/sockets.mjs";
import { drops, openAlone } from "./dropping.mjs";
import { openStub } from "./stub.mjs";

test("drained waits for the queue and the browser's buffer, and is always settled", async (t) => {
  const { socket, stub } = await openStub(t);
  await socket.drained();
  stub.bufferedAmount = 5;
  socket.send("12345");
  let isDrained = false;
  const drained = socket.drained().then(() => {
    isDrained = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isDrained, false);
  stub.bufferedAmount = 0;
  await drained;

  stub.bufferedAmount = 1;
  const never = socket.drained();
  socket.close();
  stub.onclose({ code: 1000, reason: "", wasClean: true });
  await assert.rejects(never, { name: "InvalidStateError" });
  await assert.rejects(socket.drained(), { name: "InvalidStateError" });
});

test("close with flush sends queued messages, over another connection if necessary", async (t) => {
  const { server, socket } = await openAlone(t);
  socket.send("first");
  socket.send("second");
  socket.close({ code: 3000, reason: "done", flush: true, deadline: 10_000 });
  assert.equal(socket.readyState, socket.CLOSING);
  assert.deepEqual(socket.send("late"), { status: "rejected", reason: "closed" });
  await server.restart();
  await reached(socket, "closed");
  await server.until(() => server.received.length >= 2);
  assert.deepEqual(server.received, ["first", "second"]);
});

test("a flush that does not succeed ends at its deadline, and reports unsent messages", async (t) => {
  const { socket } = await openAlone(t);
  const lines = record(socket);
  socket.send("never");
  socket.close({ flush: true, deadline: 50 });
  await reached(socket, "closed");
  assert.deepEqual(drops(lines), ["drop 1 closed never"]);
});

test("an invalid code, reason or deadline of close throws, and the socket stays open", async (t) => {
  const { socket } = await openStub(t);
  assert.throws(() => socket.close({ code: 1001 }), { name: "InvalidAccessError" });
  assert.throws(() => socket.close({ code: 3000, reason: "x".repeat(124) }), {
    name: "SyntaxError",
  });
  for (const deadline of [0, -1, 1e12]) {
    assert.throws(() => socket.close({ flush: true, deadline }), { name: "RangeError" });
  }
  assert.equal(socket.state, "open");
});

test("invalid options of close throw, and nothing is closed", async (t) => {
  const { socket } = await openAlone(t);
  socket.send("precious");
  for (const deadline of [Number.NaN, "soon", {}]) {
    assert.throws(() => socket.close({ flush: true, deadline }), { name: "TypeError" });
  }
  assert.throws(() => socket.close({ flush: "yes" }), { name: "TypeError" });
  assert.throws(() => socket.close({ flsh: true }), { message: /unknown option: flsh of close/ });
  assert.equal(socket.state, "waiting");
});

test("a flush waits for a greeting, which waits for the server", async (t) => {
  const server = await EchoServer.start(t);
  await server.stop();
  const socket = openSocket(t, server.url("/echo"), {
    async greet(connection) {
      const echo = routed(socket, "login");
      connection.send({ type: "login" });
      await echo;
    },
  });
  await reached(socket, "waiting");
  const echoes = [];
  socket.on("precious", (message) => echoes.push(message));
  socket.send({ type: "precious" });
  socket.close({ flush: true, deadline: 10_000 });
  await server.restart();
  await reached(socket, "closed");
  await server.until(() => server.received.length >= 2);
  assert.deepEqual(server.received, ['{"type":"login"}', '{"type":"precious"}']);
});
