// Frames of a server over successive connections: docs/design/session-protocol.md.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSessions, memoryStore, SessionError } from "./package.mjs";
import { connect, freezeTime, Peer, start, TestClient } from "./peer.mjs";

const numbered = (count, text = "m") => Array.from({ length: count }, (_, i) => `${text}${i + 1}`);

test("the first subprotocol with sessions is selected, or else the first one", () => {
  const { pick } = start().sessions;
  assert.equal(pick(["chat", "news", "chat+steady.1", "news+steady.1"]), "chat+steady.1");
  assert.equal(pick(new Set(["steady.1"])), "steady.1");
  assert.equal(pick(["chat", "unsteady.1", "steady.10"]), "chat");
  assert.equal(pick([]), false);
});

test("a connection without a session protocol is not accepted", () => {
  const { sessions } = start();
  for (const protocol of ["", "chat", "unsteady.1", undefined, null]) {
    const peer = new Peer(protocol);
    peer.protocol = protocol;
    assert.equal(sessions.accept(peer), undefined);
    assert.deepEqual(peer.eventNames(), []);
    assert.deepEqual(peer.frames, []);
  }
  assert.notEqual(sessions.accept(new Peer("chat+steady.1")), undefined);
  assert.notEqual(sessions.accept(new Peer(""), { protocol: "steady.1" }), undefined);
});

test("the greeting has the server's life, which is constant and differs between servers", () => {
  const { sessions } = start();
  const { life } = connect(sessions);
  assert.match(life, /^[\w.-]{1,64}$/);
  assert.deepEqual(connect(sessions).frames, [`^G 1 ${life}`]);
  assert.notEqual(connect(start().sessions).life, life);
});

test("messages sent right after the first hello are handled", () => {
  const { sessions, log, made } = start();
  const peer = new TestClient().connect(sessions, { send: ["a", "b"] });
  assert.equal(peer.welcome, `^W ${peer.life} 0 120000`);
  assert.deepEqual(log, ["1 a", "2 b"]);
  assert.deepEqual(
    made.map(({ origin, isConnected }) => [origin, isConnected]),
    [["new", true]],
  );
});

test("on a resume both sides resend what is not acknowledged", () => {
  const { sessions, log, made } = start();
  const client = new TestClient();
  const first = client.connect(sessions, { send: ["a"] });
  const [session] = made;
  assert.equal(session.send("one"), 1);
  assert.equal(session.send("two"), 2);
  assert.deepEqual(first.frames.slice(2), ["^@ 1", "one", "two"]);
  first.cut();
  assert.equal(session.isConnected, false);
  session.send("three");
  const second = client.connect(sessions, { received: 1, send: ["^@ 1", "a", "b"] });
  assert.equal(second.welcome, `^W ${client.epoch} 1 120000`);
  assert.deepEqual(second.frames.slice(2), ["^@ 2", "two", "three"]);
  assert.deepEqual(log, ["1 a", "2 b"]);
  assert.equal(made.length, 1);
});

test("the number of the next message is sent before the first message (no baseline)", () => {
  const { sessions, made } = start();
  const client = new TestClient();
  client.connect(sessions).cut();
  const peer = client.connect(sessions);
  made[0].send("hello");
  assert.deepEqual(peer.frames.slice(2), ["^@ 1", "hello"]);
});

test("new and resent messages both advance the counter (cursor not advanced)", () => {
  const { sessions, log } = start();
  const client = new TestClient();
  client.connect(sessions, { send: ["a"] }).cut();
  client.connect(sessions, { send: ["^@ 1", "a", "b", "c"] }).cut();
  const peer = client.connect(sessions);
  assert.equal(peer.welcome, `^W ${client.epoch} 3 120000`);
  assert.deepEqual(log, ["1 a", "2 b", "3 c"]);
});

test("both directions have their own counters (counted the wrong direction)", () => {
  const { sessions, made } = start();
  const client = new TestClient();
  client.connect(sessions, { send: numbered(5) }).cut();
  made[0].send("x");
  const peer = client.connect(sessions);
  assert.equal(peer.welcome, `^W ${client.epoch} 5 120000`);
  assert.deepEqual(peer.frames.slice(2), ["^@ 1", "x"]);
});

test("messages without a number are ignored, except on the connection of a new session", () => {
  const { sessions, log } = start();
  const client = new TestClient();
  client.connect(sessions, { send: ["a"] }).cut();
  client.connect(sessions, { send: ["lost", "^@ 2", "b"] });
  assert.deepEqual(log, ["1 a", "2 b"]);
});

test("skipped numbers do not count as a loss", () => {
  const { sessions, log } = start();
  const client = new TestClient();
  client.connect(sessions, { send: ["a", "^@ 4", "d", "^@ 6", "f"] }).cut();
  assert.deepEqual(log, ["1 a", "4 d", "6 f"]);
  assert.equal(client.connect(sessions).welcome, `^W ${client.epoch} 6 120000`);
});

test("strings that begin with U+0010 are escaped in both directions", () => {
  const { sessions, log, made } = start();
  const peer = new TestClient().connect(sessions, { send: ["^^A 1", "^^"] });
  made[0].send("\x10X bye");
  assert.deepEqual(log, ["1 \x10A 1", "2 \x10"]);
  assert.deepEqual(peer.frames.slice(2), ["^@ 1", "^^X bye"]);
});

test("binary data is never a control frame, and is copied when it is sent", () => {
  const { sessions, log, made } = start();
  const client = new TestClient();
  const peer = client.connect(sessions);
  peer.sendBinary(0x10, 65, 32, 57);
  assert.deepEqual(log, ["1 bytes 16,65,32,57"]);
  const data = new Uint8Array([1, 2, 3, 4]);
  made[0].send(data.subarray(1, 3));
  made[0].send(data.buffer);
  made[0].send(new DataView(data.buffer, 3));
  data.fill(0);
  peer.cut();
  const frames = client.connect(sessions).frames.slice(3);
  assert.deepEqual(
    frames.map((bytes) => [...bytes]),
    [[2, 3], [1, 2, 3, 4], [4]],
  );
});

test("a volatile message is sent at once or dropped, has a number, and is not resent", () => {
  const { sessions, log, made } = start();
  const client = new TestClient();
  const peer = client.connect(sessions);
  const [session] = made;
  const now = (data) => session.send(data, { volatile: true });
  assert.deepEqual(
    [session.send("a"), now("b"), now(new Uint8Array([7])), session.send("d")],
    [1, 2, 3, 4],
  );
  assert.deepEqual(peer.frames.slice(2), ["^@ 1", "a", "b", new Uint8Array([7]), "d"]);
  peer.cut();
  assert.equal(now("dropped"), 0);
  assert.equal(session.send("e"), 5);
  assert.equal(session.sent, 5);
  const again = client.connect(sessions);
  assert.deepEqual(again.frames.slice(2), ["^@ 1", "a", "^@ 4", "d", "e"]);
  assert.equal(now("f"), 6);
  assert.equal(session.send("g"), 7);
  assert.deepEqual(again.frames.slice(7), ["f", "g"]);
  // The number of a volatile message acknowledges those before it.
  again.sendFrames("^A 6");
  assert.equal(again.end, undefined);
  again.cut();
  assert.deepEqual(client.connect(sessions, { received: 6 }).frames.slice(2), ["^@ 7", "g"]);
  session.close();
  assert.deepEqual(log, ["closed 7:g"]);
});

test("an unacknowledged volatile message is not reported, and its number may be acknowledged", () => {
  const { sessions, log, made } = start();
  const client = new TestClient();
  client.connect(sessions);
  made[0].send("state", { volatile: true });
  // The client acknowledges it, although nothing was kept.
  const peer = client.connect(sessions, { received: 1 });
  assert.equal(peer.end, undefined);
  made[0].send("lost", { volatile: true });
  made[0].send("kept");
  peer.sendFrames("^X");
  assert.deepEqual(log, ["ended 3:kept"]);
});

test("options of send are checked before anything is sent", () => {
  const { sessions, made } = start();
  const peer = new TestClient().connect(sessions);
  for (const [options, message] of [
    [null, "session.send: options must be an object, got null"],
    [true, "session.send: options must be an object, got true"],
    [{ volatil: true }, "session.send: unknown option: volatil"],
    [{ volatile: 1 }, "session.send: volatile must be a boolean, got 1"],
  ]) {
    assert.throws(() => made[0].send("x", options), { name: "TypeError", message });
  }
  assert.equal(made[0].send("x", { volatile: undefined }), 1);
  assert.deepEqual(peer.frames.slice(2), ["^@ 1", "x"]);
});

test("a session with a store throws for volatile messages: their numbers would not be stored", async () => {
  const made = [];
  const sessions = createSessions({
    store: memoryStore(),
    onsession: (session) => {
      made.push(session);
    },
  });
  new TestClient().connect(sessions);
  await new Promise(setImmediate);
  assert.throws(() => made[0].send("x", { volatile: true }), TypeError);
  assert.equal(made[0].sent, 0);
});

test("send throws for other data, and after the session has ended", () => {
  const { sessions, made } = start();
  const client = new TestClient();
  client.connect(sessions);
  const [session] = made;
  for (const data of [undefined, null, 1, {}, [], true]) {
    assert.throws(() => session.send(data), TypeError);
  }
  session.close();
  assert.throws(
    () => session.send("x"),
    (error) => error instanceof SessionError && error.code === "ended",
  );
});

test("64 messages or 32 KB are acknowledged at once, fewer after 250 ms", (t) => {
  const tick = freezeTime(t);
  const { sessions } = start();
  const peer = new TestClient().connect(sessions, { send: numbered(64) });
  assert.deepEqual(peer.takeFrames().slice(2), ["^A 64"]);
  peer.sendFrames("x".repeat(32 << 10));
  assert.deepEqual(peer.takeFrames(), ["^A 65"]);
  peer.sendFrames("y");
  tick(249);
  peer.sendFrames("z");
  assert.deepEqual(peer.takeFrames(), []);
  tick(1);
  assert.deepEqual(peer.takeFrames(), ["^A 67"]);
  tick(1000);
  assert.deepEqual(peer.takeFrames(), []);
});

test("acknowledged messages are discarded, and lower acknowledgements ignored", () => {
  const { sessions, made } = start();
  const client = new TestClient();
  const peer = client.connect(sessions);
  for (const text of ["a", "b", "c"]) made[0].send(text);
  peer.sendFrames("^A 2", "^A 1", "^A 2");
  peer.cut();
  assert.deepEqual(client.connect(sessions, { received: 2 }).frames.slice(2), ["^@ 3", "c"]);
});

test("a question is answered at once with the number of handled messages", async () => {
  const { sessions } = start({
    onsession: (session) => {
      session.onmessage = (data) => (data === "slow" ? new Promise(() => {}) : undefined);
    },
  });
  const peer = new TestClient().connect(sessions, { send: ["a", "slow", "b", "^? 7"] });
  const [, question, handled, time] = /^\^! (\d+) (\d+) (\d+)$/.exec(peer.frames[2]);
  assert.deepEqual([question, handled], ["7", "1"]);
  assert.ok(Math.abs(Date.now() - time) < 60_000);
  peer.sendFrames("^! 3 1 5");
  assert.equal(peer.end, undefined);
});

test("messages are handled one at a time and in order, and acknowledged when fulfilled", async (t) => {
  const tick = freezeTime(t);
  const waiting = [];
  const { sessions } = start({
    onsession: (session) => {
      session.onmessage = (data) => new Promise((resolve) => waiting.push({ data, resolve }));
    },
  });
  const peer = new TestClient().connect(sessions, { send: ["a", "b"] });
  tick(1000);
  assert.deepEqual(
    waiting.map(({ data }) => data),
    ["a"],
  );
  assert.deepEqual(peer.frames.slice(2), []);
  waiting[0].resolve();
  await new Promise(setImmediate);
  tick(1000);
  assert.deepEqual(
    waiting.map(({ data }) => data),
    ["a", "b"],
  );
  assert.deepEqual(peer.frames.slice(2), ["^A 1"]);
});

test("messages waiting for the handler on a resume are neither handled twice nor lost", async () => {
  const waiting = [];
  const { sessions, log } = start({
    onsession: (session) => {
      const { onmessage } = session;
      session.onmessage = (data, number) => {
        onmessage(data, number);
        return new Promise((resolve) => waiting.push(resolve));
      };
    },
  });
  const client = new TestClient();
  client.connect(sessions, { send: ["a", "b", "c"] }).cut();
  const peer = client.connect(sessions);
  assert.equal(peer.welcome, `^W ${client.epoch} 0 120000`);
  peer.sendFrames("^@ 1", "a", "b", "c", "d");
  for (let i = 0; i < 4; ++i) {
    waiting[i]();
    await new Promise(setImmediate);
  }
  assert.deepEqual(log, ["1 a", "2 b", "3 c", "4 d"]);
  peer.sendFrames("^? 1");
  assert.match(peer.frames.at(-1), /^\^! 1 4 /);
});

test("messages wait for the promise of onsession and for a handler", async () => {
  let ready;
  const { sessions, log, made } = start({
    onsession: (session) => {
      session.onmessage = undefined;
      return new Promise((resolve) => {
        ready = resolve;
      });
    },
  });
  new TestClient().connect(sessions, { send: ["a"] });
  ready();
  await new Promise(setImmediate);
  assert.deepEqual(log, []);
  made[0].onmessage = (data) => log.push(data);
  assert.deepEqual(log, ["a"]);
});

for (const [name, fail] of [
  ["throws", () => assert.fail("broken")],
  ["rejects", () => Promise.reject(new assert.AssertionError({ message: "broken" }))],
]) {
  test(`a handler that ${name} ends the session; its message is reported and not acknowledged`, async () => {
    const errors = [];
    const { sessions, log, made } = start({
      onerror: (error, session) => errors.push([error.message, session]),
      onsession: (session) => {
        const { onmessage } = session;
        session.onmessage = (data, number) => (data === "bad" ? fail() : onmessage(data, number));
      },
    });
    const client = new TestClient();
    const peer = client.connect(sessions, { send: ["a", "bad", "c"] });
    await new Promise(setImmediate);
    assert.deepEqual(errors, [["broken", made[0]]]);
    assert.deepEqual(log, ["1 a", "failed"]);
    assert.deepEqual(peer.frames.slice(2), ["^A 1", "^X the server has failed"]);
    assert.equal(peer.end, "1000");
    assert.equal(sessions.size, 0);
  });
}

test("an error in onsession ends the session for the client", () => {
  const errors = [];
  const { sessions } = start({
    onerror: (error) => errors.push(error.message),
    onsession: () => assert.fail("broken"),
  });
  const peer = new TestClient().connect(sessions);
  assert.deepEqual(errors, ["broken"]);
  assert.equal(peer.welcome, "^X the server has failed");
  assert.equal(peer.end, "1000");
});

test("errors in other handlers are reported and have no other effect", () => {
  const errors = [];
  const fail = () => assert.fail("broken");
  const { sessions } = start({
    onerror: (error) => errors.push(error.message),
    onsession: (session) =>
      Object.assign(session, { onconnect: fail, ondisconnect: fail, onend: fail }),
  });
  const client = new TestClient();
  client.connect(sessions).cut();
  client.connect(sessions).sendFrames("^X");
  assert.deepEqual(errors, Array(5).fill("broken"));
  assert.equal(sessions.size, 0);
});

test("each onconnect is followed by one ondisconnect, also on a takeover", () => {
  const log = [];
  const { sessions } = start({
    onsession: (session) => {
      session.onconnect = () => log.push(`+${session.generation}`);
      session.ondisconnect = () => log.push("-");
    },
  });
  const client = new TestClient();
  client.connect(sessions);
  client.connect(sessions).cut();
  client.connect(sessions).sendFrames("^X");
  assert.deepEqual(log, ["+1", "-", "+2", "-", "+3", "-"]);
});

test("messages before the hello are passed to onplain, or else ignored", () => {
  const plain = [];
  const { sessions, log } = start();
  const peer = connect(sessions, { onplain: (data) => plain.push(String(data)) });
  peer.sendFrames("token", "^^x");
  connect(sessions).sendFrames("ignored");
  peer.sendFrames(`^H ${new TestClient().id} ${peer.life} 1 0`, "counted");
  assert.deepEqual(plain, ["token", "\x10x"]);
  assert.deepEqual(log, ["1 counted"]);
});

test("an application may authenticate by a first message and accept the connection afterwards", () => {
  const { sessions, log, made } = start();
  const peer = new Peer();
  peer.once("message", (data) => sessions.accept(peer, { user: String(data) }));
  peer.sendFrames("ann");
  peer.sendFrames(`^H ${new TestClient().id} ${peer.life} 1 0`, "hello");
  assert.deepEqual(log, ["1 hello"]);
  assert.equal(made[0].user, "ann");
});
