// What a server says and takes on one connection after the other: docs/design/session-protocol.md.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSessions, memoryStore, SessionError } from "./package.mjs";
import { connect, freezeTime, Peer, Place, start } from "./peer.mjs";

const numbered = (count, text = "m") => Array.from({ length: count }, (_, i) => `${text}${i + 1}`);

test("the first subprotocol with sessions is selected, without one the first", () => {
  const { pick } = start().sessions;
  assert.equal(pick(["chat", "news", "chat+steady.1", "news+steady.1"]), "chat+steady.1");
  assert.equal(pick(new Set(["steady.1"])), "steady.1");
  assert.equal(pick(["chat", "unsteady.1", "steady.10"]), "chat");
  assert.equal(pick([]), false);
});

test("a connection without a session protocol is left alone", () => {
  const { sessions } = start();
  for (const protocol of ["", "chat", "unsteady.1", undefined, null]) {
    const peer = new Peer(protocol);
    peer.protocol = protocol;
    assert.equal(sessions.accept(peer), undefined);
    assert.deepEqual(peer.eventNames(), []);
    assert.deepEqual(peer.heard, []);
  }
  assert.notEqual(sessions.accept(new Peer("chat+steady.1")), undefined);
  assert.notEqual(sessions.accept(new Peer(""), { protocol: "steady.1" }), undefined);
});

test("the greeting has the life, which a server keeps, and no two servers share", () => {
  const { sessions } = start();
  const { life } = connect(sessions);
  assert.match(life, /^[\w.-]{1,64}$/);
  assert.deepEqual(connect(sessions).heard, [`^G 1 ${life}`]);
  assert.notEqual(connect(start().sessions).life, life);
});

test("messages behind the first hello are handled", () => {
  const { sessions, log, made } = start();
  const peer = new Place().enter(sessions, { behind: ["a", "b"] });
  assert.equal(peer.welcome, `^W ${peer.life} 0 120000`);
  assert.deepEqual(log, ["1 a", "2 b"]);
  assert.deepEqual(
    made.map(({ origin, isConnected }) => [origin, isConnected]),
    [["new", true]],
  );
});

test("a session is resumed: both sides send again what is not acknowledged", () => {
  const { sessions, log, made } = start();
  const place = new Place();
  const first = place.enter(sessions, { behind: ["a"] });
  const [session] = made;
  assert.equal(session.send("one"), 1);
  assert.equal(session.send("two"), 2);
  assert.deepEqual(first.heard.slice(2), ["^@ 1", "one", "two"]);
  first.cut();
  assert.equal(session.isConnected, false);
  session.send("three");
  const second = place.enter(sessions, { received: 1, behind: ["^@ 1", "a", "b"] });
  assert.equal(second.welcome, `^W ${place.epoch} 1 120000`);
  assert.deepEqual(second.heard.slice(2), ["^@ 2", "two", "three"]);
  assert.deepEqual(log, ["1 a", "2 b"]);
  assert.equal(made.length, 1);
});

test("the number of the next message is sent before the first message (no baseline)", () => {
  const { sessions, made } = start();
  const place = new Place();
  place.enter(sessions).cut();
  const peer = place.enter(sessions);
  made[0].send("hello");
  assert.deepEqual(peer.heard.slice(2), ["^@ 1", "hello"]);
});

test("live messages and repeated ones both advance the counter (cursor not advanced)", () => {
  const { sessions, log } = start();
  const place = new Place();
  place.enter(sessions, { behind: ["a"] }).cut();
  place.enter(sessions, { behind: ["^@ 1", "a", "b", "c"] }).cut();
  const peer = place.enter(sessions);
  assert.equal(peer.welcome, `^W ${place.epoch} 3 120000`);
  assert.deepEqual(log, ["1 a", "2 b", "3 c"]);
});

test("both directions are counted apart (counted the wrong direction)", () => {
  const { sessions, made } = start();
  const place = new Place();
  place.enter(sessions, { behind: numbered(5) }).cut();
  made[0].send("x");
  const peer = place.enter(sessions);
  assert.equal(peer.welcome, `^W ${place.epoch} 5 120000`);
  assert.deepEqual(peer.heard.slice(2), ["^@ 1", "x"]);
});

test("messages wait for a number on every connection but that of a new session", () => {
  const { sessions, log } = start();
  const place = new Place();
  place.enter(sessions, { behind: ["a"] }).cut();
  place.enter(sessions, { behind: ["lost", "^@ 2", "b"] });
  assert.deepEqual(log, ["1 a", "2 b"]);
});

test("numbers that are left out are no loss", () => {
  const { sessions, log } = start();
  const place = new Place();
  place.enter(sessions, { behind: ["a", "^@ 4", "d", "^@ 6", "f"] }).cut();
  assert.deepEqual(log, ["1 a", "4 d", "6 f"]);
  assert.equal(place.enter(sessions).welcome, `^W ${place.epoch} 6 120000`);
});

test("text that begins with U+0010 is escaped in both directions", () => {
  const { sessions, log, made } = start();
  const peer = new Place().enter(sessions, { behind: ["^^A 1", "^^"] });
  made[0].send("\x10X bye");
  assert.deepEqual(log, ["1 \x10A 1", "2 \x10"]);
  assert.deepEqual(peer.heard.slice(2), ["^@ 1", "^^X bye"]);
});

test("binary data is the application's, whatever it begins with, and is copied", () => {
  const { sessions, log, made } = start();
  const place = new Place();
  const peer = place.enter(sessions);
  peer.sayBinary(0x10, 65, 32, 57);
  assert.deepEqual(log, ["1 bytes 16,65,32,57"]);
  const data = new Uint8Array([1, 2, 3, 4]);
  made[0].send(data.subarray(1, 3));
  made[0].send(data.buffer);
  made[0].send(new DataView(data.buffer, 3));
  data.fill(0);
  peer.cut();
  const heard = place.enter(sessions).heard.slice(3);
  assert.deepEqual(
    heard.map((bytes) => [...bytes]),
    [[2, 3], [1, 2, 3, 4], [4]],
  );
});

test("a volatile message is sent now or dropped, is numbered, and is not sent again", () => {
  const { sessions, log, made } = start();
  const place = new Place();
  const peer = place.enter(sessions);
  const [session] = made;
  const now = (data) => session.send(data, { volatile: true });
  assert.deepEqual(
    [session.send("a"), now("b"), now(new Uint8Array([7])), session.send("d")],
    [1, 2, 3, 4],
  );
  assert.deepEqual(peer.heard.slice(2), ["^@ 1", "a", "b", new Uint8Array([7]), "d"]);
  peer.cut();
  assert.equal(now("dropped"), 0);
  assert.equal(session.send("e"), 5);
  assert.equal(session.sent, 5);
  const again = place.enter(sessions);
  assert.deepEqual(again.heard.slice(2), ["^@ 1", "a", "^@ 4", "d", "e"]);
  assert.equal(now("f"), 6);
  assert.equal(session.send("g"), 7);
  assert.deepEqual(again.heard.slice(7), ["f", "g"]);
  // The number of a volatile message acknowledges those before it.
  again.say("^A 6");
  assert.equal(again.end, undefined);
  again.cut();
  assert.deepEqual(place.enter(sessions, { received: 6 }).heard.slice(2), ["^@ 7", "g"]);
  session.close();
  assert.deepEqual(log, ["closed 7:g"]);
});

test("a volatile message that was not acknowledged is not reported, and its number is known", () => {
  const { sessions, log, made } = start();
  const place = new Place();
  place.enter(sessions);
  made[0].send("state", { volatile: true });
  // The client has it, although nothing was kept.
  const peer = place.enter(sessions, { received: 1 });
  assert.equal(peer.end, undefined);
  made[0].send("lost", { volatile: true });
  made[0].send("kept");
  peer.say("^X");
  assert.deepEqual(log, ["ended 3:kept"]);
});

test("options of send are checked before anything is sent", () => {
  const { sessions, made } = start();
  const peer = new Place().enter(sessions);
  for (const [options, message] of [
    [null, "session.send: options must be an object, got null"],
    [true, "session.send: options must be an object, got true"],
    [{ volatil: true }, "session.send: unknown option: volatil"],
    [{ volatile: 1 }, "session.send: volatile must be a boolean, got 1"],
  ]) {
    assert.throws(() => made[0].send("x", options), { name: "TypeError", message });
  }
  assert.equal(made[0].send("x", { volatile: undefined }), 1);
  assert.deepEqual(peer.heard.slice(2), ["^@ 1", "x"]);
});

test("a session of a store has no volatile messages: their numbers would not be stored", async () => {
  const made = [];
  const sessions = createSessions({
    store: memoryStore(),
    onsession: (session) => {
      made.push(session);
    },
  });
  new Place().enter(sessions);
  await new Promise(setImmediate);
  assert.throws(() => made[0].send("x", { volatile: true }), TypeError);
  assert.equal(made[0].sent, 0);
});

test("send throws for other data, and after the end", () => {
  const { sessions, made } = start();
  const place = new Place();
  place.enter(sessions);
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

test("64 messages or 32 KB are acknowledged at once, and less after 250 ms", (t) => {
  const tick = freezeTime(t);
  const { sessions } = start();
  const peer = new Place().enter(sessions, { behind: numbered(64) });
  assert.deepEqual(peer.news().slice(2), ["^A 64"]);
  peer.say("x".repeat(32 << 10));
  assert.deepEqual(peer.news(), ["^A 65"]);
  peer.say("y");
  tick(249);
  peer.say("z");
  assert.deepEqual(peer.news(), []);
  tick(1);
  assert.deepEqual(peer.news(), ["^A 67"]);
  tick(1000);
  assert.deepEqual(peer.news(), []);
});

test("what the client acknowledges is forgotten, and lower numbers change nothing", () => {
  const { sessions, made } = start();
  const place = new Place();
  const peer = place.enter(sessions);
  for (const text of ["a", "b", "c"]) made[0].send(text);
  peer.say("^A 2", "^A 1", "^A 2");
  peer.cut();
  assert.deepEqual(place.enter(sessions, { received: 2 }).heard.slice(2), ["^@ 3", "c"]);
});

test("a question is answered at once with what is handled, before what waits", async () => {
  const { sessions } = start({
    onsession: (session) => {
      session.onmessage = (data) => (data === "slow" ? new Promise(() => {}) : undefined);
    },
  });
  const peer = new Place().enter(sessions, { behind: ["a", "slow", "b", "^? 7"] });
  const [, question, handled, time] = /^\^! (\d+) (\d+) (\d+)$/.exec(peer.heard[2]);
  assert.deepEqual([question, handled], ["7", "1"]);
  assert.ok(Math.abs(Date.now() - time) < 60_000);
  peer.say("^! 3 1 5");
  assert.equal(peer.end, undefined);
});

test("messages are handled one at a time, in order, and acknowledged when fulfilled", async (t) => {
  const tick = freezeTime(t);
  const waiting = [];
  const { sessions } = start({
    onsession: (session) => {
      session.onmessage = (data) => new Promise((resolve) => waiting.push({ data, resolve }));
    },
  });
  const peer = new Place().enter(sessions, { behind: ["a", "b"] });
  tick(1000);
  assert.deepEqual(
    waiting.map(({ data }) => data),
    ["a"],
  );
  assert.deepEqual(peer.heard.slice(2), []);
  waiting[0].resolve();
  await new Promise(setImmediate);
  tick(1000);
  assert.deepEqual(
    waiting.map(({ data }) => data),
    ["a", "b"],
  );
  assert.deepEqual(peer.heard.slice(2), ["^A 1"]);
});

test("what waits for the handler on a resume is neither handled twice nor lost", async () => {
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
  const place = new Place();
  place.enter(sessions, { behind: ["a", "b", "c"] }).cut();
  const peer = place.enter(sessions);
  assert.equal(peer.welcome, `^W ${place.epoch} 0 120000`);
  peer.say("^@ 1", "a", "b", "c", "d");
  for (let i = 0; i < 4; ++i) {
    waiting[i]();
    await new Promise(setImmediate);
  }
  assert.deepEqual(log, ["1 a", "2 b", "3 c", "4 d"]);
  peer.say("^? 1");
  assert.match(peer.heard.at(-1), /^\^! 1 4 /);
});

test("messages wait for the promise of onsession, and for a handler", async () => {
  let ready;
  const { sessions, log, made } = start({
    onsession: (session) => {
      session.onmessage = undefined;
      return new Promise((resolve) => {
        ready = resolve;
      });
    },
  });
  new Place().enter(sessions, { behind: ["a"] });
  ready();
  await new Promise(setImmediate);
  assert.deepEqual(log, []);
  made[0].onmessage = (data) => log.push(data);
  assert.deepEqual(log, ["a"]);
});

for (const [name, how] of [
  ["throws", () => assert.fail("broken")],
  ["rejects", () => Promise.reject(new assert.AssertionError({ message: "broken" }))],
]) {
  test(`a handler that ${name} ends the session: it is reported and not acknowledged`, async () => {
    const errors = [];
    const { sessions, log, made } = start({
      onerror: (error, session) => errors.push([error.message, session]),
      onsession: (session) => {
        const { onmessage } = session;
        session.onmessage = (data, number) => (data === "bad" ? how() : onmessage(data, number));
      },
    });
    const place = new Place();
    const peer = place.enter(sessions, { behind: ["a", "bad", "c"] });
    await new Promise(setImmediate);
    assert.deepEqual(errors, [["broken", made[0]]]);
    assert.deepEqual(log, ["1 a", "failed"]);
    assert.deepEqual(peer.heard.slice(2), ["^A 1", "^X the server has failed"]);
    assert.equal(peer.end, "1000");
    assert.equal(sessions.size, 0);
  });
}

test("an error of onsession ends the session for the client", () => {
  const errors = [];
  const { sessions } = start({
    onerror: (error) => errors.push(error.message),
    onsession: () => assert.fail("broken"),
  });
  const peer = new Place().enter(sessions);
  assert.deepEqual(errors, ["broken"]);
  assert.equal(peer.welcome, "^X the server has failed");
  assert.equal(peer.end, "1000");
});

test("errors of other handlers are reported and harm nobody", () => {
  const errors = [];
  const fail = () => assert.fail("broken");
  const { sessions } = start({
    onerror: (error) => errors.push(error.message),
    onsession: (session) =>
      Object.assign(session, { onconnect: fail, ondisconnect: fail, onend: fail }),
  });
  const place = new Place();
  place.enter(sessions).cut();
  place.enter(sessions).say("^X");
  assert.deepEqual(errors, Array(5).fill("broken"));
  assert.equal(sessions.size, 0);
});

test("connections are reported in pairs, also when one takes over", () => {
  const log = [];
  const { sessions } = start({
    onsession: (session) => {
      session.onconnect = () => log.push(`+${session.generation}`);
      session.ondisconnect = () => log.push("-");
    },
  });
  const place = new Place();
  place.enter(sessions);
  place.enter(sessions).cut();
  place.enter(sessions).say("^X");
  assert.deepEqual(log, ["+1", "-", "+2", "-", "+3", "-"]);
});

test("messages before the hello are plain: given to onplain or ignored", () => {
  const plain = [];
  const { sessions, log } = start();
  const peer = connect(sessions, { onplain: (data) => plain.push(String(data)) });
  peer.say("token", "^^x");
  connect(sessions).say("ignored");
  peer.say(`^H ${new Place().id} ${peer.life} 1 0`, "counted");
  assert.deepEqual(plain, ["token", "\x10x"]);
  assert.deepEqual(log, ["1 counted"]);
});

test("an application that authenticates by a first message accepts afterwards", () => {
  const { sessions, log, made } = start();
  const peer = new Peer();
  peer.once("message", (data) => sessions.accept(peer, { user: String(data) }));
  peer.say("ann");
  peer.say(`^H ${new Place().id} ${peer.life} 1 0`, "hello");
  assert.deepEqual(log, ["1 hello"]);
  assert.equal(made[0].user, "ann");
});
