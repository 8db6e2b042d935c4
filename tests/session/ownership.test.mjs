// Which connection has a session, and which session a hello gets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { connect, freezeTime, Place, start } from "./peer.mjs";

test("a late close of the old connection does not harm the resumed session", (t) => {
  const tick = freezeTime(t);
  const { sessions, log, made } = start({ ttl: 1000 });
  const place = new Place();
  const old = place.enter(sessions);
  const peer = place.enter(sessions);
  assert.equal(old.end, "4409 taken over by a newer connection");
  old.cut();
  tick(5000);
  assert.equal(made[0].isConnected, true);
  peer.say("^@ 1", "a");
  assert.deepEqual(log, ["1 a"]);
});

test("a half-open connection does not lock the user out", () => {
  const { sessions, log } = start();
  const place = new Place();
  const old = place.enter(sessions, { behind: ["a"] });
  const peer = place.enter(sessions);
  assert.equal(peer.welcome, `^W ${place.epoch} 1 120000`);
  old.say("late", "^X", "^A 9");
  assert.deepEqual(log, ["1 a"]);
  assert.equal(peer.end, undefined);
});

test("a delayed older hello does not steal the session, whatever its epoch", () => {
  const { sessions, made } = start();
  const place = new Place();
  place.enter(sessions);
  place.enter(sessions);
  for (const epoch of [place.epoch, "another"]) {
    for (const generation of [0, 1, 2]) {
      const late = connect(sessions);
      late.say(`^H ${place.id} ${epoch} ${generation} 0`, "late");
      assert.match(late.end, /^4409 /);
    }
  }
  assert.equal(made[0].isConnected, true);
  assert.equal(made.length, 1);
});

test("the generation holds after the session is forgotten", (t) => {
  const tick = freezeTime(t);
  const { sessions, log } = start({ ttl: 1000 });
  const place = new Place();
  place.enter(sessions, { behind: ["a"] }).cut();
  tick(1000);
  assert.deepEqual(log, ["1 a", "expired"]);
  const late = connect(sessions);
  late.say(`^H ${place.id} ${place.epoch} 1 0`, "a");
  assert.match(late.end, /^4409 /);
  assert.deepEqual(log, ["1 a", "expired"]);
});

test("a forgotten session comes back with another epoch and the number that was handled", (t) => {
  const tick = freezeTime(t);
  const { sessions, log, made } = start({ ttl: 1000 });
  const place = new Place();
  place.enter(sessions, { behind: ["a", "b"] }).cut();
  made[0].send("one");
  tick(999);
  assert.equal(sessions.size, 1);
  tick(1);
  assert.equal(sessions.size, 0);
  const peer = place.enter(sessions, { behind: ["uncounted"] });
  const [, epoch, received, old] = /^\^W (\S+) (\d+) 1000 (\d+)$/.exec(peer.welcome);
  assert.notEqual(epoch, place.epoch);
  assert.notEqual(epoch, peer.life);
  assert.deepEqual([received, old], ["0", "2"]);
  peer.say("^@ 1", "c");
  made[1].send("two");
  assert.deepEqual(log, ["1 a", "2 b", "expired 1:one", "1 c"]);
  assert.deepEqual(peer.heard.slice(2), ["^@ 1", "two"]);
  assert.equal(made[1].origin, "replaced");
});

test("a client that has missed the new epoch is told the same again (two generations in one space)", (t) => {
  const tick = freezeTime(t);
  const { sessions, log, made } = start({ ttl: 1000 });
  const place = new Place();
  place.enter(sessions, { behind: ["a"] }).cut();
  tick(1000);
  // It does not get the welcome.
  place.enter(sessions).cut();
  made[1].send("one");
  const peer = place.enter(sessions);
  const [, old] = /^\^W \S+ 0 1000 (\d+)$/.exec(peer.welcome);
  assert.equal(old, "1");
  assert.deepEqual(log, ["1 a", "expired", "lost 1:one"]);
  assert.deepEqual(peer.heard.slice(2), []);
});

test("a server that has forgotten everything welcomes with another epoch (epoch without its offset)", () => {
  const place = new Place();
  place.enter(start().sessions, { behind: ["a"] });
  const { sessions, made } = start();
  const peer = place.enter(sessions, { received: 3 });
  assert.match(peer.welcome, /^\^W \S+ 0 120000$/);
  assert.ok(!peer.welcome.includes(place.epoch));
  assert.ok(!peer.welcome.includes(peer.life));
  assert.equal(made[0].origin, "replaced");
});

test("counters that the client has lost are a loss (serial not reset after a failed resume)", () => {
  const { sessions, log, made } = start();
  const place = new Place();
  const first = place.enter(sessions, { behind: ["a"] });
  for (const text of ["one", "two", "three"]) made[0].send(text);
  first.say("^A 2");
  const peer = place.enter(sessions, { received: 1 });
  assert.match(peer.welcome, /^\^W \S+ 0 120000 1$/);
  assert.deepEqual(log, ["1 a", "lost 3:three"]);
  assert.equal(made[1].send("again"), 1);
});

test("the message that a handler has when the session is forgotten counts as handled", async (t) => {
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
  const place = new Place();
  place.enter(sessions, { behind: ["a", "slow", "waits"] }).cut();
  tick(3000);
  assert.equal(sessions.size, 1, "it does not expire while it is busy");
  new Place("other").enter(sessions).cut();
  assert.deepEqual(log, ["1 a", "2 slow", "evicted"]);
  const peer = place.enter(sessions);
  assert.match(peer.welcome, / 0 1000 2$/);
  peer.say("^@ 1", "waits");
  assert.equal(log.includes("1 waits"), false, "not beside the handler of the epoch before");
  finish();
  await new Promise(setImmediate);
  assert.deepEqual(log.at(-1), "1 waits");
  assert.equal(made.length, 3);
});

test("traces are bounded, and the life is another one when some are forgotten", () => {
  const { sessions } = start({ maxSessions: 2 });
  const place = new Place("first");
  const { life } = place.enter(sessions, { behind: ["a"] });
  const lives = new Set();
  for (let i = 0; i < 20; ++i) {
    const peer = new Place(`n${i}`).enter(sessions);
    lives.add(peer.life);
    peer.say("^X");
  }
  assert.ok(lives.size > 1);
  assert.ok(lives.size < 10, "not with every session");
  assert.notEqual(connect(sessions).life, life);
  assert.match(
    place.enter(sessions).welcome,
    new RegExp(`^\\^W ${life} 1 `),
    "the session is kept",
  );
});

test("an ended session is not begun again by a late hello, only by a newer one, as another", () => {
  const { sessions, log, made } = start();
  const mine = new Place("mine");
  const { life } = mine.enter(sessions, { behind: ["a", "^X"] });
  const theirs = new Place("theirs");
  theirs.enter(sessions).cut();
  made[1].close("banned");
  for (const place of [mine, theirs]) {
    const late = connect(sessions);
    late.say(`^H ${place.id} ${life} 1 0`, "a");
    assert.match(late.end, /^4409 /);
    const next = connect(sessions);
    next.say(`^H ${place.id} ${life} 2 0`, "a");
    assert.match(next.heard[1], /^\^W \S+ 0 120000 [01]$/);
    assert.ok(!next.heard[1].includes(life));
  }
  assert.deepEqual(log, ["1 a", "ended", "closed"]);
});

test("a session that the client has ended is refused while its last messages are handled", () => {
  const { sessions } = start({
    onsession: (session) => {
      session.onmessage = () => new Promise(() => {});
    },
  });
  const place = new Place();
  place.enter(sessions, { behind: ["a", "^X"] }).cut();
  const next = place.enter(sessions);
  assert.equal(next.welcome, "^X the session has ended");
  assert.equal(next.end, "1000");
});

test("a forgotten session still belongs to its user", (t) => {
  const tick = freezeTime(t);
  const { sessions } = start({ ttl: 10 });
  const place = new Place();
  place.enter(sessions, { options: { user: "ann" } }).cut();
  tick(10);
  assert.equal(sessions.size, 0);
  assert.equal(place.enter(sessions, { options: { user: "eve" } }).welcome, "^X not authorized");
  assert.match(place.enter(sessions, { options: { user: "ann" } }).welcome, /^\^W/);
});

test("a session belongs to its user: somebody else's hello changes nothing", () => {
  const { sessions, log, made } = start();
  const place = new Place();
  const mine = place.enter(sessions, { options: { user: { name: "ann" } } });
  const theirs = connect(sessions, { user: { name: "eve" } });
  theirs.say(`^H ${place.id} ${place.epoch} 99 0`, "stolen");
  assert.deepEqual(theirs.heard.slice(1), ["^X not authorized"]);
  assert.equal(theirs.end, "1000");
  assert.equal(mine.end, undefined);
  assert.deepEqual(log, []);
  const again = place.enter(sessions, { options: { user: { name: "ann" } } });
  assert.match(again.welcome, /^\^W/);
  assert.equal(made.length, 1);
});

test("every hello is authorized, with the user of the connection (skipped on recovery)", () => {
  const asked = [];
  let answer = true;
  const errors = [];
  const { sessions, made } = start({
    onerror: (error) => errors.push(error.message),
    authorize: (user, session) => {
      asked.push([user, session.user]);
      return typeof answer === "function" ? answer() : answer;
    },
  });
  const place = new Place();
  place.enter(sessions, { options: { user: 1 } });
  place.enter(sessions, { options: { user: 2 } });
  assert.equal(made[0].user, 2);
  place.enter(sessions, { options: { user: 3 } });
  assert.deepEqual(asked, [
    [2, 1],
    [3, 2],
  ]);
  // A promise is no permission, nor is an error.
  for (answer of [false, Promise.resolve(true), () => assert.fail("broken")]) {
    const peer = place.enter(sessions, { options: { user: 4 } });
    assert.equal(peer.welcome, "^X not authorized");
  }
  assert.deepEqual(errors, ["broken"]);
  assert.equal(made[0].isConnected, true);
});

test("X of the client: what came before is handled, then the connection is closed with 1000", async () => {
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
  const peer = new Place().enter(sessions, { behind: ["a", "b", "^X done", "ignored"] });
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

test("close ends the session for the client, with the reason, and reports what is undelivered", () => {
  const { sessions, log, made } = start();
  const peer = new Place().enter(sessions);
  made[0].send("one");
  assert.throws(() => made[0].close("x".repeat(254)), RangeError);
  assert.equal(peer.end, undefined);
  made[0].close("too late, bye");
  made[0].close("again");
  assert.deepEqual(peer.heard.slice(4), ["^X too late, bye"]);
  assert.equal(peer.end, "1000");
  assert.deepEqual(log, ["closed 1:one"]);
});

test("a session that a handler closes handles nothing more", () => {
  const { sessions, log } = start({
    onsession: (session) => {
      const { onmessage } = session;
      session.onmessage = (data, number) => {
        onmessage(data, number);
        if (data === "quit") session.close();
      };
    },
  });
  const peer = new Place().enter(sessions, { behind: ["a", "quit", "c"] });
  assert.deepEqual(log, ["1 a", "2 quit", "closed"]);
  assert.equal(peer.end, "1000");
});

test("a close of the connection does not end the session, whatever its code", () => {
  const { sessions, log } = start();
  const place = new Place();
  const peer = place.enter(sessions, { behind: ["a"] });
  peer.emit("close", 1000, "");
  assert.equal(place.enter(sessions).welcome, `^W ${place.epoch} 1 120000`);
  assert.deepEqual(log, ["1 a"]);
});
