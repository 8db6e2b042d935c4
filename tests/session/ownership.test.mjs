// Takeovers of sessions by newer connections, and sessions that a server has forgotten.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, freezeTime, start, TestClient } from "./peer.mjs";

test("a late close of the old connection does not affect the resumed session", (t) => {
  const tick = freezeTime(t);
  const { sessions, log, made } = start({ ttl: 1000 });
  const client = new TestClient();
  const old = client.connect(sessions);
  const peer = client.connect(sessions);
  assert.equal(old.end, "4409 taken over by a newer connection");
  old.cut();
  tick(5000);
  assert.equal(made[0].isConnected, true);
  peer.sendFrames("^@ 1", "a");
  assert.deepEqual(log, ["1 a"]);
});

test("a half-open connection does not block a new one", () => {
  const { sessions, log } = start();
  const client = new TestClient();
  const old = client.connect(sessions, { send: ["a"] });
  const peer = client.connect(sessions);
  assert.equal(peer.welcome, `^W ${client.epoch} 1 120000`);
  old.sendFrames("late", "^X", "^A 9");
  assert.deepEqual(log, ["1 a"]);
  assert.equal(peer.end, undefined);
});

test("a delayed older hello does not take over the session, whatever its epoch", () => {
  const { sessions, made } = start();
  const client = new TestClient();
  client.connect(sessions);
  client.connect(sessions);
  for (const epoch of [client.epoch, "another"]) {
    for (const generation of [0, 1, 2]) {
      const late = connect(sessions);
      late.sendFrames(`^H ${client.id} ${epoch} ${generation} 0`, "late");
      assert.match(late.end, /^4409 /);
    }
  }
  assert.equal(made[0].isConnected, true);
  assert.equal(made.length, 1);
});

test("an older generation is refused also after the session was forgotten", (t) => {
  const tick = freezeTime(t);
  const { sessions, log } = start({ ttl: 1000 });
  const client = new TestClient();
  client.connect(sessions, { send: ["a"] }).cut();
  tick(1000);
  assert.deepEqual(log, ["1 a", "expired"]);
  const late = connect(sessions);
  late.sendFrames(`^H ${client.id} ${client.epoch} 1 0`, "a");
  assert.match(late.end, /^4409 /);
  assert.deepEqual(log, ["1 a", "expired"]);
});

test("a forgotten session resumes in a new epoch, with the number of the last handled message", (t) => {
  const tick = freezeTime(t);
  const { sessions, log, made } = start({ ttl: 1000 });
  const client = new TestClient();
  client.connect(sessions, { send: ["a", "b"] }).cut();
  made[0].send("one");
  tick(999);
  assert.equal(sessions.size, 1);
  tick(1);
  assert.equal(sessions.size, 0);
  const peer = client.connect(sessions, { send: ["uncounted"] });
  const [, epoch, received, old] = /^\^W (\S+) (\d+) 1000 (\d+)$/.exec(peer.welcome);
  assert.notEqual(epoch, client.epoch);
  assert.notEqual(epoch, peer.life);
  assert.deepEqual([received, old], ["0", "2"]);
  peer.sendFrames("^@ 1", "c");
  made[1].send("two");
  assert.deepEqual(log, ["1 a", "2 b", "expired 1:one", "1 c"]);
  assert.deepEqual(peer.frames.slice(2), ["^@ 1", "two"]);
  assert.equal(made[1].origin, "replaced");
});

test("a client that missed the new epoch receives the same number again (two generations in one space)", (t) => {
  const tick = freezeTime(t);
  const { sessions, log, made } = start({ ttl: 1000 });
  const client = new TestClient();
  client.connect(sessions, { send: ["a"] }).cut();
  tick(1000);
  // The client does not receive this welcome.
  client.connect(sessions).cut();
  made[1].send("one");
  const peer = client.connect(sessions);
  const [, old] = /^\^W \S+ 0 1000 (\d+)$/.exec(peer.welcome);
  assert.equal(old, "1");
  assert.deepEqual(log, ["1 a", "expired", "lost 1:one"]);
  assert.deepEqual(peer.frames.slice(2), []);
});

test("a server without any memory of a session answers with a new epoch (epoch without its offset)", () => {
  const client = new TestClient();
  client.connect(start().sessions, { send: ["a"] });
  const { sessions, made } = start();
  const peer = client.connect(sessions, { received: 3 });
  assert.match(peer.welcome, /^\^W \S+ 0 120000$/);
  assert.ok(!peer.welcome.includes(client.epoch));
  assert.ok(!peer.welcome.includes(peer.life));
  assert.equal(made[0].origin, "replaced");
});

test("a client that has lost its counters loses the session (serial not reset after a failed resume)", () => {
  const { sessions, log, made } = start();
  const client = new TestClient();
  const first = client.connect(sessions, { send: ["a"] });
  for (const text of ["one", "two", "three"]) made[0].send(text);
  first.sendFrames("^A 2");
  const peer = client.connect(sessions, { received: 1 });
  assert.match(peer.welcome, /^\^W \S+ 0 120000 1$/);
  assert.deepEqual(log, ["1 a", "lost 3:three"]);
  assert.equal(made[1].send("again"), 1);
});

test("a message whose handler runs when the session is forgotten counts as handled", async (t) => {
  const tick = freezeTime(t);
  let finish;
  const { sessions, log, made } = start({
    ttl: 1000,
    maxSessions: 1,
    onsession: (session) => {
      const { onmessage } = session;
      session.onmessage = (data, number) => {
        onmessage(data, number);
        if (data === "slow") return new Promise((resolve) => (finish = resolve));
      };
    },
  });
  const client = new TestClient();
  client.connect(sessions, { send: ["a", "slow", "waits"] }).cut();
  tick(3000);
  assert.equal(sessions.size, 1, "no expiry while a handler runs");
  new TestClient("other").connect(sessions).cut();
  assert.deepEqual(log, ["1 a", "2 slow", "evicted"]);
  const peer = client.connect(sessions);
  assert.match(peer.welcome, / 0 1000 2$/);
  peer.sendFrames("^@ 1", "waits");
  assert.equal(log.includes("1 waits"), false, "not while the previous epoch's handler runs");
  finish();
  await new Promise(setImmediate);
  assert.deepEqual(log.at(-1), "1 waits");
  assert.equal(made.length, 3);
});

test("the number of traces is limited, and discarding some changes the life", () => {
  const { sessions } = start({ maxSessions: 2 });
  const client = new TestClient("first");
  const { life } = client.connect(sessions, { send: ["a"] });
  const lives = new Set();
  for (let i = 0; i < 20; ++i) {
    const peer = new TestClient(`n${i}`).connect(sessions);
    lives.add(peer.life);
    peer.sendFrames("^X");
  }
  assert.ok(lives.size > 1);
  assert.ok(lives.size < 10, "a life serves several sessions");
  assert.notEqual(connect(sessions).life, life);
  assert.match(
    client.connect(sessions).welcome,
    new RegExp(`^\\^W ${life} 1 `),
    "the session is kept",
  );
});

test("a late hello does not restart an ended session; a newer one begins another session", () => {
  const { sessions, log, made } = start();
  const mine = new TestClient("mine");
  const { life } = mine.connect(sessions, { send: ["a", "^X"] });
  const theirs = new TestClient("theirs");
  theirs.connect(sessions).cut();
  made[1].close("banned");
  for (const client of [mine, theirs]) {
    const late = connect(sessions);
    late.sendFrames(`^H ${client.id} ${life} 1 0`, "a");
    assert.match(late.end, /^4409 /);
    const next = connect(sessions);
    next.sendFrames(`^H ${client.id} ${life} 2 0`, "a");
    assert.match(next.frames[1], /^\^W \S+ 0 120000 [01]$/);
    assert.ok(!next.frames[1].includes(life));
  }
  assert.deepEqual(log, ["1 a", "ended", "closed"]);
});

test("a session ended by the client is refused while its last messages are handled", () => {
  const { sessions } = start({
    onsession: (session) => {
      session.onmessage = () => new Promise(() => {});
    },
  });
  const client = new TestClient();
  client.connect(sessions, { send: ["a", "^X"] }).cut();
  const next = client.connect(sessions);
  assert.equal(next.welcome, "^X the session has ended");
  assert.equal(next.end, "1000");
});

test("a forgotten session still belongs to its user", (t) => {
  const tick = freezeTime(t);
  const { sessions } = start({ ttl: 10 });
  const client = new TestClient();
  client.connect(sessions, { options: { user: "ann" } }).cut();
  tick(10);
  assert.equal(sessions.size, 0);
  assert.equal(client.connect(sessions, { options: { user: "eve" } }).welcome, "^X not authorized");
  assert.match(client.connect(sessions, { options: { user: "ann" } }).welcome, /^\^W/);
});

test("a hello by another user is refused and has no effect", () => {
  const { sessions, log, made } = start();
  const client = new TestClient();
  const mine = client.connect(sessions, { options: { user: { name: "ann" } } });
  const theirs = connect(sessions, { user: { name: "eve" } });
  theirs.sendFrames(`^H ${client.id} ${client.epoch} 99 0`, "stolen");
  assert.deepEqual(theirs.frames.slice(1), ["^X not authorized"]);
  assert.equal(theirs.end, "1000");
  assert.equal(mine.end, undefined);
  assert.deepEqual(log, []);
  const again = client.connect(sessions, { options: { user: { name: "ann" } } });
  assert.match(again.welcome, /^\^W/);
  assert.equal(made.length, 1);
});

test("every hello is authorized with the user of its connection (skipped on recovery)", () => {
  const calls = [];
  let answer = true;
  const errors = [];
  const { sessions, made } = start({
    onerror: (error) => errors.push(error.message),
    authorize: (user, session) => {
      calls.push([user, session.user]);
      return typeof answer === "function" ? answer() : answer;
    },
  });
  const client = new TestClient();
  client.connect(sessions, { options: { user: 1 } });
  client.connect(sessions, { options: { user: 2 } });
  assert.equal(made[0].user, 2);
  client.connect(sessions, { options: { user: 3 } });
  assert.deepEqual(calls, [
    [2, 1],
    [3, 2],
  ]);
  // Only `true` grants access: not a promise, nor an error.
  for (answer of [false, Promise.resolve(true), () => assert.fail("broken")]) {
    const peer = client.connect(sessions, { options: { user: 4 } });
    assert.equal(peer.welcome, "^X not authorized");
  }
  assert.deepEqual(errors, ["broken"]);
  assert.equal(made[0].isConnected, true);
});

test("after the client's X earlier messages are handled, then the connection closes with 1000", async () => {
  const waiting = [];
  const { sessions, log, made } = start({
    onsession: (session) => {
      const { onmessage } = session;
      session.onmessage = async (data, number) => {
        onmessage(data, number);
        await new Promise((resolve) => waiting.push(resolve));
        session.send(`re: ${data}`);
      };
    },
  });
  const peer = new TestClient().connect(sessions, { send: ["a", "b", "^X done", "ignored"] });
  assert.equal(peer.end, undefined);
  for (let i = 0; i < 2; ++i) {
    waiting[i]();
    await new Promise(setImmediate);
  }
  assert.deepEqual(log, ["1 a", "2 b", "ended 1:re: a 2:re: b"]);
  assert.equal(peer.end, "1000");
  assert.equal(sessions.size, 0);
  assert.equal(made[0].isConnected, false);
});

test("close ends the session for the client with the reason, and reports undelivered messages", () => {
  const { sessions, log, made } = start();
  const peer = new TestClient().connect(sessions);
  made[0].send("one");
  assert.throws(() => made[0].close("x".repeat(254)), RangeError);
  assert.equal(peer.end, undefined);
  made[0].close("too late, bye");
  made[0].close("again");
  assert.deepEqual(peer.frames.slice(4), ["^X too late, bye"]);
  assert.equal(peer.end, "1000");
  assert.deepEqual(log, ["closed 1:one"]);
});

test("a session that a handler closes handles no further messages", () => {
  const { sessions, log } = start({
    onsession: (session) => {
      const { onmessage } = session;
      session.onmessage = (data, number) => {
        onmessage(data, number);
        if (data === "quit") session.close();
      };
    },
  });
  const peer = new TestClient().connect(sessions, { send: ["a", "quit", "c"] });
  assert.deepEqual(log, ["1 a", "2 quit", "closed"]);
  assert.equal(peer.end, "1000");
});

test("a closed connection does not end the session, whatever its code", () => {
  const { sessions, log } = start();
  const client = new TestClient();
  const peer = client.connect(sessions, { send: ["a"] });
  peer.emit("close", 1000, "");
  assert.equal(client.connect(sessions).welcome, `^W ${client.epoch} 1 120000`);
  assert.deepEqual(log, ["1 a"]);
});
