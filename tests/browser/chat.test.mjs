// The story of the README, played on the demo page: join, chat, kill the server, go on typing,
// start it again.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { test } from "node:test";
import WebSocket from "ws";
import { openPage, refusedConnection } from "../support/browser.mjs";
import { ChatServer, Person, serverScript } from "../support/chat.mjs";

test("two people chat, the server is killed, they go on typing, and everything arrives in order", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", { viewport: { width: 390, height: 760 } });
  const bob = await Person.join(t, server, "Bob", { colorScheme: "dark" });
  await ann.sees("Bob joined.");
  assert.equal(await ann.page.locator("#online").textContent(), "2 online");
  assert.equal(await ann.page.locator("#status").textContent(), "Connected");

  await ann.says("hello Bob");
  await bob.hasHeard("hello Bob");
  await bob.says("hello Ann");
  await ann.hasHeard("hello Ann");
  assert.equal(await bob.page.locator("#messages li.mine .delivery").textContent(), "✓ sent");
  assert.match(await ann.page.locator("#messages .meta time").first().textContent(), /\d:\d\d/);
  await ann.screenshot("chat-phone");
  await bob.screenshot("chat-desktop-dark");

  for (const { page } of [ann, bob]) page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await bob.isIn("waiting");
  const typed = ["one", "two", "three", "four", "five"];
  for (const text of typed) await ann.says(text);
  const frames = [];
  ann.page.on("websocket", (webSocket) => {
    webSocket.on("framesent", ({ payload }) => frames.push(JSON.parse(payload)));
  });
  assert.deepEqual(await ann.waiting(), typed);
  await ann.page.locator("#status", { hasText: "Reconnecting" }).waitFor();
  await ann.page.locator("#notice", { hasText: /Next attempt in \d+ s/ }).waitFor();
  await ann.screenshot("waiting-phone");

  await server.restart();
  await ann.isIn("open");
  await ann.hasHeard("five");
  assert.deepEqual(await ann.waiting(), []);
  assert.deepEqual(await ann.texts(), ["hello Bob", "hello Ann", ...typed]);
  // What waited left in one frame.
  const batch = frames.find((frame) => Array.isArray(frame));
  assert.deepEqual(
    batch.filter(({ type }) => type === "chat").map(({ message }) => message),
    typed,
  );
  // Whoever is back first: the server tells the other what was said meanwhile.
  await bob.hasHeard("five");
  assert.deepEqual(await bob.texts(), ["hello Bob", "hello Ann", ...typed]);
  await ann.screenshot("back-phone");
  await bob.screenshot("back-desktop-dark");
});

test("a server that says goodbye is named, and who comes later is told what was said", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  ann.page.expected.push(refusedConnection);
  // It is there until the next attempt, which may be soon.
  await ann.page.evaluate(() => {
    const notice = document.getElementById("notice");
    globalThis.reasonWasShown = new Promise((resolve) => {
      const look = () =>
        notice.textContent.startsWith("No connection: the server stops.") && resolve();
      new MutationObserver(look).observe(notice, { childList: true });
    });
  });
  await server.kill("SIGTERM");
  await ann.page.evaluate(() => globalThis.reasonWasShown);
  await ann.says("first");
  await server.restart();
  await ann.hasHeard("first");
  await ann.says("second");
  const bob = await Person.join(t, server, "Bob");
  await bob.hasHeard("second");
  assert.deepEqual(await bob.texts(), ["first", "second"]);
  // A connection that ends while the server lives shows nothing twice.
  await ann.page.getByRole("button", { name: "Disconnect" }).click();
  await ann.isIn("closed");
  await bob.says("third");
  await ann.page.getByRole("button", { name: "Connect" }).click();
  await ann.hasHeard("third");
  assert.deepEqual(await ann.texts(), ["first", "second", "third"]);
});

test("text is text, whatever it looks like", async (t) => {
  const server = await ChatServer.start(t);
  const evil = "<img src=x onerror=alert(1)>";
  const ann = await Person.join(t, server, evil);
  const bob = await Person.join(t, server, "Bob");
  await bob.says(`${evil}<script>alert(1)</script>`);
  await ann.hasHeard(evil);
  await ann.says(evil);
  await bob.hasHeard(evil);
  for (const { page } of [ann, bob]) {
    assert.equal(await page.locator("main img, main script").count(), 0);
  }
});

test("Disconnect and Connect, and leaving is noticed", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const bob = await Person.join(t, server, "Bob");
  await ann.sees("Bob joined.");
  await bob.page.getByRole("button", { name: "Disconnect" }).click();
  await bob.isIn("closed");
  assert.equal(await bob.page.locator("#status").textContent(), "Disconnected");
  await ann.sees("Bob left.");
  assert.equal(await ann.page.locator("#online").textContent(), "1 online");
  assert.ok(await bob.page.getByLabel("Message").isDisabled());
  await bob.screenshot("disconnected-desktop");
  await bob.page.getByRole("button", { name: "Connect" }).click();
  await bob.sees("Welcome back, Bob.");
  await bob.page.close();
  await ann.sees("Bob left.");
});

test("the page is served with a strict policy, and only to its own origin", async (t) => {
  const server = await ChatServer.start(t);
  const site = `http://127.0.0.1:${server.port}/`;
  const response = await fetch(site);
  const policy = response.headers.get("content-security-policy");
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self' 'wasm-unsafe-eval'(;|$)/);
  assert.match(policy, /connect-src 'self'(;|$)/);
  assert.equal((await fetch(`${site}../package.json`)).status, 404);
  assert.equal((await fetch(`${site}constructor`)).status, 404);
  assert.equal((await fetch(site, { method: "POST" })).status, 405);

  const url = `ws://127.0.0.1:${server.port}/chat`;
  const forged = { origin: "http://evil.test", headers: { Host: "evil.test" } };
  for (const options of [
    { origin: "http://evil.test" },
    { origin: "null" },
    { origin: "garbage" },
    forged,
  ]) {
    const foreign = new WebSocket(url, options);
    const [error] = await once(foreign, "error");
    assert.match(error.message, /403/);
  }
});

test("the server survives what is not its protocol, and tells what is wrong", async (t) => {
  const server = await ChatServer.start(t);
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/chat`);
  t.after(() => socket.terminate());
  await once(socket, "open");
  for (const data of ["", "{", "null", "[]", "42", '{"type":"__proto__"}', Buffer.from([0, 255])]) {
    socket.send(data);
    const [answer] = await once(socket, "message");
    assert.equal(JSON.parse(answer).type, "error");
  }
  socket.send('{"type":"chat","ref":"7","message":"hi"}');
  const [early] = await once(socket, "message");
  assert.deepEqual(JSON.parse(early), { type: "error", reason: "join first", ref: "7" });
  socket.send(JSON.stringify({ type: "join", userName: "x".repeat(33) }));
  const [code] = await once(socket, "close");
  assert.equal(code, 1008);

  const large = new WebSocket(`ws://127.0.0.1:${server.port}/chat`);
  await once(large, "open");
  large.send("x".repeat(20_000));
  assert.equal((await once(large, "close"))[0], 1009);
  const ann = await Person.join(t, server, "Ann");
  await ann.says("still here");
  await ann.hasHeard("still here");
});

test("whoever offers chat.batch talks in arrays, and nobody else", async (t) => {
  const server = await ChatServer.start(t);
  const open = async (protocols) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/chat`, protocols);
    t.after(() => socket.terminate());
    await once(socket, "open");
    return socket;
  };
  const hears = async (socket) => JSON.parse((await once(socket, "message"))[0]);
  const said = (frame) => frame.map(({ type, message, reason }) => message ?? reason ?? type);
  const chats = ["a", "b"].map((message) => ({ type: "chat", message }));

  const single = await open([]);
  assert.equal(single.protocol, "");
  single.send('{"type":"join","userName":"Single"}');
  assert.equal((await hears(single)).type, "welcome");
  single.send(JSON.stringify(chats));
  assert.equal((await hears(single)).type, "error");

  const batched = await open(["other", "chat.batch"]);
  assert.equal(batched.protocol, "chat.batch");
  const alone = hears(single);
  batched.send(JSON.stringify([{ type: "join", userName: "Batched" }, ...chats, [], null]));
  const wrong = "expected a JSON object of type join, chat or ping";
  assert.deepEqual(said(await hears(batched)), ["welcome", "a", "b", wrong, wrong]);
  assert.equal((await alone).type, "user-join");
  batched.send(JSON.stringify(chats[0]));
  assert.equal((await hears(batched)).message, "a");
  batched.send("[]");
  batched.send(JSON.stringify(Array(65).fill(chats[0])));
  assert.deepEqual(await hears(batched), { type: "error", reason: wrong });
});

test("messages that wait when somebody disconnects are shown as not sent", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  ann.page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await ann.says("never");
  await ann.page.getByRole("button", { name: "Disconnect" }).click();
  await ann.isIn("closed");
  await ann.page.locator('#messages [data-delivery="failed"]').getByText("not sent").waitFor();
  assert.deepEqual(await ann.texts(), ["never"]);
});

test("a name that cannot be used is asked for again", async (t) => {
  const server = await ChatServer.start(t);
  const page = await openPage(t);
  await page.goto(server.url);
  const name = page.getByLabel("Your name");
  await name.fill("   ");
  await name.press("Enter");
  await page.getByText("Please give a name.").waitFor();
  await name.fill("\u200b");
  await name.press("Enter");
  await page.getByText("The server said: no usable name.").waitFor();
  await name.fill("Ann");
  await name.press("Enter");
  await page.getByText("Welcome, Ann").waitFor();
});

test("nobody can confirm or hide the message of somebody else", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  ann.page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await ann.says("mine");
  await server.restart();
  const mallory = new WebSocket(`ws://127.0.0.1:${server.port}/chat`);
  t.after(() => mallory.terminate());
  const heard = [];
  mallory.on("message", (data) => heard.push(JSON.parse(data)));
  await once(mallory, "open");
  mallory.send('{"type":"join","userName":"Mallory"}');
  for (let ref = 1; ref < 5; ++ref) {
    mallory.send(JSON.stringify({ type: "chat", ref: String(ref), message: `forged ${ref}` }));
  }
  await ann.sees("mine");
  await ann.sees("forged 4");
  await ann.page.locator('#messages [data-delivery="sent"]').waitFor();
  const confirmed = ann.page.locator('#messages [data-delivery="sent"] .text');
  assert.deepEqual(await confirmed.allTextContents(), ["mine"]);
  const told = heard.filter(({ message }) => message === "mine");
  assert.ok(told.every((message) => !("ref" in message)));
});

test("the server outlives requests that are none, and stops when it is told to", async (t) => {
  const server = await ChatServer.start(t);
  const send = async (text) => {
    const connection = connect(server.port, "127.0.0.1");
    connection.on("error", () => {});
    connection.resume();
    connection.write(text);
    await once(connection, "close");
  };
  const upgrade = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  await send("GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await send(`GET // HTTP/1.1\r\n${upgrade}`);
  await send(`GET http://[ HTTP/1.1\r\n${upgrade}`);
  await send("\0\0\0\0\r\n\r\n");
  assert.equal((await fetch(`http://127.0.0.1:${server.port}/`)).status, 200);
  const quiet = connect(server.port, "127.0.0.1");
  quiet.on("error", () => {});
  await once(quiet, "connect");
  await server.kill("SIGTERM");
});

test("a port in use is said in one line", async (t) => {
  const server = await ChatServer.start(t);
  const second = spawn(process.execPath, [serverScript], {
    env: { ...process.env, PORT: String(server.port) },
    stdio: ["ignore", "inherit", "pipe"],
  });
  let error = "";
  second.stderr.on("data", (chunk) => {
    error += chunk;
  });
  const [code] = await once(second, "close");
  assert.equal(code, 1);
  assert.match(error, /^chat: port \d+ is in use; choose another: PORT=\d+ npm start\n$/);
});
