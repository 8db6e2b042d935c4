// startSuspended, and the number of queued messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { LocalServer } from "../support/local-server.mjs";
import { entryUrl } from "../support/package.mjs";
import { next, openSocket, reached, record } from "../support/sockets.mjs";

const suspended = { startSuspended: true };

/** A new copy of the entry with WebAssembly, and what it compiles. */
async function importCopy(t, name) {
  const { SteadySocket } = await import(`${entryUrl(".")}?${name}`);
  const compiled = t.mock.fn();
  const { Module } = WebAssembly;
  WebAssembly.Module = new Proxy(Module, {
    construct(target, given) {
      compiled();
      return Reflect.construct(target, given);
    },
  });
  t.after(() => {
    WebAssembly.Module = Module;
  });
  return { SteadySocket, compiled: compiled.mock };
}

/** Removes the platform's WebSocket, as on a server with Node 20. */
function removeWebSocket(t) {
  const { WebSocket: present } = globalThis;
  if (present) t.after(() => Object.assign(globalThis, { WebSocket: present }));
  delete globalThis.WebSocket;
}

for (const method of ["resume", "connect", "reconnect"]) {
  test(`startSuspended: messages are queued, and ${method}() connects and sends them`, async (t) => {
    const server = await LocalServer.start(t);
    const socket = openSocket(t, server.url(), suspended);
    const lines = record(socket);
    assert.equal(socket.state, "suspended");
    assert.equal(socket.readyState, 0);
    assert.equal(socket.url, server.url());
    assert.equal(socket.queued, 0);
    assert.equal(socket.send("one").status, "queued");
    assert.equal(socket.send("two").status, "queued");
    assert.equal(socket.queued, 2);
    assert.equal(socket.bufferedAmount, 6);
    assert.equal(socket.state, "suspended");
    socket[method]();
    assert.equal(socket.state, "connecting");
    await socket.opened;
    await server.until(() => server.received.length === 2);
    assert.deepEqual(server.received.map(String), ["one", "two"]);
    assert.equal(socket.queued, 0);
    assert.deepEqual(lines, ["statechange connecting", "statechange open", "open"]);
    assert.equal(server.connections.length, 1);
  });
}

test("startSuspended: loads nothing before the first call that needs the kernel", async (t) => {
  const { SteadySocket, compiled } = await importCopy(t, "suspended");
  const server = await LocalServer.start(t);
  const socket = new SteadySocket(server.url(), [], { WebSocket, ...suspended });
  t.after(() => socket.close());
  const unsubscribe = socket.on("greeting", () => {});
  socket.onmessage = () => {};
  assert.deepEqual(
    [socket.state, socket.queued, socket.bufferedAmount, socket.retryIn, socket.retryCount],
    ["suspended", 0, 0, undefined, 0],
  );
  assert.deepEqual([socket.protocol, socket.extensions, socket.stats()], ["", "", {}]);
  unsubscribe();
  socket.suspend();
  assert.equal(compiled.callCount(), 0);
  socket.resume();
  await socket.opened;
  assert.equal(compiled.callCount(), 1);
});

test("startSuspended: the first call can be any method", async (t) => {
  const server = await LocalServer.start(t);
  const open = () => openSocket(t, server.url(), suspended);

  const idle = open();
  assert.equal(idle.cancel(1), false);
  idle.suspend();
  assert.equal(idle.state, "suspended");

  const drained = open();
  await drained.drained();

  const closed = open();
  const lines = record(closed);
  closed.close(3000, "not needed");
  await reached(closed, "closed");
  await next(closed, "close");
  assert.deepEqual(lines, ["statechange closed", "close 3000"]);
  assert.throws(() => closed.resume(), { name: "InvalidStateError" });

  const dropped = open();
  dropped.send("x");
  const drop = next(dropped, "drop");
  dropped.close();
  assert.equal((await drop).reason, "closed");
  assert.equal(server.connections.length, 0);
});

test("startSuspended: a function for the URL is called by the first attempt only", async (t) => {
  const server = await LocalServer.start(t);
  const url = t.mock.fn(() => server.url());
  const socket = openSocket(t, url, suspended);
  socket.send("x");
  await new Promise(setImmediate);
  assert.equal(url.mock.callCount(), 0);
  assert.equal(socket.url, "");
  socket.resume();
  await socket.opened;
  assert.equal(url.mock.callCount(), 1);
});

for (const name of ["startSuspended", "startClosed"]) {
  test(`${name}: only the first attempt needs a WebSocket class`, async (t) => {
    removeWebSocket(t);
    const socket = openSocket(t, "ws://127.0.0.1/", { WebSocket: undefined, [name]: true });
    const lines = record(socket);
    assert.throws(() => socket.reconnect(), {
      name: "NotSupportedError",
      message:
        "SteadySocket: WebSocket is not available; pass a class as options.WebSocket " +
        '("ws://127.0.0.1/")',
    });
    await next(socket, "close");
    assert.deepEqual(lines.slice(-3), ["error not_supported", "statechange closed", "close 1006"]);
  });
}

test("startSuspended: the constructor throws for invalid arguments", (t) => {
  const open = (url, options, protocols) =>
    openSocket(t, url, { ...suspended, ...options }, protocols);
  assert.throws(() => open("ftp://host"), { name: "SyntaxError" });
  assert.throws(() => open("ws://host", {}, ["a b"]), { name: "SyntaxError" });
  assert.throws(() => open("ws://host", { connectTimeout: 0 }), RangeError);
  assert.throws(() => open("ws://host", { startSuspended: 1 }), {
    name: "TypeError",
    message: "SteadySocket: startSuspended must be true or false, got 1",
  });
  assert.throws(() => open("ws://host", { startClosed: true }), {
    name: "TypeError",
    message: "SteadySocket: startSuspended must be false with startClosed, got true",
  });
});

test("queued counts waiting messages, without those that were sent", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  const { id } = socket.send("one");
  socket.send("two");
  assert.equal(socket.queued, 2);
  socket.cancel(id);
  assert.equal(socket.queued, 1);
  await socket.opened;
  assert.equal(socket.queued, 0);
  socket.send("three");
  assert.equal(socket.queued, 0);
  socket.suspend();
  socket.send("four");
  assert.equal(socket.queued, 1);
  socket.close();
  await reached(socket, "closed");
  assert.equal(socket.queued, 0);
});
