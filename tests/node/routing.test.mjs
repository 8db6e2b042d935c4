import assert from "node:assert/strict";
import { test } from "node:test";
import { newSeed, seeded } from "../support/random.mjs";
import { next, record } from "../support/sockets.mjs";
import { JsonTexts, typeOf } from "./json-texts.mjs";
import { openStub } from "./stub.mjs";

test("every message is dispatched by its type, by the last of duplicates, whatever came before", async (t) => {
  const seed = newSeed();
  const below = seeded(seed);
  const texts = new JsonTexts(below);
  const { socket, stub } = await openStub(t);
  let received;
  for (const type of ["chat", "", 'a"b', "é日本😀"]) {
    socket.on(type, (payload) => received.push([type, payload]));
  }
  const types = ["chat", "", 'a"b', "é日本😀", "type", "\\", "chatter"];
  const makers = [
    () => texts.object(2),
    () => {
      const type = JSON.stringify(texts.pick(types));
      const space = texts.pick(["", " "]);
      const rest = texts.pick(["", ',"type":"chat"', ',"n":1', `,"text":"${"x".repeat(1000)}"`]);
      return { text: `{"type":${space}${type}${rest}}`, members: [['"type"', type]] };
    },
    () => {
      const type = JSON.stringify(texts.pick(types));
      return { text: `{"id":${below(3)},"type":${type}}`, members: [['"type"', type]] };
    },
    () => {
      const type = JSON.stringify(texts.pick(types));
      const before = texts.pick([
        "",
        `"text":"${"x".repeat(below(900))}",`,
        '"list":[{"type":"chat"}],',
      ]);
      const key = texts.pick(['"type"', '"type"', '"t\\u0079pe"']);
      const members = [[key, type]];
      const again = texts.pick([[], [], ['"type"', '"chat"'], ['"typ\\u0065"', '"chat"']]);
      if (again.length > 0) members.push(again);
      const all = members.map((member) => member.join(":")).join();
      return { text: `{${before}"id":${below(1e6)},${all}}`, members };
    },
  ];
  for (let i = 0; i < 100_000; ++i) {
    // Runs of similar messages, so that what the router has learned about them is used.
    const maker = makers[(i >> 4) % makers.length];
    const { text, members } = maker();
    received = [];
    stub.deliver(text);
    const first = typeOf(members, "type");
    const whole = JSON.parse(text);
    const last = typeof whole.type === "string" ? whole.type : undefined;
    const hasHandler = (type) => types.slice(0, 4).includes(type);
    const expected = hasHandler(last) ? [[last, whole]] : [];
    // If the first type has no handler, the message may be skipped without parsing it.
    const isSkipped = first !== last && !hasHandler(first) && received.length === 0;
    assert.deepEqual(received, isSkipped ? [] : expected, `SEED=${seed}, message ${i}: ${text}`);
  }
});

test("a member whose name is a number does not match an element of an array", async (t) => {
  const { socket, stub } = await openStub(t, { typeMember: "0" });
  const received = [];
  socket.on("a", (payload) => received.push(payload.n));
  for (const text of ['{"n":1,"0":"a"}', '["a"]', '["a","0"]', '"a"', '{"n":2,"0":"a"}']) {
    stub.deliver(text);
  }
  assert.deepEqual(received, [1, 2]);
});

test("a message that is cut off within its type has no type", async (t) => {
  const { socket, stub } = await openStub(t);
  socket.on("chat", () => assert.fail("it is not JSON"));
  const lines = record(socket);
  for (let length = 0; length < 15; ++length) stub.deliver('{"type":"chatx"'.slice(0, length));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(
    lines.filter((line) => line.startsWith("error")),
    [],
  );
});

test("a message without a handler is not parsed", async (t) => {
  const { socket, stub } = await openStub(t);
  const received = [];
  socket.on("a", (payload) => received.push(payload.n));
  const lines = record(socket);
  t.mock.method(JSON, "parse");
  const long = "x".repeat(10_000);
  for (let n = 0; n < 10; ++n) stub.deliver(`{"type":"b","n":${n},"text":"${long}"}`);
  assert.equal(JSON.parse.mock.callCount(), 0);
  stub.deliver('{"type":"a","n":1}');
  assert.deepEqual(received, [1]);
  assert.equal(lines.filter((line) => line.startsWith("message")).length, 11);
});

test("a JSON Pointer can refer to a nested member, and to an element of an array", async (t) => {
  const { socket, stub } = await openStub(t, { typeMember: "/header/type" });
  const received = [];
  socket.on("a", (payload) => received.push(payload.n));
  for (let n = 0; n < 5; ++n) stub.deliver(`{"header":{"id":7,"type":"a"},"n":${n}}`);
  stub.deliver('{"type":"a","/header/type":"a","n":9}');
  assert.deepEqual(received, [0, 1, 2, 3, 4]);

  const phoenix = await openStub(t, { typeMember: "/3" });
  phoenix.socket.on("new_msg", ([, , topic]) => received.push(topic));
  phoenix.stub.deliver('[null,"1","room:lobby","new_msg",{"body":"hi"}]');
  assert.equal(received.at(-1), "room:lobby");
});

test("a message that is not JSON is reported only if it has a handler", async (t) => {
  const { socket, stub } = await openStub(t);
  const received = [];
  socket.on("a", (payload) => received.push(payload.n));
  const lines = record(socket);
  for (const text of ["x", '{"type":"b", no', "", '{"type":"a" no', '{"type":"a","n":1}']) {
    stub.deliver(text);
  }
  assert.deepEqual(received, [1]);
  assert.deepEqual(
    lines.filter((line) => line.startsWith("error")),
    ["error malformed_message"],
  );
  assert.equal(socket.state, "open");
});

test("the error for a message or a batch that is not JSON quotes only its beginning", async (t) => {
  const { socket, stub } = await openStub(t, { batch: true });
  socket.on("a", () => assert.fail("it is not JSON"));
  const messages = [];
  socket.addEventListener("error", ({ message }) => messages.push(message));
  const head = '{"type":"a","text":"';
  const fill = "x".repeat(99 - head.length);
  // An emoji at the end is not split.
  const texts = ['{"type":"a", oops', `${head}${fill}.${"secret".repeat(9)}`, `${head}${fill}😀.`];
  for (const text of [...texts, `[1,${" ".repeat(200)}`]) stub.deliver(text);
  await next(socket, "error");
  const what = "a received message is not JSON:";
  assert.deepEqual(messages, [
    `${what} {"type":"a", oops`,
    `${what} ${head}${fill}.…`,
    `${what} ${head}${fill}…`,
    `a received batch is not a JSON array: [1,${" ".repeat(97)}…`,
  ]);
});

test("handlers can be added and removed between messages of their type", async (t) => {
  const { socket, stub } = await openStub(t);
  const received = [];
  const deliver = () => {
    received.length = 0;
    stub.deliver('{"type":"a"}');
    return received.join(" ");
  };
  const endFirst = socket.on("a", () => received.push("first"));
  assert.equal(deliver(), "first");
  socket.once("a", () => received.push("once"));
  assert.equal(deliver(), "first once");
  assert.equal(deliver(), "first");
  const endAny = socket.on("*", () => received.push("any"));
  assert.equal(deliver(), "first any");
  endFirst();
  assert.equal(deliver(), "any");
  endAny();
  assert.equal(deliver(), "");
  socket.on("a", () => received.push("again"));
  assert.equal(deliver(), "again");
});
