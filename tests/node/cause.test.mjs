// The causes of `error` events.
import assert from "node:assert/strict";
import { test } from "node:test";
import { EchoServer } from "../support/echo.mjs";
import { SteadySocket } from "../support/package.mjs";
import { next, openSocket, quick, reached } from "../support/sockets.mjs";
import { openStub, StubWebSocket } from "./stub.mjs";

test("the error of the ws package is the cause of the event, with its code, on every attempt", async (t) => {
  const server = await EchoServer.start(t);
  await server.stop();
  const socket = openSocket(t, server.url());
  const first = await next(socket, "error");
  assert.equal(first.code, "connection_failed");
  assert.equal(first.cause.code, "ECONNREFUSED");
  assert.equal(first.error.cause, first.cause);
  assert.equal(first.error.message, first.message);
  const second = await next(socket, "error");
  assert.equal(second.cause.code, "ECONNREFUSED");
  assert.notEqual(second.cause, first.cause);
});

test("a cause belongs to one event, and to its connection", async (t) => {
  const { socket, stub } = await openStub(t, { reconnect: quick, connectTimeout: 20 });
  const cause = new Error("the first");
  stub.onerror({ error: cause, message: "cut" });
  stub.onclose({ code: 1006 });
  assert.equal((await next(socket, "error")).cause, cause);
  // The next attempt hangs.
  const late = await next(socket, "error");
  assert.deepEqual(
    [late.code, late.cause, late.error.cause],
    ["connect_timeout", undefined, undefined],
  );
  await reached(socket, "connecting");
  StubWebSocket.last.onerror({ error: cause });
  // It has not been reported yet.
  socket.suspend();
  socket.resume();
  const other = await next(socket, "error");
  assert.deepEqual([other.code, other.cause], ["connect_timeout", undefined]);
});

test("an error of a WebSocket class is the cause of the constructor's error, and of events", async (t) => {
  const cause = Symbol("odd");
  class Odd extends StubWebSocket {
    static isOdd = false;
    constructor() {
      super();
      if (Odd.isOdd) throw cause;
    }
  }
  const { socket, stub } = await openStub(t, { WebSocket: Odd, reconnect: quick });
  Odd.isOdd = true;
  stub.onclose({ code: 1006 });
  const event = await next(socket, "error");
  assert.deepEqual([event.code, event.cause], ["not_supported", cause]);
  assert.throws(() => new SteadySocket("ws://stub.test/", [], { WebSocket: Odd }), { cause });
});

test("an error of a function for the URL or the greeting is the cause of the event", async (t) => {
  const server = await EchoServer.start(t);
  const cause = new RangeError("no token");
  const withoutUrl = openSocket(t, () => Promise.reject(cause), { reconnect: false });
  const provided = await next(withoutUrl, "error");
  assert.deepEqual([provided.code, provided.cause], ["provider_failed", cause]);
  const greet = () => {
    throw cause;
  };
  const ungreeted = openSocket(t, server.url(), { reconnect: false, greet });
  const failed = await next(ungreeted, "error");
  assert.deepEqual([failed.code, failed.cause], ["greeting_failed", cause]);
});
