// Messages, their recipients, and the replies.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ChatClient } from "../support/client.mjs";
import { serveChat } from "../support/server.mjs";

test("a message is accepted, and sent to all with author and time", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const accepted = await ann.says("hello", "m1");
  assert.equal(accepted.type, "accepted");
  const published = await bob.receivesText("hello");
  assert.deepEqual(published, {
    type: "chat-message",
    position: accepted.position,
    time: accepted.time,
    from: ann.welcome.user,
    message: "hello",
  });
  assert.deepEqual(await ann.receivesText("hello"), { ...published, ref: "m1" });
});

test("a message without an id is published and not answered", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  ann.send({ type: "chat-message", message: "hello" });
  assert.ok(!("ref" in (await ann.receivesText("hello"))));
  await ann.says("next", "m2");
  const accepted = ann.received.filter(({ type }) => type === "accepted");
  assert.deepEqual(
    accepted.map(({ id }) => id),
    ["m2"],
  );
});

test("text that is not JSON is a message", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  for (const text of ["hello", "42", "null", '"quoted"', " {}"]) ann.send(text);
  await ann.receivesTexts(5);
  assert.deepEqual(ann.texts, ["hello", "42", "null", '"quoted"', "{}"]);
});

test("a private message is sent to sender and recipient, by id and by name", async (t) => {
  const server = await serveChat(t);
  const [ann, bob, carl] = await Promise.all(
    ["Ann", "Bob", "Carl"].map((name) => ChatClient.join(t, server, name)),
  );
  for (const to of [bob.welcome.user.id, "Bob", " bOB"]) {
    const { position, time, id } = await ann.ask({ type: "private-message", to, message: "psst" });
    const published = {
      type: "private-message",
      position,
      time,
      from: ann.welcome.user,
      to: bob.welcome.user,
      message: "psst",
    };
    assert.deepEqual(await bob.receives("private-message"), published);
    assert.deepEqual(await ann.receives("private-message"), { ...published, ref: id });
  }
  await ann.says("done");
  await carl.receivesText("done");
  assert.ok(carl.received.every(({ type }) => type !== "private-message"));
});

test("a private message to oneself is sent once", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  await ann.ask({ type: "private-message", to: "Ann", message: "remember the milk" });
  await ann.says("done");
  await ann.receivesText("done");
  assert.equal(ann.received.filter(({ type }) => type === "private-message").length, 1);
});

test("a private message to an unknown user is rejected", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const { error } = await ann.ask({ type: "private-message", to: "Zoe", message: "psst" });
  assert.equal(error.code, "no_such_user");
});

test("an accepted private message is accepted again after its recipient has left", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const message = { type: "private-message", id: "p1", to: "Bob", message: "psst" };
  const first = await ann.ask(message);
  bob.socket.close(1000);
  await ann.receives("user-leave");
  ann.forget();
  assert.deepEqual(await ann.ask(message), first);
});

test("lines, emoji and 2000 characters arrive as they were written", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const texts = [
    "one\n\n  two\tthree",
    "👩‍👩‍👧‍👦 🏳️‍🌈 é שלום مرحبا 你好",
    "x".repeat(2000),
    "😀".repeat(1000),
    "<img src=x onerror=alert(1)>",
    'a "quote" \\ and {"type":"join"}',
  ];
  for (const text of texts) assert.equal((await ann.says(text)).type, "accepted");
  await bob.receivesTexts(texts.length);
  assert.deepEqual(bob.texts, texts);
});

test("invisible characters and those that change the direction of a line are removed", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, " A\u202en\u200bn\u0000\n2 ");
  assert.equal(ann.welcome.user.userName, "Ann 2");
  ann.send(" a\u202eb\u2066c\u0007d\ufeff\r\ne\rf\u2028g\u0085h ");
  await ann.receivesTexts(1);
  assert.deepEqual(ann.texts, ["abcd\ne\nf\ng\nh"]);
});

test("empty, too long and malformed text is rejected with the reason", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.connect(t, server);
  const tooLong = "x".repeat(33);
  for (const userName of [
    "",
    " ",
    "\u200b",
    "\u3164",
    "\u2800",
    "\ufff9",
    "\u00ad\u034f",
    tooLong,
    "x".repeat(60_000),
    "A\ud83d",
  ]) {
    const { error } = await ann.ask({ type: "join", userName });
    assert.equal(error.code, "bad_name");
    assert.match(error.message, /^a name has 1 to 32 characters$/);
  }
  await ann.ask({ type: "join", userName: "x".repeat(32) });
  assert.equal((await ann.ask({ type: "rename", userName: tooLong })).error.code, "bad_name");
  for (const message of ["", "\n", "\u2060", "x".repeat(2001), "x".repeat(60_000), "\udc00!"]) {
    const { error } = await ann.says(message);
    assert.equal(error.code, "bad_message");
    assert.match(error.message, /^a message has 1 to 2000 characters$/);
  }
  ann.send("");
  assert.equal(
    (await ann.receives(({ id, type }) => type === "error" && !id)).error.code,
    "bad_message",
  );
});

test("several messages in flight are accepted and published in order", async (t) => {
  const server = await serveChat(t, { rate: 100_000, burst: 100_000 });
  const ann = await ChatClient.join(t, server, "Ann");
  const texts = Array.from({ length: 500 }, (_, index) => `${index}`);
  await Promise.all(texts.map((text) => ann.says(text, `m${text}`)));
  await ann.receivesTexts(500);
  assert.deepEqual(ann.texts, texts);
  const accepted = ann.received.filter(({ type }) => type === "accepted").map(({ id }) => id);
  assert.deepEqual(
    accepted,
    texts.map((text) => `m${text}`),
  );
});

test("messages in the frame of the join or after it wait for the join", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.connect(t, server, { protocols: ["chat.batch"] });
  const chats = ["one", "two"].map((message) => ({ type: "chat-message", message }));
  ann.send([{ type: "join", userName: "Ann" }, ...chats, { type: "rename", userName: "Anna" }]);
  ann.send("three");
  await ann.receivesTexts(3);
  assert.deepEqual(ann.texts, ["one", "two", "three"]);
  const authors = ann.received.filter(({ from }) => from).map(({ from }) => from.userName);
  assert.deepEqual(authors, ["Ann", "Ann", "Anna"]);
});

test("a message with the same id is published once, and accepted with the same position", async (t) => {
  const server = await serveChat(t);
  const ann = await ChatClient.join(t, server, "Ann");
  const bob = await ChatClient.join(t, server, "Bob");
  const frames = ["m1", "m1", "m2", "m1"].map((id) =>
    JSON.stringify({ type: "chat-message", id, message: `text of ${id}` }),
  );
  for (const frame of frames) ann.send(frame);
  // Its answer is the last: messages written together are published before the answers.
  await ann.says("end", "m3");
  const accepted = ann.received.filter(({ type }) => type === "accepted");
  assert.deepEqual(
    accepted.map(({ id }) => id),
    ["m1", "m1", "m2", "m1", "m3"],
  );
  assert.deepEqual(accepted[1], accepted[0]);
  assert.deepEqual(accepted[3], accepted[0]);
  // Ids belong to an author: they conflict with no other author's.
  assert.equal((await bob.says("of Bob", "m1")).type, "accepted");
  await bob.receivesText("of Bob");
  assert.deepEqual(bob.texts, ["text of m1", "text of m2", "end", "of Bob"]);
  assert.ok(bob.received.every(({ ref, message }) => ref === undefined || message === "of Bob"));
});
