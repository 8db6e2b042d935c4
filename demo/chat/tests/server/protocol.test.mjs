// Violations of the protocol, and arrays of clients that offer them.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { ChatClient } from "../support/client.mjs";
import { serveChat } from "../support/server.mjs";

const nested = (depth, inner) => "[".repeat(depth) + inner + "]".repeat(depth);
const key = "0123456789abcdef";
const types = "join, rename, chat-message, private-message, ping";
const wrong = `expected a JSON object with a type: ${types}`;

const malformed = {
  "JSON that breaks off": "{",
  "an array from a client that has not offered it": '[{"type":"ping"}]',
  "64 KB of [": "[".repeat(65_536),
  "arrays 30,000 deep": nested(30_000, ""),
  "an object 10,000 deep": `{"type":"chat-message","message":${nested(10_000, "1")}}`,
  "an object without a type": "{}",
  "a type that is not a string": '{"type":7}',
  "an unknown type": '{"type":"shutdown"}',
  "a type that every object has": '{"type":"constructor"}',
  "__proto__ as a type": '{"type":"__proto__"}',
  "__proto__ in place of the members": '{"__proto__":{"type":"ping"}}',
  "a name that is not a string": '{"type":"join","userName":["Ann"]}',
  "a key that is too short": '{"type":"join","userName":"Ann","key":"short"}',
  "a key that is too long": `{"type":"join","userName":"Ann","key":"${"k".repeat(65)}"}`,
  "a since that is not a string": '{"type":"join","userName":"Ann","since":5}',
  "an id that is not a string": '{"type":"ping","id":{}}',
  "an id that is too long": `{"type":"ping","id":"${"i".repeat(65)}"}`,
  "an id with an unpaired surrogate": '{"type":"ping","id":"\\ud83d"}',
  "a message that is not a string": '{"type":"chat-message","message":null}',
  "a private message to an object": '{"type":"private-message","to":{},"message":"x"}',
};

for (const [what, frame] of Object.entries(malformed)) {
  test(`${what} is an error without other effects`, async (t) => {
    const server = await serveChat(t);
    const ann = await ChatClient.join(t, server, "Ann");
    const other = await ChatClient.connect(t, server);
    other.send(frame);
    const { error } = await other.receives("error");
    assert.equal(error.code, "malformed");
    assert.ok(error.message.length < 200);
    assert.equal((await other.ask({ type: "join", userName: "Other", key })).type, "welcome");
    assert.equal((await ann.says("still here")).type, "accepted");
  });
}

test("a binary frame is an error without other effects", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  ann.socket.send(Buffer.from([0, 255]));
  const { error } = await ann.receives("error");
  assert.deepEqual(error, { code: "malformed", message: "binary frames are not supported" });
  assert.equal((await ann.says("still here")).type, "accepted");
});

test("an error has the id of its request, if there is one", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.connect(t, server);
  assert.deepEqual(await ann.ask({ type: "shout", id: "7" }), {
    type: "error",
    id: "7",
    error: { code: "malformed", message: wrong },
  });
  for (const type of ["chat-message", "private-message", "rename"]) {
    const { error } = await ann.ask({ type, message: "hi", to: "Bob", userName: "Ann" });
    assert.deepEqual(error, { code: "not_joined", message: "send join first" });
  }
  ann.send("hello");
  assert.equal((await ann.receives(({ id }) => id === undefined)).error.code, "not_joined");
});

test("unknown members are ignored", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.connect(t, server);
  ann.send(
    '{"type":"join","userName":"Ann","isAdmin":true,"__proto__":{"key":7},"constructor":null}',
  );
  const { user } = await ann.receives("welcome");
  assert.deepEqual(Object.keys(user), ["id", "userName"]);
});

test("a ping is answered at any time, with its id", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.connect(t, server);
  ann.send({ type: "ping" });
  assert.deepEqual(await ann.receives("pong"), { type: "pong" });
  assert.deepEqual(await ann.ask({ type: "ping", id: "p" }), { type: "pong", id: "p" });
});

test("only clients that offer chat.batch use arrays", async (t) => {
  const server = await serveChat(t);
  const single = await ChatClient.join(t, server, "Single");
  assert.equal(single.socket.protocol, "");
  const batched = await ChatClient.connect(t, server, { protocols: ["other", "chat.batch"] });
  assert.equal(batched.socket.protocol, "chat.batch");
  const frames = [];
  batched.socket.on("message", (data) => frames.push(JSON.parse(data)));

  const chats = ["a", "b"].map((message) => ({ type: "chat-message", message }));
  batched.send([{ type: "join", userName: "Batched" }, ...chats, [], null]);
  await batched.receivesTexts(2);
  batched.send({ type: "chat-message", message: "c" });
  await batched.receivesTexts(3);
  const types = batched.received.map(({ type }) => type);
  assert.deepEqual(types.filter((type) => type === "error").length, 2);
  assert.deepEqual(batched.texts, ["a", "b", "c"]);
  assert.ok(frames.some((frame) => Array.isArray(frame) && frame.length > 1));
  assert.ok(!Array.isArray(frames.at(-1)));
  await single.receivesTexts(3);
  assert.deepEqual(single.texts, ["a", "b", "c"]);

  for (const frame of [[], Array(65).fill({ type: "ping" })]) {
    batched.forget();
    batched.send(frame);
    const { error } = await batched.receives("error");
    assert.deepEqual(error, { code: "malformed", message: "an array has 1 to 64 messages" });
  }
  batched.forget();
  batched.send(Array(64).fill({ type: "ping" }));
  await batched.receives("pong");
});

test("the server survives malformed HTTP requests", async (t) => {
  const server = await serveChat(t);
  const send = (text) =>
    new Promise((resolve) => {
      const connection = connect(server.port, "127.0.0.1");
      connection.on("error", () => {});
      connection.on("close", resolve);
      connection.resume();
      connection.write(text);
    });
  const upgrade = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  await send("GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await send(`GET // HTTP/1.1\r\n${upgrade}`);
  await send(`GET http://[ HTTP/1.1\r\n${upgrade}`);
  await send(`GET /chat HTTP/1.1\r\n${upgrade}`);
  await send("\0\0\0\0\r\n\r\n");
  assert.equal((await fetch(`http://127.0.0.1:${server.port}/`)).status, 200);
});

test("a frame that violates RFC 6455 ends its connection only", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const other = await ChatClient.join(t, server, "Other");
  // A text frame, not masked, and not UTF-8 (RFC 6455 5.1, 8.1).
  other.socket._socket.write(Buffer.from([0x81, 0x01, 0xff]));
  assert.equal((await other.closed).code, 1002);
  assert.equal((await ann.says("still here")).type, "accepted");
});
