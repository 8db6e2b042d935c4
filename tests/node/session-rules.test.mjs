// The rules that a client of the session protocol follows, and its reaction to servers that do not.
import assert from "node:assert/strict";
import { test } from "node:test";
import WebSocket from "ws";
import { packageUrl, SteadySocket } from "../support/package.mjs";
import { logged, openSession, SessionServer } from "../support/session-script.mjs";
import { next, openSocket, reached } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";

const many = (count, make) => Array.from({ length: count }, (_, n) => make(n));

// --- Window. ---

test("at most 1000 messages are sent and not acknowledged", async (t) => {
  const { server, socket } = await openSession(t);
  const peer = await server.member();
  await peer.settle();
  const results = many(1_003, (n) => socket.send(`${n}`).status);
  await peer.until(() => peer.frames.length === 1_000);
  await peer.settle();
  assert.equal(peer.frames.length, 1_000);
  assert.equal(results.filter((status) => status === "queued").length, 3);
  peer.say("^A 1");
  await peer.until(() => peer.frames.length === 1_001);
  peer.say("^A 1001");
  await peer.until(() => peer.frames.length === 1_003);
  assert.deepEqual(
    peer.frames,
    many(1_003, (n) => `${n}`),
  );
});

test("session.window sets a smaller limit of unacknowledged messages", async (t) => {
  const { server, socket } = await openSession(t, { session: { window: 2 } });
  const peer = await server.member();
  for (let n = 0; n < 5; ++n) socket.send(`${n}`);
  await peer.expect("0", "1");
  await peer.settle();
  assert.deepEqual(peer.frames, []);
  peer.say("^A 1");
  await peer.expect("2");
  peer.say("^A 3");
  await peer.expect("3", "4");
  peer.say("^A 5");
  await socket.delivered();
});

test("a window of one message is stop-and-wait, also over several connections", async (t) => {
  const { server, socket } = await openSession(t, { session: { window: 1 } });
  let peer = await server.member();
  for (let n = 0; n < 6; ++n) socket.send(`${n}`);
  await peer.expect("0");
  for (let n = 1; n < 6; ++n) {
    if (n % 2) {
      peer.cut();
      peer = await server.member({ handled: n - 1 });
      await peer.expect(`^@ ${n}`, `${n - 1}`);
    }
    peer.say(`^A ${n}`);
    await peer.expect(`${n}`);
  }
  peer.say("^A 6");
  await socket.delivered();
});

test("at most 1 MiB is sent and not acknowledged, or one larger message", async (t) => {
  const { server, socket } = await openSession(t, { highWaterMark: 64 << 20 });
  const peer = await server.member();
  const half = "é".repeat(300_000);
  for (let n = 0; n < 3; ++n) socket.send(half);
  socket.send(new Uint8Array(2 << 20));
  socket.send("last");
  await peer.until(() => peer.frames.length === 1);
  await peer.settle();
  assert.equal(peer.frames.length, 1);
  for (let n = 1; n < 3; ++n) {
    peer.say(`^A ${n}`);
    await peer.until(() => peer.frames.length === n + 1);
  }
  await peer.settle();
  assert.equal(peer.frames.length, 3);
  peer.say("^A 3");
  await peer.until(() => peer.frames.length === 4);
  await peer.settle();
  assert.equal(peer.frames.length, 4);
  peer.say("^A 4");
  await peer.until(() => peer.frames.length === 5);
  assert.deepEqual(
    peer.frames.map(({ length }) => length),
    [300_000, 300_000, 300_000, 2 << 20, 4],
  );
});

test("volatile messages are dropped while the window is full", async (t) => {
  const { server, socket, log } = await openSession(t, { session: { window: 1 } });
  const peer = await server.member();
  socket.send("a");
  await peer.expect("a");
  assert.deepEqual(socket.send("b", { volatile: true }), {
    status: "dropped",
    reason: "not_now",
  });
  await logged(log, "drop not_now b");
  peer.say("^A 1");
  await peer.settle();
  assert.equal(socket.send("c", { volatile: true }).status, "sent");
});

// --- Acknowledgements. ---

test("64 messages are acknowledged at once", async (t) => {
  const { server } = await openSession(t);
  const peer = await server.member();
  peer.say(...many(200, (n) => `${n}`));
  await peer.receipt(200);
  // The timer alone would acknowledge all of them.
  assert.ok(peer.acknowledged[0] <= 64, `${peer.acknowledged}`);
});

test("32 KB are acknowledged at once", async (t) => {
  const { server } = await openSession(t);
  const peer = await server.member();
  peer.say("x".repeat(20_000), "y".repeat(20_000), "z");
  await peer.receipt(3);
  // The timer alone would acknowledge all of them.
  assert.ok(peer.acknowledged[0] <= 2, `${peer.acknowledged}`);
});

test("fewer messages are acknowledged after 250 ms, also while others arrive", async (t) => {
  const { server } = await openSession(t);
  const peer = await server.member();
  const began = performance.now();
  const timer = setInterval(() => peer.say("x"), 50);
  t.after(() => clearInterval(timer));
  await peer.until(() => peer.acknowledged.length > 0);
  const took = performance.now() - began;
  clearInterval(timer);
  assert.ok(took >= 200, `${took} ms`);
  assert.ok(peer.acknowledged[0] >= 1);
});

test("no message is acknowledged twice, and nothing before the first message", async (t) => {
  const { server } = await openSession(t);
  const peer = await server.member();
  const other = await (await openSession(t)).server.member();
  peer.say("x");
  await peer.receipt(1);
  // Each acknowledgement takes 250 ms.
  for (const number of [1, 2, 3]) {
    other.say("y");
    await other.receipt(number);
  }
  assert.deepEqual(peer.acknowledged, [1]);
});

test("a message whose handler throws counts as handled, and the error is reported", async (t) => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  t.after(() => delete globalThis.reportError);
  const { server, socket, log } = await openSession(t);
  socket.on("bad", () => {
    throw new Error("of the handler");
  });
  const peer = await server.member();
  peer.say('{"type":"bad"}', "x");
  await logged(log, "message x");
  assert.deepEqual(reported, ["of the handler"]);
  await peer.receipt(2);
});

// --- Liveness. ---

test("questions are answered at once, with the number of the last message and the clock", async (t) => {
  const { server } = await openSession(t);
  const peer = await server.member();
  peer.say("^? 7");
  assert.match(await peer.next(), /^\^! 7 0 \d{13}$/);
  peer.say("x", "^? 9007199254740991");
  const [, , received, clock] = (await peer.next()).split(" ");
  assert.equal(received, "1");
  assert.ok(Math.abs(Number(clock) - Date.now()) < 5_000);
  await peer.settle();
  assert.deepEqual(peer.acknowledged, []);
});

test("the first answer measures the round trip and the offset of the server's clock", async (t) => {
  const { server, socket } = await openSession(t);
  assert.deepEqual(socket.stats(), {});
  const peer = await server.peer();
  peer.ahead = 5_000;
  await peer.join();
  await eventually(() => socket.stats().clockOffset !== undefined);
  const { roundTrip, clockOffset } = socket.stats();
  // The same object on every read: a UI store would loop otherwise.
  const stats = socket.watch((one) => one.stats());
  const first = stats.get();
  for (let read = 0; read < 1_000; ++read) assert.equal(stats.get(), first);
  assert.ok(roundTrip.last >= 0 && roundTrip.last < 1_000);
  assert.ok(Math.abs(clockOffset - 5_000) < 500, `${clockOffset}`);
});

test("the clock's offset may be negative", async (t) => {
  const { server, socket } = await openSession(t);
  const peer = await server.peer();
  peer.ahead = -7_000;
  await peer.join();
  await eventually(() => socket.stats().clockOffset !== undefined);
  assert.ok(Math.abs(socket.stats().clockOffset + 7_000) < 500, `${socket.stats().clockOffset}`);
});

test("answers to other questions are ignored completely", async (t) => {
  const { server, socket } = await openSession(t);
  const peer = await server.peer();
  peer.answers = false;
  await peer.join();
  socket.send("a");
  await peer.expect("a");
  peer.say("^! 77 1 1700000000000");
  await peer.settle();
  assert.deepEqual(socket.stats(), {});
  peer.cut();
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "a");
});

test("a connection without answers is aborted, even if other frames arrive", async (t) => {
  const { server, socket, log } = await openSession(t, {
    heartbeat: { interval: 200, timeout: 300 },
  });
  const peer = await server.peer();
  await peer.join();
  await eventually(() => socket.stats().roundTrip !== undefined);
  peer.answers = false;
  const timer = setInterval(() => peer.say("chatter"), 20);
  t.after(() => clearInterval(timer));
  const began = performance.now();
  await next(socket, "close");
  const took = performance.now() - began;
  clearInterval(timer);
  assert.ok(took < 3_000, `${took} ms`);
  assert.ok(log.includes("error heartbeat_timeout"));
});

test("the heartbeat of a session is on by default, and cannot be switched off", async (t) => {
  const { server, socket } = await openSession(t, { heartbeat: false });
  const peer = await server.member();
  await eventually(() => socket.stats().roundTrip !== undefined);
  assert.ok(peer.questions > 0);
});

// --- Servers that violate the protocol. ---

for (const frame of [
  "^",
  "^A",
  "^A 5",
  "^A 01",
  "^A 9007199254740992",
  "^@ 0",
  "^W life-1 0 60000",
  "^G 1 life-1",
  "^H 0123456789abcdefghijkl life-1 1 0",
  `^A 0 ${"x".repeat(252)}`,
  `^A 0 ${"é".repeat(126)}`,
]) {
  const shown = frame.length > 60 ? `${frame.slice(0, 8)}…` : frame;
  test(`a malformed frame closes for good with 4400, and settles all promises: ${shown}`, async (t) => {
    const { server, socket, log } = await openSession(t);
    const peer = await server.member();
    const { outcome } = socket.send("a", { track: true });
    await peer.expect("a");
    const settled = Promise.allSettled([
      outcome,
      socket.delivered(),
      socket.request({ type: "r" }),
      socket.drained(),
      socket.next("never"),
    ]);
    peer.say(frame);
    const { code, reason } = await peer.end();
    assert.deepEqual([code, reason], [4400, "malformed session frame"]);
    await reached(socket, "closed");
    await settled;
    await logged(log, "close 4400");
    assert.ok(log.includes("error session_failed"));
    assert.ok(log.includes("drop unconfirmed a"));
  });
}

for (const frame of ["A 0", "@ 1", "? 1", "! 1 0 1", "W life-1 0 60000", "Z", "G 2 life-1"]) {
  test(`a frame before the greeting closes for good with 4400: ${frame}`, async (t) => {
    const { server, socket, log } = await openSession(t);
    const peer = await server.peer();
    peer.say(`^${frame}`);
    assert.equal((await peer.end()).code, 4400);
    await reached(socket, "closed");
    assert.ok(log.includes("error session_failed"));
  });
}

test("a number above 2^53 - 1 is malformed, and the largest is not", async (t) => {
  const { server, socket, log } = await openSession(t);
  const peer = await server.member();
  peer.say("^@ 9007199254740991", "x");
  await logged(log, "message x");
  await peer.receipt(Number.MAX_SAFE_INTEGER);
  peer.say("y");
  assert.equal((await peer.end()).code, 4400);
  await reached(socket, "closed");
  assert.ok(!log.includes("message y"));
});

test("lives and epochs may look like numbers, and extra fields of a welcome are ignored", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.peer();
  await first.invite("99999999999999999999");
  first.say("^W 99999999999999999999 0 60000 x 77777777777777777777");
  await logged(log, "session new");
  first.cut();
  const second = await server.peer();
  assert.equal((await second.invite("Infinity")).epoch, "99999999999999999999");
  second.welcome({ epoch: "1e999", old: 0 });
  await logged(log, "session lost");
  socket.send("a");
  await second.expect("^@ 1", "a");
});

test("after a malformed frame reconnect() starts a new session", async (t) => {
  const { server, socket } = await openSession(t);
  const first = await server.member();
  first.say("^Z");
  await reached(socket, "closed");
  socket.reconnect();
  const second = await server.member();
  assert.notEqual(second.hello.id, first.hello.id);
  socket.send("a");
  await second.expect("a");
});

test("a server that selects the subprotocol and does not greet fails the attempt", async (t) => {
  const { server, socket, log } = await openSession(t, { connectTimeout: 50 });
  await server.peer();
  await logged(log, "error session_failed");
  const second = await server.member();
  socket.send("a");
  await second.expect("a");
});

test("a server that does not welcome fails the attempt, and messages are repeated", async (t) => {
  const { server, socket, log } = await openSession(t, { connectTimeout: 50 });
  const first = await server.peer();
  await first.invite();
  socket.send("a");
  await first.expect("a");
  await logged(log, "error session_failed");
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "a");
});

// --- Subprotocols. ---

test("subprotocols are offered with and without sessions, the application's first", async (t) => {
  const server = await SessionServer.start(t);
  for (const [protocols, offered] of [
    [[], ["steady.1"]],
    [["chat"], ["chat", "chat+steady.1"]],
    [
      ["chat", "news"],
      ["chat", "news", "chat+steady.1", "news+steady.1"],
    ],
    [() => ["late"], ["late", "late+steady.1"]],
    [async () => [], ["steady.1"]],
  ]) {
    server.handshakes.length = 0;
    const socket = openSocket(t, server.url(), { session: true }, protocols);
    await socket.opened;
    assert.deepEqual(server.handshakes[0].protocols, offered);
    socket.close();
  }
});

test("without the option only the application's subprotocols are offered", async (t) => {
  const server = await SessionServer.start(t);
  const socket = openSocket(t, server.url(), { session: false }, ["chat"]);
  await socket.opened;
  assert.deepEqual(server.handshakes[0].protocols, ["chat"]);
});

test("a subprotocol of the application can be selected with a session and with batches", async (t) => {
  const { server, socket, log } = await openSession(
    t,
    { batch: { subprotocol: "lines" }, session: { required: true } },
    ["lines", "chat"],
  );
  server.select = (offered) => offered.find((one) => one === "lines+steady.1");
  const peer = await server.member();
  assert.equal(socket.protocol, "lines+steady.1");
  socket.send({ n: 1 });
  socket.send({ n: 2 });
  await peer.expect('[{"n":1},{"n":2}]');
  await logged(log, "session new");
});

test("a server without sessions is used without one, which a session event reports", async (t) => {
  const { server, socket, log } = await openSession(t, {}, ["chat"]);
  socket.send("\x10a");
  const peer = await server.peer();
  await logged(log, "session unsupported");
  await peer.expect("^a");
  peer.say("^Z");
  await logged(log, "message \x10Z");
  assert.equal(socket.protocol, "chat");
  const { outcome } = socket.send("b", { track: true });
  assert.deepEqual(await outcome, { status: "sent" });
  assert.equal(socket.stats().clockOffset, undefined);
});

test("if the server stops supporting sessions, the session is lost and reported", async (t) => {
  const { server, socket, log } = await openSession(t, {}, ["chat"]);
  server.select = (offered) => offered.at(-1);
  const first = await server.member();
  socket.send("a");
  await first.expect("a");
  server.select = ([plain]) => plain;
  first.cut();
  const second = await server.peer();
  await logged(log, "session unsupported");
  assert.deepEqual(
    log.filter((line) => /^(session|drop)/.test(line)),
    ["session new", "drop unconfirmed a", "session lost", "session unsupported"],
  );
  socket.send("b");
  await second.expect("b");
  server.select = (offered) => offered.at(-1);
  second.cut();
  const third = await server.member();
  assert.notEqual(third.hello.id, first.hello.id);
});

test("with session.required a server without sessions is an error, and is retried", async (t) => {
  const { server, socket, log } = await openSession(t, { session: { required: true } }, ["chat"]);
  socket.send("a");
  await logged(log, "error session_unsupported");
  assert.equal(server.received.length, 0);
  server.select = (offered) => offered.at(-1);
  for (;;) {
    const peer = await server.peer();
    if (server.connections.at(-1).protocol !== "chat+steady.1") continue;
    await peer.join();
    await peer.expect("a");
    break;
  }
  assert.equal(socket.state, "open");
});

// --- Options. ---

test("invalid options of a session throw errors that name them", () => {
  const closed = { WebSocket, startClosed: true };
  for (const [session, name, message] of [
    ["yes", "TypeError", /session/],
    [null, "TypeError", /session/],
    [{ size: 1 }, "TypeError", /unknown option: session\.size/],
    [{ required: 1 }, "TypeError", /session\.required/],
    [{ window: "1" }, "TypeError", /session\.window/],
    [{ window: 0 }, "RangeError", /session\.window/],
    [{ window: 1_001 }, "RangeError", /session\.window/],
    [{ ttl: 0 }, "RangeError", /session\.ttl/],
    [{ ttl: Number.NaN }, "RangeError", /session\.ttl/],
    [{ ttl: "1" }, "TypeError", /session\.ttl/],
  ]) {
    const given = JSON.stringify(session);
    const make = () => new SteadySocket("ws://127.0.0.1:9/", [], { session, ...closed });
    assert.throws(make, { name, message }, given);
  }
  for (const session of [true, false, {}, { ttl: Number.POSITIVE_INFINITY }, { window: 1 }]) {
    new SteadySocket("ws://127.0.0.1:9/", [], { session, ...closed });
  }
});

test("the core entry supports sessions, too", async (t) => {
  const { SteadySocket: Core } = await import(new URL("core.js", packageUrl).href);
  const server = await SessionServer.start(t);
  const socket = new Core(server.url(), [], { WebSocket, session: true });
  t.after(() => socket.close());
  const states = [];
  socket.addEventListener("session", ({ state }) => states.push(state));
  const peer = await server.member();
  socket.send("a");
  await peer.expect("a");
  peer.say("^A 1");
  await socket.delivered();
  assert.deepEqual(states, ["new"]);
});

// --- Calls inside of handlers. ---

test("a message handler may send, and order is kept", async (t) => {
  const { server, socket } = await openSession(t);
  socket.addEventListener("message", ({ data }) => socket.send(`re ${data}`));
  const peer = await server.member();
  peer.say("x", "y");
  await peer.expect("re x", "re y");
  peer.cut();
  const second = await server.peer();
  assert.equal((await second.invite()).received, 2);
  second.welcome({ handled: 1 });
  await second.expect("^@ 2", "re y");
});

test("a message handler may close, and no further message is dispatched", async (t) => {
  const { server, socket, log } = await openSession(t);
  socket.addEventListener("message", () => socket.close(1000, "enough"));
  const peer = await server.member();
  peer.say("x", "y", "^? 1");
  await peer.expect("^X enough");
  await reached(socket, "closed");
  await peer.end();
  assert.deepEqual(peer.acknowledged, []);
  assert.ok(log.includes("message x"));
});

test("a message handler may reconnect: its message is handled, later ones are repeated", async (t) => {
  const { server, socket, log } = await openSession(t);
  socket.addEventListener("message", ({ data }) => data === "x" && socket.reconnect());
  const first = await server.member();
  first.say("x", "y");
  const second = await server.peer();
  assert.equal((await second.invite()).received, 1);
  second.welcome();
  second.say("^@ 2", "y");
  await logged(log, "message y");
  assert.deepEqual(
    log.filter((line) => line.startsWith("message")),
    ["message x", "message y"],
  );
  await second.receipt(2);
});

test("a message handler may suspend and resume", async (t) => {
  const { server, socket, log } = await openSession(t);
  socket.addEventListener("message", ({ data }) => {
    if (data !== "x") return;
    socket.suspend();
    socket.resume();
  });
  const first = await server.member();
  first.say("x", "y");
  const second = await server.peer();
  assert.equal((await second.invite()).received, 1);
  second.welcome();
  second.say("^@ 2", "y");
  await logged(log, "message y");
});

test("a message handler may send, and await delivered()", async (t) => {
  const { server, socket } = await openSession(t);
  const settled = [];
  socket.addEventListener("message", async ({ data }) => {
    socket.send(`re ${data}`);
    await socket.delivered();
    settled.push(data);
  });
  const peer = await server.member();
  peer.say("x", "y");
  await peer.expect("re x", "re y");
  peer.say("^A 2");
  await eventually(() => settled.length === 2);
  assert.deepEqual(settled, ["x", "y"]);
});

test("a session handler may send, close and reconnect", async (t) => {
  const { server, socket, log } = await openSession(t);
  socket.addEventListener("session", ({ state }) => {
    if (state === "new") socket.send("hello");
    if (state === "resumed") socket.reconnect();
    if (state === "lost") socket.close();
  });
  const first = await server.member();
  await first.expect("hello");
  first.cut();
  const second = await server.member({ handled: 0 });
  await second.end();
  const third = await server.peer();
  await third.invite("life-2");
  third.welcome({ epoch: "fresh-1" });
  await reached(socket, "closed");
  await logged(log, "drop unconfirmed hello");
});
