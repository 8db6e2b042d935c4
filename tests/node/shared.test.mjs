// One Socket for a C++ program and its JavaScript: docs/guides/shared-socket.md.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { next, reached, record } from "../support/sockets.mjs";
import { within } from "../support/until.mjs";
import { attach, detach, Game, play, playOpen } from "./shared-program.mjs";

const queued = 1;
const batched = 2;
const smallQueue = 4;

/** The number of messages that are still stored for the core. */
const keptPayloads = (module) =>
  module.steadysocket.payloads.filter((value) => value != null).length;

/** Resolves at the next message event with this data. */
async function received(socket, data) {
  while ((await next(socket, "message")).data !== data);
}

test("C++ and JavaScript both receive every message, once each", async (t) => {
  const { server, game, cpp, socket } = await playOpen(t, { path: "/quiet" });
  const moves = [];
  socket.on("move", ({ x }) => moves.push(x));
  cpp.on("move");
  for (const x of [1, 2, 3]) server.sendAll(`{"type":"move","x":${x}}`);
  server.sendAll('{"type":"end"}');
  await socket.next("end");
  assert.deepEqual(moves, [1, 2, 3]);
  assert.deepEqual(game.lines.slice(-3), [
    '{"type":"move","x":1}',
    '{"type":"move","x":2}',
    '{"type":"move","x":3}',
  ]);
});

test("a message that only JavaScript reads is not copied for C++", async (t) => {
  const { server, module, cpp, socket } = await playOpen(t, { path: "/quiet" });
  const text = "x".repeat(8 << 20);
  const before = module.HEAPU8.length;
  cpp.on("move");
  const textReceived = received(socket, text);
  server.sendAll(text);
  await textReceived;
  assert.equal(module.HEAPU8.length, before);
});

test("messages of both sides arrive in the order of the calls, queued or not", async (t) => {
  const { server, cpp, socket } = await play(t, { path: "/quiet" });
  const expected = [];
  const sendBoth = (name) => {
    for (let i = 0; i < 50; ++i) {
      cpp.send(`c ${name} ${i}`);
      socket.send(`j ${name} ${i}`);
      expected.push(`c ${name} ${i}`, `j ${name} ${i}`);
    }
  };
  sendBoth("waiting");
  cpp.connect();
  await reached(socket, "open");
  sendBoth("open");
  await server.until(() => server.received.length === expected.length);
  assert.deepEqual(server.received, expected);
});

test("a request gets its reply while C++ sends and receives", async (t) => {
  const { game, cpp, socket } = await playOpen(t);
  cpp.on("ask");
  cpp.on("input");
  const asked = socket.request({ type: "ask", id: 7 });
  for (let i = 0; i < 10; ++i) cpp.send(`{"type":"input","x":${i}}`);
  assert.deepEqual(await asked, { type: "ask", id: 7 });
  await game.logged('{"type":"input","x":9}');
  assert.ok(game.lines.includes('{"type":"ask","id":7}'));
});

test("without a server, messages of both sides are queued, and sent when it is back", async (t) => {
  const { server, game, cpp, socket } = await playOpen(t, { path: "/quiet" });
  const lines = record(socket);
  await server.stop();
  await reached(socket, "waiting");
  assert.equal(cpp.send("from C++"), "queued");
  assert.equal(socket.send("from JavaScript").status, "queued");
  assert.equal(cpp.send("from C++ again"), "queued");
  assert.equal(socket.queued, 3);
  await server.restart();
  await server.until(() => server.received.length === 3);
  assert.deepEqual(server.received, ["from C++", "from JavaScript", "from C++ again"]);
  await reached(socket, "open");
  assert.ok(lines.includes("close 1006 retry"), lines.join("\n"));
  assert.ok(game.lines.includes("close 1006"));
  assert.equal(socket.url, server.url("/quiet"));
});

test("handlers of both sides may send", async (t) => {
  const { server, game, cpp, socket } = await playOpen(t, { path: "/quiet" });
  cpp.call("start", () => cpp.send("C++ has received"));
  socket.on("start", () => socket.send("JavaScript has received"));
  server.sendAll('{"type":"start"}');
  await server.until(() => server.received.length === 2);
  assert.deepEqual(server.received, ["C++ has received", "JavaScript has received"]);
  assert.deepEqual(game.lines, ["open"]);
});

test("large binary messages are sent and received, by both sides", async (t) => {
  const { cpp, socket } = await playOpen(t);
  socket.binaryType = "arraybuffer";
  const size = 3 << 20;
  const fromCpp = next(socket, "message");
  assert.equal(cpp.sendBytes(size), "sent");
  assert.deepEqual(new Uint8Array((await fromCpp).data), new Uint8Array(size).fill(7));
  const fromJs = next(socket, "message");
  socket.send(new Uint8Array(size).fill(9));
  assert.deepEqual(new Uint8Array((await fromJs).data), new Uint8Array(size).fill(9));
});

test("C++ and JavaScript share a batch, and a received batch is dispatched to both", async (t) => {
  const { game, cpp, socket } = await playOpen(t, { flags: batched });
  cpp.on("*");
  const types = [];
  socket.on("*", ({ type }) => types.push(type));
  const end = socket.next("end");
  cpp.sendJson('{"type":"a"}');
  socket.send({ type: "b" });
  socket.send({ type: "c" });
  cpp.sendJson('{"type":"end"}');
  await end;
  assert.deepEqual(types, ["a", "b", "c", "end"]);
  await game.logged('{"type":"end"}');
  assert.deepEqual(
    game.lines.filter((line) => line.startsWith("{")),
    ['{"type":"a"}', '{"type":"b"}', '{"type":"c"}', '{"type":"end"}'],
  );
});

test("a dropped message is reported to both sides, with its data to JavaScript", async (t) => {
  const { module, game, cpp, socket } = await play(t, { flags: smallQueue });
  const drops = [];
  socket.addEventListener("drop", ({ data, reason }) => drops.push([data, reason]));
  cpp.send("from C++");
  cpp.sendBytes(3);
  socket.send("from JavaScript");
  socket.send("the last");
  await game.until(() => game.lines.length === 3);
  assert.deepEqual(game.lines, [
    "drop ours queue_full 8",
    "drop ours queue_full 3",
    "drop theirs queue_full 15",
  ]);
  assert.deepEqual(drops, [
    ["from C++", "queue_full"],
    [Uint8Array.of(7, 7, 7).buffer, "queue_full"],
    ["from JavaScript", "queue_full"],
  ]);
  assert.equal(keptPayloads(module), 1);
});

test("close and reconnect in JavaScript apply to both sides", async (t) => {
  const { game, cpp, socket } = await playOpen(t);
  const closed = next(socket, "close");
  socket.close(4000, "enough");
  const { code, wasClean, willRetry } = await closed;
  assert.deepEqual([code, wasClean, willRetry], [4000, true, false]);
  await game.logged("close 4000");
  assert.equal(cpp.state(), "closed");
  assert.deepEqual(socket.send("late"), { status: "rejected", reason: "closed" });
  const opened = next(socket, "open");
  socket.reconnect();
  await opened;
  assert.equal(cpp.state(), "open");
  assert.deepEqual(await socket.request({ type: "hello", id: 1 }), { type: "hello", id: 1 });
});

test("close in C++ is reported to JavaScript, which stays attached when C++ reconnects", async (t) => {
  const { cpp, socket } = await playOpen(t);
  const lines = record(socket);
  const waiting = socket.next("never");
  const closed = next(socket, "close");
  cpp.close(4001);
  assert.equal((await closed).code, 4001);
  await assert.rejects(waiting, { code: "closed" });
  assert.equal(socket.readyState, 3);
  assert.throws(() => socket.connect(), { name: "InvalidStateError" });
  cpp.reconnect();
  await reached(socket, "open");
  const end = socket.next("end");
  cpp.send('{"type":"end"}');
  await end;
  assert.deepEqual(lines, [
    "statechange closing",
    "statechange closed",
    "close 4001",
    "statechange connecting",
    "statechange open",
    "open",
    'message {"type":"end"}',
  ]);
});

test("retryCount is kept when JavaScript is detached, and when C++ destroys its socket", async (t) => {
  const { server, module, game, socket } = await playOpen(t);
  const other = attach(module, "game");
  await server.stop();
  while (socket.retryCount < 2) await next(socket, "close");
  const counted = socket.retryCount;
  detach(socket);
  assert.equal(socket.retryCount, counted);
  game.destroy();
  assert.ok(other.retryCount >= counted, String(other.retryCount));
});

test("when C++ destroys its socket, JavaScript gets one close event, and its calls are safe", async (t) => {
  const { server, module, game, socket } = await playOpen(t, { path: "/quiet" });
  const lines = record(socket);
  const waits = [
    socket.next("never"),
    socket.request({ type: "never" }),
    socket.messages("never").next(),
  ];
  game.destroy();
  assert.equal(socket.state, "closed");
  assert.equal(socket.bufferedAmount, 0);
  assert.equal(socket.queued, 0);
  assert.deepEqual(socket.send("late"), { status: "rejected", reason: "closed" });
  for (const name of ["connect", "suspend", "resume", "reconnect"]) {
    assert.throws(() => socket[name](), { name: "InvalidStateError" }, name);
  }
  await assert.rejects(socket.drained(), { name: "InvalidStateError" });
  await assert.rejects(waits[0], { code: "closed" });
  await assert.rejects(waits[1], { code: "closed" });
  assert.deepEqual(await waits[2], { done: true, value: undefined });
  socket.close();
  detach(socket);
  assert.equal(socket.retryIn, undefined);
  assert.deepEqual(socket.stats(), {});
  assert.deepEqual(lines, ["statechange closed", "close 1006", "drop 0 closed late"]);
  // The name is free again, and the old socket gets no events of the new one.
  const again = new Game(t, module, "game", server.url("/quiet"));
  const other = attach(module, "game");
  again.cpp.connect();
  await reached(other, "open");
  const end = other.next("end");
  server.sendAll('{"type":"end"}');
  await end;
  assert.equal(lines.length, 3);
  assert.equal(socket.state, "closed");
});

test("pending promises are settled when C++ destroys its socket", async (t) => {
  const { game, socket } = await play(t);
  const sent = socket.send("waits", { track: true });
  const drained = socket.drained();
  const { opened } = socket;
  game.destroy();
  assert.deepEqual(await sent.outcome, { status: "dropped", reason: "closed" });
  await assert.rejects(drained, { name: "InvalidStateError" });
  await assert.rejects(opened, { code: "closed" });
});

test("destroying a closed socket dispatches no events", async (t) => {
  const { game, cpp, socket } = await playOpen(t);
  const closed = next(socket, "close");
  cpp.close(1000);
  await closed;
  const lines = record(socket);
  game.destroy();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(lines, []);
  assert.throws(() => socket.reconnect(), { name: "InvalidStateError" });
});

test("handlers of either side may destroy the socket, which ends the dispatch of the message", async (t) => {
  for (const side of ["C++", "JavaScript"]) {
    const { server, module, game, cpp, socket } = await playOpen(t, { path: "/quiet" });
    const second = attach(module, "game");
    const calls = [];
    second.on("end", () => calls.push("second"));
    const closed = next(second, "close");
    if (side === "C++") cpp.call("end", () => game.destroy());
    else socket.on("end", () => game.destroy());
    server.sendAll('{"type":"end"}');
    assert.equal((await closed).code, 1006, side);
    assert.deepEqual(calls, [], side);
    assert.equal(keptPayloads(module), 0, side);
  }
});

test("a detached socket receives no more events, and the program continues", async (t) => {
  const { server, game, cpp, socket } = await playOpen(t, { path: "/quiet" });
  const lines = record(socket);
  const waiting = socket.next("never");
  const drained = socket.drained();
  socket.send("still sent");
  socket[Symbol.dispose]();
  await assert.rejects(waiting, { code: "closed" });
  await drained.catch((error) => assert.equal(error.name, "InvalidStateError"));
  cpp.on("end");
  server.sendAll('{"type":"end"}');
  await game.logged('{"type":"end"}');
  await server.until(() => server.received.length === 1);
  assert.equal(cpp.state(), "open");
  assert.equal(socket.state, "closed");
  cpp.close(1000);
  await game.logged("close 1000");
  assert.deepEqual(lines, []);
});

test("each of several attached sockets receives every message, until it is detached", async (t) => {
  const { server, module, cpp, socket } = await playOpen(t, { path: "/quiet" });
  const chat = attach(module, "game");
  assert.notEqual(chat, socket);
  const calls = [];
  socket.on("line", ({ n }) => {
    calls.push(`hud ${n}`);
    if (n === 2) detach(chat);
  });
  chat.on("line", ({ n }) => calls.push(`chat ${n}`));
  for (const n of [1, 2, 3]) server.sendAll(`{"type":"line","n":${n}}`);
  server.sendAll('{"type":"end"}');
  await socket.next("end");
  assert.deepEqual(calls, ["hud 1", "chat 1", "hud 2", "hud 3"]);
  assert.equal(cpp.state(), "open");
});

test("drained() is resolved for each socket that called it", async (t) => {
  const { module, cpp, socket } = await play(t);
  const other = attach(module, "game");
  const order = [];
  socket.send("waits");
  const asked = [
    other.drained().then(() => order.push("other")),
    socket.drained().then(() => order.push("first")),
  ];
  detach(attach(module, "game"));
  cpp.connect();
  await Promise.all(asked);
  assert.deepEqual(order, ["other", "first"]);
});

test("with queued dispatch JavaScript receives at once, and C++ in poll()", async (t) => {
  const { game, cpp, socket } = await playOpen(t, { flags: queued });
  cpp.on("end");
  assert.deepEqual(game.lines, []);
  assert.deepEqual(await socket.request({ type: "end", id: 1 }), { type: "end", id: 1 });
  await socket.drained();
  assert.deepEqual(game.lines, []);
  assert.equal(cpp.poll(), 1);
  assert.deepEqual(game.lines, ["open", '{"type":"end","id":1}']);
});

test("10,000 messages of each side leak no memory", async (t) => {
  const { module, game, cpp, socket } = await playOpen(t);
  cpp.on("move");
  let moves = 0;
  socket.on("move", () => ++moves);
  let before = 0;
  for (let round = 1; round <= 11; ++round) {
    const end = socket.next("end");
    for (let i = 0; i < 1_000; ++i) {
      socket.send({ type: "move", i });
      cpp.send('{"type":"move"}');
    }
    socket.send({ type: "end" });
    await end;
    game.lines.length = 0;
    if (round === 1) before = module.HEAPU8.length;
  }
  assert.equal(moves, 22_000);
  await socket.drained();
  assert.equal(module.HEAPU8.length, before);
  assert.equal(keptPayloads(module), 0);
});

test("queued and dropped messages leak no memory", async (t) => {
  const { module, cpp, socket } = await play(t, { flags: smallQueue });
  let drops = 0;
  const allDropped = new Promise((resolve) => {
    socket.addEventListener("drop", () => ++drops === 9_999 && resolve());
  });
  for (let i = 0; i < 5_000; ++i) {
    socket.send({ i });
    cpp.send(`${i}`);
  }
  await within(allDropped, "all drops", () => `${drops} so far`);
  assert.equal(keptPayloads(module), 0);
});

test("an attached socket is detached when it is collected, and the program continues", async (t) => {
  const { module, cpp, socket } = await playOpen(t);
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  const hub = module.steadysocket.sockets.get("game");
  attach(module, "game");
  assert.equal(hub.listeners.length, 2);
  while (hub.listeners.length > 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(socket.state, "open");
  assert.equal(cpp.state(), "open");
});
