// A session over several connections: repeated messages, and their numbers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { logged, openSession, recordSession } from "../support/session-script.mjs";
import { next, reached } from "../support/sockets.mjs";
import { eventually } from "../support/until.mjs";
import { openStub, StubWebSocket } from "./stub.mjs";

test("a new session needs no round trip: messages follow its hello", async (t) => {
  const { server, socket, log } = await openSession(t);
  socket.send("before");
  const peer = await server.peer();
  const { id, epoch, generation, received } = await peer.invite("life-1");
  assert.match(id, /^[\w-]{22}$/);
  assert.deepEqual([epoch, generation, received], ["life-1", 1, 0]);
  await peer.expect("before");
  assert.equal(socket.send("after").status, "sent");
  await peer.expect("after");
  assert.deepEqual(log, []);
  peer.welcome();
  await logged(log, "session new");
});

test("both sides repeat the messages that the other has not handled, and no others", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  for (const text of ["a", "b", "c"]) socket.send(text);
  await first.expect("a", "b", "c");
  first.say("x", "y");
  await logged(log, "message y");
  first.cut();
  const second = await server.peer();
  const { id, epoch, generation, received } = await second.invite("life-1");
  assert.deepEqual([id, epoch, received], [first.hello.id, "life-1", 2]);
  assert.ok(generation > first.hello.generation);
  socket.send("d");
  await second.settle();
  assert.deepEqual(second.frames, [], "nothing is sent before the welcome");
  second.welcome({ handled: 1 });
  await second.expect("^@ 2", "b", "c", "d");
  second.say("^@ 2", "y", "z");
  await logged(log, "message z");
  assert.deepEqual(
    log.filter((line) => line.startsWith("message") || line.startsWith("session")),
    ["session new", "message x", "message y", "session resumed", "message z"],
  );
});

test("after a connection without messages the next one sends a number first (no baseline)", async (t) => {
  const { server, socket } = await openSession(t);
  (await server.member()).cut();
  const second = await server.member();
  socket.send("a");
  await second.expect("^@ 1", "a");
});

test("live messages and repeated ones both advance the counter (cursor not advanced)", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  await first.expect("a");
  first.say("x");
  await logged(log, "message x");
  first.cut();
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "a");
  socket.send("b");
  await second.expect("b");
  second.say("^@ 2", "y");
  await logged(log, "message y");
  second.cut();
  const third = await server.peer();
  assert.equal((await third.invite()).received, 2);
  third.welcome({ handled: 1 });
  await third.expect("^@ 2", "b");
  socket.send("c");
  await third.expect("c");
});

test("both directions are counted separately (counted the wrong direction, off by one)", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  for (let n = 1; n <= 5; ++n) socket.send(`${n}`);
  await first.expect("1", "2", "3", "4", "5");
  first.say("x", "y");
  await logged(log, "message y");
  first.cut();
  const second = await server.peer();
  assert.equal((await second.invite()).received, 2);
  second.welcome({ handled: 5 });
  second.say("^@ 3", "z");
  await logged(log, "message z");
  await second.settle();
  assert.deepEqual(second.frames, ["^@ 6"]);
  second.cut();
  const third = await server.peer();
  assert.equal((await third.invite()).received, 3);
});

test("late events of an old connection do not affect the resumed session (a late timeout)", async (t) => {
  const options = { session: true, reconnect: { initialDelay: 1, maxDelay: 1 } };
  const { socket, stub: old } = await openStub(t, options, { protocol: "steady.1" });
  const log = recordSession(socket);
  const join = (stub) => {
    stub.deliver("\x10G 1 life-1");
    stub.deliver("\x10W life-1 0 60000");
  };
  join(old);
  socket.send("a");
  socket.reconnect();
  const fresh = StubWebSocket.last;
  assert.notEqual(fresh, old);
  fresh.accept("steady.1");
  await reached(socket, "open");
  join(fresh);
  await logged(log, "session resumed");
  for (const data of ["late", "\x10A 1", "\x10Z", "\x10X", "\x10W life-2 0 60000"])
    old.deliver(data);
  old.onerror?.({});
  old.onclose?.({ code: 1006, reason: "", wasClean: false });
  assert.equal(socket.state, "open");
  const sent = fresh.sent.map((data) => data.replaceAll("\x10", "^"));
  assert.deepEqual(
    sent.filter((data) => !data.startsWith("^H") && !data.startsWith("^?")),
    ["^@ 1", "a"],
  );
  fresh.deliver("x");
  await logged(log, "message x");
  assert.ok(!log.includes("message late"));
  assert.ok(!log.some((line) => line.startsWith("error")));
});

test("generations also rise over failed attempts (a delayed hello takes nothing over)", async (t) => {
  const { server } = await openSession(t);
  const first = await server.member();
  const answers = [503, 503];
  server.answer = () => answers.shift();
  first.cut();
  const second = await server.peer();
  const { generation } = await second.invite();
  assert.equal(generation, first.hello.generation + 3);
});

test("a message that the server repeats is dispatched once", async (t) => {
  const { server, log } = await openSession(t);
  const peer = await server.member();
  peer.say("x", "y", "^@ 1", "x", "y", "z", "^@ 2", "y", "^@ 4", "w");
  await logged(log, "message w");
  assert.deepEqual(log.slice(1), ["message x", "message y", "message z", "message w"]);
});

test("messages without a number are ignored on a later connection", async (t) => {
  const { server, log } = await openSession(t);
  const first = await server.member();
  first.say("x");
  await first.receipt(1);
  first.cut();
  const second = await server.member();
  second.say("lost", "^@ 2", "y");
  await logged(log, "message y");
  assert.ok(!log.includes("message lost"));
});

test("a first hello that was not answered has no effect", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.peer();
  await first.invite();
  socket.send("a");
  await first.expect("a");
  first.cut();
  const second = await server.peer();
  assert.equal((await second.invite()).epoch, "life-1");
  second.welcome({ handled: 0 });
  await second.expect("^@ 1", "a");
  second.say("x");
  await logged(log, "message x");
  assert.deepEqual(
    log.filter((line) => line.startsWith("session")),
    ["session new"],
  );
});

test("a connection that ends before the server's greeting does not affect the session", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  await first.expect("a");
  first.cut();
  (await server.peer()).cut();
  const third = await server.peer();
  await third.invite("another-life");
  third.cut();
  const fourth = await server.member({ handled: 0 });
  assert.equal(fourth.hello.epoch, "life-1");
  await fourth.expect("^@ 1", "a");
  assert.deepEqual(
    log.filter((line) => line.startsWith("session")),
    ["session new", "session resumed"],
  );
});

test("text that begins with U+0010 arrives unchanged, in both directions, also when repeated", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  for (const text of ["\x10", "\x10A 1", "\x10\x10", "a\x10"]) socket.send(text);
  await first.expect("^^", "^^A 1", "^^^", "a^");
  first.say("^^", "^^A 1", "^^^", "a^");
  await logged(log, "message a\x10");
  assert.deepEqual(log.slice(1), [
    "message \x10",
    "message \x10A 1",
    "message \x10\x10",
    "message a\x10",
  ]);
  first.cut();
  await reached(socket, "waiting");
  socket.send("\x10queued");
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "^^", "^^A 1", "^^^", "a^", "^^queued");
});

test("messages of a greeting are not counted, but escaped", async (t) => {
  const { server, socket, log } = await openSession(t, {
    firstMessage: "\x10token",
    greet: async (connection) => {
      const answer = next(socket, "message");
      connection.send("\x10login");
      assert.equal((await answer).data, "\x10welcome");
    },
  });
  socket.send("a");
  for (const [received, handled] of [
    [0, 0],
    [1, 1],
  ]) {
    const peer = await server.peer();
    await peer.expect("^^token", "^^login");
    // The server may send its greeting at any time: the client is not ready yet.
    peer.say("^G 1 life-1");
    await peer.settle();
    assert.deepEqual(peer.frames, []);
    peer.say("^^welcome");
    assert.match(await peer.next(), new RegExp(`^\\^H \\S{22} life-1 \\d+ ${received}$`));
    peer.say(`^W life-1 ${handled} 60000`);
    if (handled === 0) {
      await peer.expect("a");
      peer.say("x");
      await logged(log, "message x");
    } else {
      socket.send("b");
      await peer.expect("^@ 2", "b");
    }
    peer.cut();
  }
});

test("binary messages are repeated as they were sent, even if their buffer has changed", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  const bytes = new Uint8Array([0x10, 1, 2]);
  socket.send(bytes);
  bytes.fill(9);
  socket.send(bytes.buffer);
  bytes.fill(7);
  socket.send(new DataView(bytes.buffer, 1, 1), { track: true });
  bytes.fill(5);
  const sent = [Buffer.from([0x10, 1, 2]), Buffer.from([9, 9, 9]), Buffer.from([7])];
  await first.expect(...sent);
  first.say(Buffer.from([0x10, 0x41]), Buffer.alloc(0));
  await logged(log, "message []");
  assert.deepEqual(log.slice(1), ["message [16,65]", "message []"]);
  first.cut();
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", ...sent);
});

test("a Blob and queued messages keep their order", async (t) => {
  const { server, socket } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  socket.send(new Blob(["blob"]));
  socket.send("c");
  await first.expect("a", Buffer.from("blob"), "c");
  first.cut();
  const second = await server.member({ handled: 1 });
  await second.expect("^@ 2", Buffer.from("blob"), "c");
});

test("volatile messages are not repeated, and leave a gap in the numbers", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  socket.send("position", { volatile: true });
  socket.send("c");
  await first.expect("a", "position", "c");
  first.cut();
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "a", "^@ 3", "c");
  assert.ok(log.includes("drop unconfirmed position"));
  second.say("^A 3");
  await socket.delivered();
});

test("delivered() does not wait for a gap at the end", async (t) => {
  const { server, socket } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  socket.send("position", { volatile: true });
  await first.expect("a", "position");
  first.say("^A 1");
  first.cut();
  const second = await server.member({ handled: 1 });
  await socket.delivered();
  socket.send("c");
  await second.expect("^@ 3", "c");
});

test("a message that was sent cannot be cancelled, and does not expire", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  socket.send("a", { ttl: 1 });
  const { id } = socket.send("b", { track: true });
  await first.expect("a", "b");
  first.cut();
  await reached(socket, "waiting");
  socket.send("short", { ttl: 1 });
  const waits = socket.send("c");
  assert.equal(socket.cancel(waits.id), true);
  if (id !== undefined) assert.equal(socket.cancel(id), false);
  await logged(log, "drop expired short");
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "a", "b");
  socket.send("d");
  await second.expect("d");
});

test("messages with a key are replaced while queued, not after they were sent", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  socket.send("1", { key: "k" });
  await first.expect("1");
  first.cut();
  await reached(socket, "waiting");
  socket.send("2", { key: "k", track: true });
  socket.send("3", { key: "k" });
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "1", "3");
  assert.deepEqual(
    log.filter((line) => line.startsWith("drop")),
    ["drop replaced 2"],
  );
});

test("a batch is one frame with one number, and is repeated as it was", async (t) => {
  const { server, socket, log } = await openSession(t, { batch: true });
  const first = await server.member();
  for (let n = 0; n < 3; ++n) socket.send({ n });
  socket.send("text");
  await first.expect('[{"n":0},{"n":1},{"n":2}]', "text");
  socket.send({ n: 3 });
  await first.expect('{"n":3}');
  first.say('["x","y"]', '[{"z":1}]');
  await eventually(() => log.length === 4);
  await first.receipt(2);
  first.cut();
  const second = await server.peer();
  assert.equal((await second.invite()).received, 2);
  second.welcome({ handled: 0 });
  await second.expect("^@ 1", '[{"n":0},{"n":1},{"n":2}]', "text", '{"n":3}');
  second.say("^A 3");
  await socket.delivered();
});

test("a request whose connection ends is answered on the next one", async (t) => {
  const { server, socket } = await openSession(t);
  const first = await server.member();
  const one = socket.request({ type: "add" });
  const two = socket.request({ type: "add" });
  const ids = [JSON.parse(await first.next()).id, JSON.parse(await first.next()).id];
  // The first is handled, and its reply is lost; the second is not handled.
  first.say("^A 1");
  await first.settle();
  first.cut();
  const second = await server.member({ handled: 1 });
  second.say("^@ 1", JSON.stringify({ id: ids[0], sum: 1 }));
  await second.expect("^@ 2");
  assert.equal(JSON.parse(await second.next()).id, ids[1]);
  second.say(JSON.stringify({ id: ids[1], sum: 2 }));
  assert.deepEqual([(await one).sum, (await two).sum], [1, 2]);
});

test("reconnect(), suspend() and resume() keep the session", async (t) => {
  const { server, socket, log } = await openSession(t);
  const first = await server.member();
  socket.send("a");
  await first.expect("a");
  await logged(log, "session new");
  socket.reconnect();
  const second = await server.member({ handled: 0 });
  await second.expect("^@ 1", "a");
  socket.suspend();
  socket.send("b");
  await second.end();
  socket.resume();
  const third = await server.member({ handled: 1 });
  await third.expect("^@ 2", "b");
  assert.equal(third.hello.id, first.hello.id);
  const states = () => log.filter((line) => line.startsWith("session")).join();
  await eventually(() => states() === "session new,session resumed,session resumed");
});

for (const code of [1000, 1001, 1011]) {
  test(`a close frame with ${code} does not end the session`, async (t) => {
    const { server, socket } = await openSession(t);
    const first = await server.member();
    socket.send("a");
    await first.expect("a");
    first.close(code);
    const second = await server.member({ handled: 0 });
    assert.equal(second.hello.id, first.hello.id);
    await second.expect("^@ 1", "a");
  });
}
