// Overridden members of WebSocket are for a subclass's users; like a browser, the socket itself
// does not call them.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { SteadySocket } from "../support/package.mjs";
import { next } from "../support/sockets.mjs";

/** An instance that is closed when the test ends. */
function open(test, Class, url) {
  const socket = new Class(url, [], { WebSocket });
  test.after(() => socket.close());
  return socket;
}

test("events are dispatched without calling a subclass's dispatchEvent", async (t) => {
  class Overriding extends SteadySocket {
    dispatchEvent() {
      throw new Error("not now");
    }
  }
  const server = await LocalServer.start(t, { greet: (connection) => connection.send("hello") });
  const socket = open(t, Overriding, server.url());
  const message = next(socket, "message");
  await socket.opened;
  assert.equal((await message).data, "hello");
});

test("handlers such as onmessage are set without calling a subclass's addEventListener", async (t) => {
  class Attributes extends SteadySocket {
    addEventListener(type, listener) {
      this[`on${type}`] = listener;
    }
    removeEventListener(type) {
      this[`on${type}`] = null;
    }
  }
  const server = await LocalServer.start(t, { greet: (connection) => connection.send("hello") });
  const socket = open(t, Attributes, server.url());
  const message = next(socket, "message");
  socket.addEventListener("open", () => assert.fail("it was removed"));
  socket.removeEventListener("open");
  assert.equal(socket.onopen, null);
  assert.equal((await message).data, "hello");
});

test("a subclass can have fields, accessors and methods", async (t) => {
  class Room extends SteadySocket {
    name = "lobby";
    #sent = 0;
    send(...message) {
      ++this.#sent;
      return super.send(...message);
    }
    get sent() {
      return this.#sent;
    }
  }
  const server = await LocalServer.start(t);
  const room = open(t, Room, server.url());
  room.send({ type: "join", room: room.name });
  await server.until(() => server.received.length === 1);
  assert.deepEqual(server.received, ['{"type":"join","room":"lobby"}']);
  assert.equal(room.sent, 1);
  assert.ok(room instanceof SteadySocket);
  assert.throws(() => SteadySocket.prototype.send.call({}, "x"), TypeError);
});
