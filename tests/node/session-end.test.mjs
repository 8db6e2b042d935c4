// Sessions that are lost, expire or are ended by either side, and the outcome of their messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logged, openSession, SessionServer } from "../support/session-script.mjs";
import { next, openSocket, quick, reached } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";

const coded = (code) => ({ name: "SteadySocketError", code });
const drops = (log) => log.filter((line) => line.startsWith("drop"));
const states = (log) => log.filter((line) => line.startsWith("session"));

/** A session that has sent a, b and c on its first connection; a is acknowledged. */
async function openUnacknowledged(t, options) {
  const opened = await openSession(t, options);
  const first = await opened.server.member();
  for (const text of ["a", "b", "c"]) opened.socket.send(text);
  await first.expect("a", "b", "c");
  first.say("^A 1");
  await first.settle();
  first.cut();
  await reached(opened.socket, "waiting");
  opened.socket.send("d");
  return { first, ...opened };
}

for (const [unconfirmed, old, dropped, repeated] of [
  ["report", undefined, ["b", "c"], []],
  ["report", 2, [], ["c"]],
  ["report", 3, [], []],
  ["requeue", undefined, [], ["b", "c"]],
  ["requeue", 2, [], ["c"]],
]) {
  const known = old === undefined ? "the server knows nothing" : `the server has handled ${old}`;
  test(`a session that is lost, ${unconfirmed}: ${known}`, async (t) => {
    const { server, socket, log } = await openUnacknowledged(t, { queue: { unconfirmed } });
    const second = await server.peer();
    await second.invite("life-2");
    second.welcome({ epoch: "fresh-1", old });
    await second.expect("^@ 1", ...repeated, "d");
    await logged(log, "session lost");
    assert.deepEqual(
      drops(log),
      dropped.map((text) => `drop unconfirmed ${text}`),
    );
    // Both directions are counted anew.
    second.say("^@ 1", "x");
    await second.receipt(1);
    second.cut();
    const third = await server.peer();
    assert.deepEqual([(await third.invite("life-2")).epoch, third.hello.received], ["fresh-1", 1]);
    third.welcome({ handled: repeated.length + 1 });
    socket.send("e");
    await third.expect(`^@ ${repeated.length + 2}`, "e");
    await eventually(() => states(log).length === 3);
    assert.deepEqual(states(log), ["session new", "session lost", "session resumed"]);
  });
}

test("a repeated report of a loss has no effect (serial not reset after a failed resume)", async (t) => {
  const { server, socket, log } = await openUnacknowledged(t);
  const second = await server.peer();
  await second.invite("life-2");
  second.welcome({ epoch: "fresh-1" });
  await second.expect("^@ 1", "d");
  second.cut();
  const third = await server.peer();
  assert.equal((await third.invite("life-2")).epoch, "fresh-1");
  third.welcome({ handled: 0 });
  await third.expect("^@ 1", "d");
  socket.send("e");
  await third.expect("e");
  await logged(log, "session resumed");
});

test("a restart of the server during the first hello loses no message sent after the hello", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.peer();
  await first.invite();
  socket.send("a");
  await first.expect("a");
  first.welcome({ epoch: "fresh-1" });
  await first.expect("^@ 1", "a");
  assert.deepEqual(drops(log), []);
  first.say("ignored", "^@ 1", "x");
  await logged(log, "message x");
  assert.ok(!log.includes("message ignored"));
});

test("messages sent after a hello that was never answered are dropped as unconfirmed", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.peer();
  await first.invite("life-1");
  socket.send("a");
  await first.expect("a");
  first.cut();
  await reached(socket, "waiting");
  socket.send("b");
  const second = await server.peer();
  assert.equal((await second.invite("life-2")).epoch, "life-1");
  second.welcome({ epoch: "fresh-1" });
  await second.expect("^@ 1", "b");
  await logged(log, "session lost");
  assert.deepEqual(drops(log), ["drop unconfirmed a"]);
});

test("messages received in a lost session do not count in the next one", async (t) => {
  const { server, log } = await openSession(t);
  const first = await server.member();
  first.say("x", "y");
  await first.receipt(2);
  first.cut();
  const second = await server.peer();
  assert.equal((await second.invite("life-2")).received, 2);
  second.welcome({ epoch: "fresh-1" });
  second.say("^@ 1", "z");
  await logged(log, "message z");
  await second.receipt(1);
});

test("the outcome of a message of a session is delivered, or dropped", async (t) => {
  const { server, socket } = await openSession(t);
  const first = await server.member();
  const one = socket.send("a", { track: true });
  const two = socket.send("b", { track: true });
  await first.expect("a", "b");
  first.say("^A 1");
  assert.deepEqual(await one.outcome, { status: "delivered" });
  first.cut();
  const second = await server.peer();
  await second.invite("life-2");
  second.welcome({ epoch: "fresh-1" });
  assert.deepEqual(await two.outcome, { status: "dropped", reason: "unconfirmed" });
});

test("drops of a lost session are in the order of sending, with the original data", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  const bytes = new Uint8Array([1, 2]);
  socket.send(bytes);
  bytes.fill(9);
  socket.send("\x10text");
  socket.send({ n: 1 });
  await first.expect(Buffer.from([1, 2]), "^^text", '{"n":1}');
  first.cut();
  const second = await server.peer();
  await second.invite("life-2");
  second.welcome({ epoch: "fresh-1" });
  await logged(log, "session lost");
  await eventually(() => drops(log).length === 3);
  assert.deepEqual(drops(log), [
    "drop unconfirmed [1,2]",
    "drop unconfirmed \x10text",
    'drop unconfirmed {"n":1}',
  ]);
});

test("delivered() is fulfilled when all messages sent before it are acknowledged", async (t) => {
  const { server, socket } = await openSession(t);
  const settled = [];
  socket.send("a");
  socket.delivered().then(() => settled.push("a"));
  const peer = await server.member();
  await peer.expect("a");
  socket.send("b");
  socket.delivered().then(() => settled.push("b"));
  socket.send("c");
  await peer.expect("b", "c");
  assert.deepEqual(settled, []);
  peer.say("^A 1");
  await eventually(() => settled.length === 1);
  peer.say("^A 2");
  await eventually(() => settled.length === 2);
  const all = socket.delivered();
  peer.say("^A 3");
  await all;
  await socket.delivered();
});

test("delivered() sends a question at once, and the answer acknowledges", async (t) => {
  const { server, socket } = await openSession(t);
  const peer = await server.member();
  socket.send("a");
  await peer.expect("a");
  await eventually(() => socket.stats().roundTrip !== undefined);
  const { questions } = peer;
  peer.handled = 1;
  await socket.delivered();
  assert.equal(peer.questions, questions + 1);
});

test("delivered() also waits for queued messages, over several connections", async (t) => {
  const { server, socket } = await openSession(t);
  (await server.member()).cut();
  await reached(socket, "waiting");
  socket.send("a");
  const all = socket.delivered();
  const second = await server.member();
  await second.expect("^@ 1", "a");
  second.cut();
  const third = await server.member({ handled: 1 });
  await all;
  assert.deepEqual(third.frames, []);
});

test("delivered() is rejected with session_lost by a loss, an end and close()", async (t) => {
  const { server, socket } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  const one = assert.rejects(socket.delivered(), coded("session_lost"));
  first.cut();
  const second = await server.peer();
  await second.invite("life-2");
  second.welcome({ epoch: "fresh-1" });
  await one;
  socket.send("b");
  const two = assert.rejects(socket.delivered(), coded("session_lost"));
  await second.expect("^@ 1", "b");
  second.say("^X");
  await two;
  const third = await server.member();
  socket.send("c");
  await third.expect("c");
  const three = assert.rejects(socket.delivered(), coded("session_lost"));
  socket.close();
  await three;
  await reached(socket, "closed");
  await assert.rejects(socket.delivered(), coded("session_lost"));
});

test("delivered() is rejected with session_unsupported without a session", async (t) => {
  const server = await SessionServer.start(t, { select: () => false });
  const plain = openSocket(t, server.url());
  await assert.rejects(plain.delivered(), coded("session_unsupported"));
  // Browsers fail a connection if the server selects none of the offered subprotocols.
  server.select = ([first]) => first;
  const refused = openSocket(t, server.url(), { session: true }, ["chat"]);
  refused.send("waits");
  const early = assert.rejects(refused.delivered(), coded("session_unsupported"));
  await refused.opened;
  await early;
  await assert.rejects(refused.delivered(), coded("session_unsupported"));
});

test("X of the server ends the session, and the next connection starts a new one", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  await first.expect("a");
  first.say("x", "^X time to go");
  assert.equal((await first.end()).code, 1000);
  const second = await server.member();
  assert.notEqual(second.hello.id, first.hello.id);
  assert.equal(second.hello.received, 0);
  socket.send("b");
  await second.expect("b");
  await eventually(() => states(log).length === 3);
  assert.deepEqual(states(log), ["session new", "session ended", "session new"]);
  assert.deepEqual(drops(log), ["drop unconfirmed a"]);
  assert.ok(log.includes("message x"));
});

test("X instead of a welcome ends the session, too (a session of another client)", async (t) => {
  const { server, socket, log } = await openUnacknowledged(t);
  const second = await server.peer();
  await second.invite();
  second.say("^X not yours");
  assert.equal((await second.end()).code, 1000);
  await logged(log, "session ended");
  assert.deepEqual(drops(log), ["drop unconfirmed b", "drop unconfirmed c"]);
  const third = await server.member();
  await third.expect("d");
  assert.notEqual(third.hello.id, second.hello.id);
  assert.equal(socket.state, "open");
});

test("X before the hello closes the connection, but keeps the session", async (t) => {
  const { server, log } = await openUnacknowledged(t);
  const second = await server.peer();
  second.say("^X");
  assert.equal((await second.end()).code, 1000);
  const third = await server.member({ handled: 3 });
  await third.expect("^@ 4", "d");
  assert.deepEqual(states(log), ["session new", "session resumed"]);
});

test("frames after X are ignored", async (t) => {
  const { server, log } = await openSession(t);
  const first = await server.member();
  first.say("^X", "^A 7", "^Z", "^? 1");
  assert.equal((await first.end()).code, 1000);
  const second = await server.member();
  assert.deepEqual(first.frames, []);
  second.say("x");
  await logged(log, "message x");
  assert.ok(!log.some((line) => line.startsWith("error")));
});

test("close() ends the session with X, and reports unacknowledged messages", async (t) => {
  const { server, socket, log } = await openSession(t);
  const peer = await server.member();
  await logged(log, "session new");
  const { outcome } = socket.send("a", { track: true });
  await peer.expect("a");
  socket.close(1000, "bye");
  await peer.expect("^X bye");
  assert.deepEqual(await peer.end(), { code: 1000, reason: "bye" });
  await reached(socket, "closed");
  assert.deepEqual(await outcome, { status: "dropped", reason: "unconfirmed" });
  await eventually(() => states(log).length === 2);
  assert.deepEqual(states(log), ["session new", "session ended"]);
});

test("close() without a reason sends X without one, and no X before the hello", async (t) => {
  const { server, socket } = await openSession(t);
  const peer = await server.member();
  socket.close();
  await peer.expect("^X");
  const early = openSocket(t, server.url(), { session: true });
  await early.opened;
  const second = await server.peer();
  early.close();
  await second.end();
  assert.deepEqual(second.frames, []);
});

test("close({ flush }) waits until everything is delivered", async (t) => {
  const { server, socket } = await openSession(t);
  const peer = await server.member();
  socket.send("a");
  await peer.expect("a");
  socket.close({ flush: true });
  await peer.settle();
  assert.deepEqual([socket.state, peer.frames], ["closing", []]);
  peer.say("^A 1");
  await peer.expect("^X");
  await reached(socket, "closed");
});

test("close({ flush }) reconnects for the delivery", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  const { outcome } = socket.send("a", { track: true });
  await first.expect("a");
  socket.close({ flush: true });
  await first.settle();
  first.cut();
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "a");
  second.say("^A 1");
  await second.expect("^X");
  assert.deepEqual(await outcome, { status: "delivered" });
  await reached(socket, "closed");
  await logged(log, "session ended");
  assert.deepEqual(drops(log), []);
});

test("close({ flush }) ends when the session is lost, and reports dropped messages", async (t) => {
  const { server, socket, log } = await openUnacknowledged(t);
  socket.close({ flush: true });
  const second = await server.peer();
  await second.invite("life-2");
  second.welcome({ epoch: "fresh-1" });
  await second.expect("^@ 1", "d");
  second.say("^A 1");
  await second.expect("^X");
  await reached(socket, "closed");
  assert.deepEqual(drops(log), ["drop unconfirmed b", "drop unconfirmed c"]);
});

test("close({ flush }) ends at its deadline, and reports dropped messages", async (t) => {
  const { server, socket, log } = await openSession(t);
  const peer = await server.member();
  socket.send("a");
  await peer.expect("a");
  socket.close({ flush: true, deadline: 20 });
  await peer.expect("^X");
  await reached(socket, "closed");
  await logged(log, "drop unconfirmed a");
});

test("a socket that is opened again starts a new session", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  first.say("x");
  socket.send("a");
  await first.expect("a");
  socket.close();
  await reached(socket, "closed");
  socket.reconnect();
  socket.send("b");
  const second = await server.peer();
  const { id, received } = await second.invite();
  assert.notEqual(id, first.hello.id);
  assert.equal(received, 0);
  second.welcome();
  await second.expect("b");
  second.say("y");
  await logged(log, "message y");
});

/** A delay that does not end within a test. */
const late = { initialDelay: 86_400_000, maxDelay: 86_400_000 };

test("after session.ttl without a connection the session is lost", async (t) => {
  const { server, socket, log } = await openSession(t, { session: { ttl: 30 }, reconnect: late });
  const first = await server.member();
  socket.send("a");
  await first.expect("a");
  first.cut();
  await logged(log, "session lost");
  await logged(log, "drop unconfirmed a");
  socket.connect();
  const second = await server.member();
  assert.notEqual(second.hello.id, first.hello.id);
});

test("session.ttl does not end a session that has a connection", async (t) => {
  const session = { ttl: 300 };
  const { server, socket, log } = await openSession(t, { session });
  const first = await server.member();
  // Its ttl ends a little later.
  const other = await openSession(t, { session, reconnect: late });
  const only = await other.server.member();
  first.cut();
  const second = await server.member();
  only.cut();
  await logged(other.log, "session lost");
  socket.send("a");
  await second.expect("^@ 1", "a");
  assert.ok(!log.includes("session lost"));
});

test("no two sockets have the same id", async (t) => {
  const server = await SessionServer.start(t);
  const ids = new Set();
  for (let n = 0; n < 50; ++n) {
    openSocket(t, server.url(), { session: true });
    const { id } = await (await server.peer()).invite();
    assert.match(id, /^[\w-]{22}$/);
    ids.add(id);
  }
  assert.equal(ids.size, 50);
});

test("4409 closes for good: another client has the session", async (t) => {
  const { server, socket, log } = await openUnacknowledged(t);
  const second = await server.peer();
  await second.invite();
  second.close(4409);
  await reached(socket, "closed");
  await eventually(() => drops(log).length === 3);
  assert.deepEqual(drops(log), ["drop unconfirmed b", "drop unconfirmed c", "drop closed d"]);
});

test("with reconnect: false a session ends with its connection", async (t) => {
  const { server, socket, log } = await openSession(t, { reconnect: false });
  const peer = await server.member();
  socket.send("a");
  await peer.expect("a");
  peer.cut();
  await reached(socket, "closed");
  await logged(log, "session ended");
  await logged(log, "drop unconfirmed a");
});

test("a volatile message of a connection that ends is reported at once", async (t) => {
  const { server, socket, log } = await openSession(t, { reconnect: quick });
  const peer = await server.member();
  socket.send("now", { volatile: true });
  socket.send("here", { connectionOnly: true });
  await peer.expect("now", "here");
  const dropped = next(socket, "drop");
  peer.cut();
  await dropped;
  await eventually(() => drops(log).length === 2);
  assert.deepEqual(drops(log).sort(), ["drop unconfirmed here", "drop unconfirmed now"]);
});

test("a request that was handled is rejected when its session is lost before the reply", async (t) => {
  const { server, socket } = await openSession(t);
  const first = await server.member();
  const handled = socket.request({ type: "r" });
  await first.next();
  first.say("^A 1");
  const open = socket.request({ type: "r" });
  const repeated = socket.request({ type: "again" }, { retry: true });
  await first.next();
  await first.next();
  await first.settle();
  first.cut();
  const rejected = [handled, open].map((one) => assert.rejects(one, coded("unanswered")));
  const second = await server.peer();
  await second.invite("life-2");
  second.welcome({ epoch: "fresh-1" });
  await Promise.all(rejected);
  await second.expect("^@ 1");
  const { id, type } = JSON.parse(await second.next());
  assert.equal(type, "again");
  second.say("^@ 1", JSON.stringify({ id, ok: true }));
  assert.equal((await repeated).ok, true);
});
