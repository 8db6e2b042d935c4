// The chat's page with other servers, and with much content.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";
import { LocalServer } from "../../../../tests/support/local-server.mjs";
import { chatSite } from "../../server/site.mjs";
import { ChatClient } from "../support/client.mjs";
import { Person } from "../support/person.mjs";
import { ChatServer, serveChat } from "../support/server.mjs";

const evil = "<img src=x onerror=hacked()>";
const user = (id) => ({ id, userName: `${id} ${evil}` });

/** A server with the chat's page whose messages are written by the test. */
async function strangeServer(t) {
  const site = chatSite(() => ({ status: "ok" }), console);
  return LocalServer.start(t, { serve: (request, response) => void site.serve(request, response) });
}

/** Opens its page, and sends the welcome by hand. */
async function welcomed(t, server) {
  const page = await chromium.open(t, `http://localhost:${server.port}/`);
  const ann = new Person(page, "Ann");
  await ann.asksFor("Ann");
  const joins = () =>
    server.received.map((text) => JSON.parse(text)).find(({ type }) => type === "join");
  await server.until(() => joins() !== undefined);
  const { id } = joins();
  const say = (message) =>
    server.connections[0].send(typeof message === "string" ? message : JSON.stringify(message));
  const welcome = { type: "welcome", id, user: user("me"), users: [user("me"), user("other")] };
  say({ ...welcome, online: 2, position: "1", time: new Date().toISOString(), history: [] });
  await page.sees("#message");
  return { ann, page, say };
}

/** Resolves to the newest of the page's requests of this type, once there are this many. */
async function asked(server, type, count = 1) {
  const all = () =>
    server.received.flatMap((text) => JSON.parse(text)).filter((request) => request.type === type);
  await server.until(() => all().length === count);
  return all().at(-1);
}

test("a message that is not JSON is shown unchanged", async (t) => {
  const { ann, page, say } = await welcomed(t, await strangeServer(t));
  say("The server will be back at noon.");
  say(`plain ${evil}`);
  await ann.sees("The server will be back at noon.");
  await ann.sees(`plain ${evil}`);
  assert.equal(await page.count("#messages li.plain"), 2);
  say('{"type":"chat-message", this is no JSON');
  say("and on it goes");
  await ann.sees("and on it goes");
});

test("everything that a server sends is shown as text", async (t) => {
  const { ann, page, say } = await welcomed(t, await strangeServer(t));
  const time = "2026-11-22T10:00:00Z";
  let position = 1;
  const entry = (type, more) => say({ type, position: String(++position), time, ...more });
  entry("chat-message", { from: user("other"), message: `said ${evil}` });
  entry("private-message", { from: user("other"), to: user("me"), message: `alone ${evil}` });
  entry("user-rename", { user: user("other"), previous: `before ${evil}` });
  entry("user-join", { user: user("third"), online: 3 });
  entry("user-leave", { user: user("third"), online: 2 });
  entry("chat-message", { from: user("other"), message: "no time", time: evil });
  say({ type: "error", error: { code: `<b>${evil}`, message: evil } });
  await page.sees("#notice", evil);
  // It is shown while an own message waits.
  await ann.says("waits");
  say({ type: "notice", code: "slow_down", rate: evil });
  await page.sees("#notice", `More than ${evil} messages`);
  for (const text of [
    `said ${evil}`,
    `alone ${evil}`,
    `before ${evil} is`,
    `third ${evil} left.`,
  ]) {
    await ann.sees(text);
  }
  await ann.sees("no time");
  assert.equal(await page.count("img"), 1, "the icon and no other");
  assert.equal(await page.count("#notice b, main b"), 0);
});

test("a hundred thousand characters of history do not slow the page down", async (t) => {
  /** Milliseconds that the page's main thread works for a hundred messages. */
  const workFor = async (messages) => {
    const server = await serveChat(t, { logLevel: "silent", rate: 10_000, burst: 10_000 });
    const bob = await ChatClient.join(t, server, "Bob");
    for (const message of messages) bob.send({ type: "chat-message", message });
    const ann = await Person.join(t, { url: `http://localhost:${server.port}/` }, "Ann");
    if (messages.length > 0) await ann.hasReceived(messages.at(-1));
    const metrics = await ann.tab.page.createCDPSession();
    await metrics.send("Performance.enable");
    const worked = async () => {
      const { metrics: all } = await metrics.send("Performance.getMetrics");
      return 1000 * all.find(({ name }) => name === "TaskDuration").value;
    };
    // Polling would add work to the page.
    await ann.tab.evaluate(() => {
      const list = document.getElementById("messages");
      globalThis.shows = (text) =>
        new Promise((resolve) => {
          const isThere = () => list.lastElementChild?.lastElementChild.textContent === text;
          const observer = new MutationObserver(() => isThere() && end());
          const end = () => {
            observer.disconnect();
            requestAnimationFrame(() => setTimeout(resolve));
          };
          if (isThere()) end();
          else observer.observe(list, { childList: true });
        });
    });
    const before = await worked();
    for (let n = 1; n <= 100; ++n) {
      bob.send({ type: "chat-message", message: `line ${n}` });
      // One per frame, as from users: together they would cost as one.
      await ann.tab.evaluate((text) => globalThis.shows(text), `line ${n}`);
    }
    const work = (await worked()) - before;
    assert.equal((await ann.texts()).length, messages.length + 100);
    return work;
  };
  const long = Array.from({ length: 50 }, (_, n) => `${n} ${"word ".repeat(396)}end ${n}`);
  assert.ok(long.join("").length > 99_000);
  const [empty, full] = await Promise.all([workFor([]), workFor(long)]);
  t.diagnostic(
    `100 messages: ${empty.toFixed(0)} ms of work, with the history ${full.toFixed(0)} ms`,
  );
  assert.ok(full < 2 * empty, `${full} ms is more than twice ${empty} ms`);
});

test("a private message to a user who has left, and other errors, stay with their message", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  // Longer than the field allows: only by script.
  await ann.tab.evaluate(() => {
    document.getElementById("message").value = "x".repeat(2001);
    document.getElementById("compose").requestSubmit();
  });
  await ann.sees("not sent: a message has 1 to 2000 characters");
  await ann.tab.sees("#messages [data-delivery=failed]");
  assert.equal(await ann.tab.count("[data-delivery=failed]"), 1);
});

test("a message considered not sent is in the thread once when the server publishes it", async (t) => {
  const server = await strangeServer(t);
  const { ann, page } = await welcomed(t, server);
  await ann.says("hello");
  const { id: ref } = await asked(server, "chat-message");
  // The answer is lost.
  await page.click("#toggle");
  await ann.sees("not sent: the connection ended before the server answered");
  await page.click("button", /^Connect/);
  const { id } = await asked(server, "join", 2);
  const say = (message) => server.connections[1].send(JSON.stringify(message));
  say({ type: "welcome", id, user: user("me"), users: [user("me")], online: 1, position: "2" });
  const time = new Date().toISOString();
  say({ type: "chat-message", position: "2", time, from: user("me"), message: "hello", ref });
  await page.sees("#messages [data-delivery=sent]");
  assert.deepEqual(await ann.texts(), ["hello"]);
  await page.seesNone("button", "Send again");
});

test("a page without frames keeps no more than it would show, and shows how much is gone", async (t) => {
  const { page, say, ann } = await welcomed(t, await strangeServer(t));
  await page.evaluate(() => {
    globalThis.added = 0;
    const count = (records) => {
      for (const { addedNodes } of records) globalThis.added += addedNodes.length;
    };
    const list = document.getElementById("messages");
    new MutationObserver(count).observe(list, { childList: true });
    const frames = globalThis.requestAnimationFrame;
    const waiting = [];
    globalThis.requestAnimationFrame = (callback) => waiting.push(callback);
    globalThis.showFrames = () => {
      globalThis.requestAnimationFrame = frames;
      for (const callback of waiting) frames(callback);
    };
  });
  const time = new Date().toISOString();
  const lines = Array.from({ length: 5000 }, (_, n) => ({
    type: "chat-message",
    position: `line-${n}`,
    time,
    from: user("other"),
    message: `line ${n}.`,
  }));
  while (lines.length > 0) say(lines.splice(0, 50));
  await page.until(() => globalThis.added >= 4000);
  assert.equal(await page.count("#messages > li"), 300);
  await page.evaluate(() => globalThis.showFrames());
  await ann.hasReceived("line 4999.");
  assert.equal(await page.count("#messages > li"), 300);
  // All of them have been in the thread, and the welcome.
  await page.until(() => globalThis.added >= 5000);
  await page.sees("#earlier", "4,701 earlier lines");
});
