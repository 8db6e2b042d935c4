// Violations of the protocol by clients, and the limits on what a server keeps for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSessions } from "./package.mjs";
import { connect, freezeTime, idOf, start, TestClient } from "./peer.mjs";

const id = idOf("session");
const largest = Number.MAX_SAFE_INTEGER;

for (const [frame, reason] of [
  ["^H", "H: malformed id"],
  [`^H ${id}`, "H: malformed epoch"],
  [`^H ${id.slice(1)} e 1 0`, "H: malformed id"],
  [`^H ${id}x e 1 0`, "H: malformed id"],
  [`^H ${id.slice(1)}! e 1 0`, "H: malformed id"],
  [`^H ${id} ${"e".repeat(65)} 1 0`, "H: malformed epoch"],
  [`^H ${id} e/f 1 0`, "H: malformed epoch"],
  [`^H ${id}  1 0`, "H: malformed epoch"],
  [`^H ${id} e 01 0`, "H: malformed generation"],
  [`^H ${id} e -1 0`, "H: malformed generation"],
  [`^H ${id} e 1.5 0`, "H: malformed generation"],
  [`^H ${id} e 1e3 0`, "H: malformed generation"],
  [`^H ${id} e 9007199254740992 0`, "H: malformed generation"],
  [`^H ${id} e 1`, "H: malformed number"],
  [`^H ${id} e 1 x`, "H: malformed number"],
  ["^A 1", "A: sent before the hello"],
  ["^@ 1", "@: sent before the hello"],
  ["^? 1", "?: sent before the hello"],
  ["^! 1 2 3", "!: sent before the hello"],
  ["^W e 0 1", "W: only a server sends it"],
  ["^G 1 life", "G: only a server sends it"],
  ["^", "unknown control frame"],
  ["^Z 1", "unknown control frame"],
  ["^A1", "unknown control frame"],
  [`^X ${"x".repeat(254)}`, "control frame of more than 256 bytes"],
]) {
  test(`before the hello ${JSON.stringify(frame.slice(0, 40))} is refused: ${reason}`, () => {
    const { sessions, made } = start();
    const peer = connect(sessions);
    peer.sendFrames(frame);
    assert.equal(peer.end, `4400 ${reason}`);
    assert.deepEqual(made, []);
  });
}

for (const [frame, reason] of [
  [`^H ${id} e 2 0`, "H: sent twice"],
  ["^A 2", "A: number was never sent"],
  [`^A ${largest}`, "A: number was never sent"],
  ["^A", "A: malformed number"],
  ["^A  1", "A: malformed number"],
  ["^A +1", "A: malformed number"],
  ["^@ 0", "@: malformed number"],
  ["^@ -1", "@: malformed number"],
  ["^? x", "?: malformed number"],
  ["^! 1 2", "!: malformed number"],
  [`^A 1 ${"x".repeat(252)}`, "control frame of more than 256 bytes"],
  [`^X ${"é".repeat(127)}`, "control frame of more than 256 bytes"],
]) {
  test(`in a session ${JSON.stringify(frame.slice(0, 40))} is refused and the session kept: ${reason}`, () => {
    const { sessions, log, made } = start();
    const client = new TestClient();
    const peer = client.connect(sessions, { send: ["a"] });
    made[0].send("one");
    peer.sendFrames(frame, "late");
    assert.equal(peer.end, `4400 ${reason}`);
    assert.equal(made[0].isConnected, false);
    const again = client.connect(sessions);
    assert.equal(again.welcome, `^W ${client.epoch} 1 120000`);
    assert.deepEqual(again.frames.slice(2), ["^@ 1", "one"]);
    assert.deepEqual(log, ["1 a"]);
  });
}

test("a hello with a number that was never sent is refused and has no effect", () => {
  const { sessions, made } = start();
  const client = new TestClient();
  const first = client.connect(sessions);
  made[0].send("one");
  const bad = connect(sessions);
  bad.sendFrames(`^H ${client.id} ${client.epoch} 9 2`);
  assert.equal(bad.end, "4400 H: number was never sent");
  assert.equal(first.end, undefined);
  first.cut();
  // A message sent without a connection has not been transmitted yet.
  made[0].send("two");
  const early = connect(sessions);
  early.sendFrames(`^H ${client.id} ${client.epoch} 9 2`);
  assert.equal(early.end, "4400 H: number was never sent");
  assert.match(client.connect(sessions).welcome, /^\^W/);
});

test("further fields of a control frame are ignored", () => {
  const { sessions, log } = start();
  const peer = connect(sessions);
  peer.sendFrames(`^H ${id} ${peer.life} 1 0 more and more`, "^@ 2 x", "b", "^? 1 x", "^A 0 ");
  assert.equal(peer.end, undefined);
  assert.deepEqual(log, ["2 b"]);
  assert.equal(peer.frames.length, 3);
});

test("numbers are exact up to 2^53 - 1, and higher ones are refused", () => {
  const { sessions, log } = start();
  const peer = new TestClient().connect(sessions, { send: [`^@ ${largest - 1}`, "a", "b"] });
  assert.deepEqual(log, [`${largest - 1} a`, `${largest} b`]);
  peer.sendFrames("^? 1");
  assert.match(peer.frames.at(-1), new RegExp(`^\\^! 1 ${largest} `));
  peer.sendFrames("c");
  assert.equal(peer.end, "4400 number too large");
});

const never = (session) => {
  session.onmessage = () => new Promise(() => {});
};

test("a client may have at most 1000 unacknowledged messages", () => {
  const { sessions } = start({ onsession: never });
  const client = new TestClient();
  const peer = client.connect(sessions, { send: Array(1000).fill("m") });
  assert.equal(peer.end, undefined);
  peer.sendFrames("m");
  assert.equal(peer.end, "4400 window exceeded");
  const again = client.connect(sessions, { send: ["^@ 1", ...Array(1000).fill("m")] });
  assert.equal(again.end, undefined);
});

test("a client may have 1 MiB unacknowledged, or one larger message", () => {
  const { sessions } = start({ onsession: never });
  const large = "x".repeat(2 << 20);
  const peer = new TestClient().connect(sessions, { send: [large] });
  assert.equal(peer.end, undefined);
  peer.sendFrames("m");
  assert.equal(peer.end, "4400 window exceeded");
});

test("acknowledged messages do not count towards the window", () => {
  const { sessions, log } = start();
  const texts = Array(5000).fill("x".repeat(1000));
  const peer = new TestClient().connect(sessions, { send: texts });
  assert.equal(peer.end, undefined);
  assert.equal(log.length, 5000);
});

for (const [unit, options, texts] of [
  ["messages", { maxMessages: 3 }, ["a", "b", "c", "d"]],
  ["bytes", { maxBytes: 10 }, ["aaaaa", "bbbbb", "c"]],
]) {
  test(`above the limit of ${unit} the whole session is lost and reported (silent eviction)`, () => {
    const { sessions, log, made } = start(options);
    const client = new TestClient();
    const peer = client.connect(sessions);
    for (const text of texts.slice(0, -1)) made[0].send(text);
    assert.deepEqual(log, []);
    made[0].send(texts.at(-1));
    assert.deepEqual(log, [`overflow ${texts.map((text, i) => `${i + 1}:${text}`).join(" ")}`]);
    assert.equal(peer.end, "1011 session overflow");
    assert.match(client.connect(sessions).welcome, / 0 120000 0$/);
    assert.equal(made[1].origin, "replaced");
  });
}

test("volatile messages do not count towards the limits", () => {
  const { sessions, log, made } = start({ maxMessages: 2, maxBytes: 10 });
  new TestClient().connect(sessions);
  made[0].send("aaaaa");
  for (let i = 0; i < 10; ++i) made[0].send("x".repeat(100), { volatile: true });
  made[0].send("bbbbb");
  assert.deepEqual(log, []);
  made[0].send("c");
  assert.deepEqual(log, ["overflow 1:aaaaa 12:bbbbb 13:c"]);
});

test("a single message may exceed the limit of bytes", () => {
  const { sessions, log, made } = start({ maxBytes: 10 });
  const peer = new TestClient().connect(sessions);
  made[0].send("x".repeat(100));
  peer.sendFrames("^A 1");
  made[0].send(new Uint8Array(100));
  assert.deepEqual(log, []);
});

test("above maxSessions the longest disconnected session is evicted; if all are connected, 1013", () => {
  const { sessions, log, made } = start({ maxSessions: 2 });
  const [a, b, c] = ["a", "b", "c"].map((name) => new TestClient(name));
  a.connect(sessions).cut();
  b.connect(sessions).cut();
  a.connect(sessions).cut();
  made[1].send("one");
  const third = c.connect(sessions);
  assert.deepEqual(log, ["evicted 1:one"]);
  assert.match(third.welcome, /^\^W/);
  a.connect(sessions);
  const refused = b.connect(sessions);
  assert.equal(refused.end, "1013 too many sessions");
  third.cut();
  assert.match(b.connect(sessions).welcome, / 0 120000 0$/);
  assert.equal(sessions.size, 2);
});

test("an expired session is removed with its timers", (t) => {
  const tick = freezeTime(t);
  const { sessions, log } = start({ ttl: 500 });
  for (let i = 0; i < 50; ++i) new TestClient(`n${i}`).connect(sessions).cut();
  assert.equal(sessions.size, 50);
  tick(500);
  assert.equal(sessions.size, 0);
  assert.deepEqual(log, Array(50).fill("expired"));
});

test("options are checked", () => {
  const onsession = () => {};
  assert.throws(() => createSessions({}), TypeError);
  assert.throws(() => createSessions({ onsession, ttll: 1 }), /unknown option: ttll/);
  for (const bad of [
    { ttl: -1 },
    { ttl: 2 ** 31 },
    { ttl: Number.NaN },
    { maxMessages: 0 },
    { maxMessages: 1.5 },
    { maxBytes: 0 },
    { maxSessions: Number.POSITIVE_INFINITY },
    { maxSessions: "9" },
  ]) {
    assert.throws(() => createSessions({ onsession, ...bad }), RangeError);
  }
});
