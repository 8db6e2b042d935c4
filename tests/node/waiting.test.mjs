// Promises and loops: `opened`, `next` and `messages`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { LocalServer } from "../support/local-server.mjs";
import { SteadySocketError } from "../support/package.mjs";
import { next, openSocket, reached } from "../support/sockets.mjs";
import { openStub } from "./stub.mjs";

const rejectsWith = (code) => (error) => {
  assert.ok(error instanceof SteadySocketError);
  assert.equal(error.name, "SteadySocketError");
  assert.match(error.message, /^SteadySocket: /);
  assert.equal(error.code, code);
  return true;
};

/** Resolves in the next turn of the event loop. */
const turn = () => new Promise(setImmediate);

function move(stub, ...places) {
  for (const x of places) stub.deliver(JSON.stringify({ type: "move", x }));
}

test("opened is fulfilled with the socket when a connection opens, and again by the next one", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  assert.equal(await socket.opened, socket);
  assert.equal(socket.readyState, 1);
  assert.equal(await socket.opened, socket);
  server.connections[0].terminate();
  await reached(socket, "waiting");
  await socket.opened;
  assert.equal(server.connections.length, 2);
});

test("opened is the same promise while a connection is open, so that a render can read it", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url());
  const { opened } = socket;
  await opened;
  assert.equal(socket.opened, opened);
  server.connections[0].terminate();
  await reached(socket, "waiting");
  const again = socket.opened;
  assert.notEqual(again, opened);
  await again;
  assert.equal(socket.opened, socket.opened);
  assert.equal(await socket.opened, socket);
});

test("opened is rejected when the socket is closed, without an unhandled rejection", async (t) => {
  const server = await LocalServer.start(t, { answer: () => "hang" });
  const socket = openSocket(t, server.url());
  const opened = socket.opened;
  assert.equal(opened, socket.opened);
  socket.close();
  await assert.rejects(opened, rejectsWith("closed"));
  await assert.rejects(socket.opened, rejectsWith("closed"));
  const other = openSocket(t, server.url());
  other.opened;
  other.close();
  await next(other, "close");
  // An unhandled rejection would end this process in the next turn.
  await turn();
});

test("next resolves to one message of its type, over several connections if necessary", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => {
      if (server.connections.length === 1) connection.terminate();
      else connection.send('{"type":"welcome","n":2}');
    },
  });
  const socket = openSocket(t, server.url());
  assert.deepEqual(await socket.next("welcome"), { type: "welcome", n: 2 });
});

test("next is rejected by its signal, its timeout, and the close of the socket", async (t) => {
  const { socket, stub } = await openStub(t, { closeTimeout: 1 });
  const abort = new AbortController();
  const aborted = socket.next("move", { signal: abort.signal });
  const late = socket.next("move", { timeout: 1 });
  const reason = new Error("enough");
  abort.abort(reason);
  await assert.rejects(aborted, (error) => error === reason);
  await assert.rejects(late, rejectsWith("timeout"));
  await assert.rejects(socket.next("move", { signal: AbortSignal.abort() }), {
    name: "AbortError",
  });
  const last = socket.next("move");
  const [first, second] = [socket.next("move"), socket.next("move")];
  move(stub, 1);
  assert.deepEqual([(await first).x, (await second).x, (await last).x], [1, 1, 1]);
  const never = socket.next("move");
  socket.close();
  await assert.rejects(never, rejectsWith("closed"));
  await assert.rejects(socket.next("move"), rejectsWith("closed"));
});

test("invalid options of next and messages are TypeErrors", async (t) => {
  const { socket } = await openStub(t);
  for (const options of [
    null,
    5,
    { timout: 1 },
    { timeout: "1" },
    { timeout: -1 },
    { signal: {} },
  ]) {
    await assert.rejects(socket.next("move", options), TypeError);
  }
  for (const options of [
    null,
    { max: 1 },
    { signal: 1 },
    { overflow: "drop" },
    { maxMessages: "5" },
  ]) {
    assert.throws(() => socket.messages("move", options), TypeError);
  }
  assert.throws(() => socket.messages("move", { maxMessages: 0 }), RangeError);
  assert.throws(() => socket.messages("move", { maxMessages: Number.NaN }), RangeError);
});

test("a loop gets every message in order, over connections, until the socket is closed", async (t) => {
  const server = await LocalServer.start(t, {
    greet: (connection) => {
      const first = server.connections.length * 10;
      for (let x = first; x < first + 3; ++x) connection.send(JSON.stringify({ type: "move", x }));
      connection.send('{"type":"other"}');
      if (server.connections.length === 1) connection.close(1011);
    },
  });
  const socket = openSocket(t, server.url());
  const seen = [];
  for await (const { x } of socket.messages("move")) {
    seen.push(x);
    if (x === 22) socket.close();
  }
  assert.deepEqual(seen, [10, 11, 12, 20, 21, 22]);
});

test("a loop that was left receives no more messages", async (t) => {
  const { socket, stub } = await openStub(t);
  const moves = socket.messages("move");
  move(stub, 1, 2, 3);
  for await (const { x } of moves) {
    assert.equal(x, 1);
    break;
  }
  move(stub, 4);
  assert.deepEqual(await moves.next(), { done: true, value: undefined });
  assert.equal(moves.dropped, 0);
});

test("a loop that is too slow throws after its buffered messages, unless it may drop some", async (t) => {
  const { socket, stub } = await openStub(t);
  const strict = socket.messages("move", { maxMessages: 2 });
  const newest = socket.messages("move", { maxMessages: 2, overflow: "drop_oldest" });
  const oldest = socket.messages("move", { maxMessages: 2, overflow: "drop_newest" });
  move(stub, 1, 2, 3, 4);
  assert.equal((await strict.next()).value.x, 1);
  assert.equal((await strict.next()).value.x, 2);
  await assert.rejects(strict.next(), rejectsWith("overflow"));
  assert.deepEqual(await strict.next(), { done: true, value: undefined });
  assert.deepEqual([(await newest.next()).value.x, (await newest.next()).value.x], [3, 4]);
  assert.deepEqual([(await oldest.next()).value.x, (await oldest.next()).value.x], [1, 2]);
  assert.deepEqual([strict.dropped, newest.dropped, oldest.dropped], [1, 2, 2]);
});

test("a loop throws the reason of its signal at once, before buffered messages", async (t) => {
  const { socket, stub } = await openStub(t);
  const abort = new AbortController();
  const moves = socket.messages("move", { signal: abort.signal });
  const waiting = socket.messages("move", { signal: abort.signal });
  const wait = waiting.next();
  move(stub, 1, 2);
  assert.equal((await wait).value.x, 1);
  assert.equal((await waiting.next()).value.x, 2);
  const never = waiting.next();
  abort.abort("enough");
  await assert.rejects(never, (reason) => reason === "enough");
  await assert.rejects(moves.next(), (reason) => reason === "enough");
  assert.deepEqual(await moves.next(), { done: true, value: undefined });
  const late = socket.messages("move", { signal: abort.signal });
  await assert.rejects(late.next(), (reason) => reason === "enough");
});

test("several calls of next() on one loop each get the next message", async (t) => {
  const { socket, stub } = await openStub(t);
  const moves = socket.messages("move");
  const waiting = [moves.next(), moves.next(), moves.next()];
  move(stub, 1, 2);
  assert.deepEqual(
    (await Promise.all(waiting.slice(0, 2))).map(({ value }) => value.x),
    [1, 2],
  );
  await moves.return();
  assert.deepEqual(await waiting[2], { done: true, value: undefined });
});

test("a loop over a socket that is closed ends at once", async (t) => {
  const { socket } = await openStub(t, { closeTimeout: 1 });
  socket.close();
  await reached(socket, "closed");
  for await (const _ of socket.messages("move")) assert.fail("a message of a closed socket");
});

test("a promise made after reconnect() in a listener for closed is not rejected", async (t) => {
  const server = await LocalServer.start(t);
  const socket = openSocket(t, server.url(), { reconnect: false });
  await socket.opened;
  const before = socket.next("move");
  const waits = new Promise((resolve) => {
    socket.addEventListener(
      "statechange",
      ({ state }) => {
        assert.equal(state, "closed");
        socket.reconnect();
        resolve([socket.opened, socket.next("move")]);
      },
      { once: true },
    );
  });
  server.connections[0].terminate();
  await assert.rejects(before, rejectsWith("closed"));
  const [opened, move] = await waits;
  await opened;
  await server.until(() => server.connections.length === 2);
  server.connections[1].send('{"type":"move","x":1}');
  assert.equal((await move).x, 1);
});

test("next() in a handler resolves to the next message, not the current one", async (t) => {
  const { socket, stub } = await openStub(t);
  const waits = new Promise((resolve) => {
    socket.once("move", () => resolve([socket.next("move"), socket.next("*")]));
  });
  stub.deliver('{"type":"move","x":1}');
  const [move, any] = await waits;
  stub.deliver('{"type":"move","x":2}');
  assert.deepEqual([(await move).x, (await any).x], [2, 2]);
});
