// The scenarios of the chat, in every browser.
import assert from "node:assert/strict";
import { test } from "node:test";
import { engines } from "../../../../tests/support/browsers/index.mjs";
import { SilentProxy } from "../../../../tests/support/silent-proxy.mjs";
import { ChatClient } from "../support/client.mjs";
import { ChatServer } from "../support/server.mjs";

const phone = { width: 390, height: 760 };
const desktop = { width: 1100, height: 760, dark: true };

/** A user at the page, in any browser. */
class Visitor {
  /** @param {import("../../../../tests/support/browsers/tab.mjs").Tab} tab */
  constructor(tab) {
    this.tab = tab;
  }

  static async open(t, engine, { port }, look = phone) {
    const tab = await engine.open(t, `http://localhost:${port}/`, look);
    tab.expected.push(engine.refusedConnection);
    const isReady = () => !document.documentElement.classList.contains("loading");
    await tab.until(isReady, null, "the page to be ready");
    return new Visitor(tab);
  }

  static async join(t, engine, server, name, look) {
    const visitor = await Visitor.open(t, engine, server, look);
    await visitor.asksFor(name);
    await visitor.sees(`Welcome, ${name}.`);
    return visitor;
  }

  async asksFor(name) {
    await this.tab.fill("#name", name);
    await this.tab.press("Enter");
  }

  async says(text) {
    await this.tab.type("#message", text);
    await this.tab.press("Enter");
  }

  isIn(state) {
    const isIn = (state) => document.getElementById("status").dataset.state === state;
    return this.tab.until(isIn, state, `the state ${state}`);
  }

  sees(text, selector = "#messages") {
    const isThere = ([selector, text]) =>
      document.querySelector(selector).textContent.includes(text);
    return this.tab.until(isThere, [selector, text], `"${text}" in ${selector}`);
  }

  /** Resolves when the thread has these texts, in order. */
  async hasReceived(...texts) {
    const isReceived = (count) => document.querySelectorAll("#messages .text").length >= count;
    await this.tab.until(isReceived, texts.length, `${texts.length} messages`);
    assert.deepEqual(await this.tab.texts("#messages .text"), texts);
  }

  waiting() {
    return this.tab.texts('#pending [data-delivery="waiting"] .text');
  }

  screenshot(name) {
    return this.tab.screenshot(`${this.tab.engine.id}-${name}.png`);
  }
}

for (const engine of engines) {
  test(`${engine.name}: users join, a name in use is rejected with a free one, and they chat`, async (t) => {
    const server = await ChatServer.start(t);
    const bob = await ChatClient.join(t, server, "Bob");
    const ann = await Visitor.open(t, engine, server);
    await ann.isIn("open");
    await ann.screenshot("join-phone");
    await ann.asksFor("bob");
    await ann.sees("“bob” is in use.", "#join");
    await ann.screenshot("name-in-use-phone");
    await ann.tab.click("#use-suggestion");
    await ann.sees("Welcome, bob 2.");
    assert.equal((await bob.receives("user-join")).user.userName, "bob 2");
    assert.equal(await ann.tab.text("#count"), "2");

    await ann.tab.type("#message", "hello Bob, 你好");
    await ann.tab.press("Enter", { shift: true });
    await ann.says("שלום 👋");
    assert.equal((await bob.receives("chat-message")).message, "hello Bob, 你好\nשלום 👋");
    await bob.says("hello bob 2");
    await ann.hasReceived("hello Bob, 你好\nשלום 👋", "hello bob 2");
    await ann.sees("✓ sent");
    await ann.screenshot("chat-phone");

    await ann.tab.click("#show-people");
    await ann.tab.click("#renaming summary");
    await ann.tab.fill("#new-name", "Ann");
    await ann.tab.press("Enter");
    assert.equal((await bob.receives("user-rename")).user.userName, "Ann");
    await ann.screenshot("people-phone");
    await ann.tab.press("Escape");
    bob.socket.close(1000);
    await ann.sees("Bob left.");
    assert.equal(await ann.tab.text("#count"), "1");
  });

  test(`${engine.name}: a private message is visible to two users`, async (t) => {
    const server = await ChatServer.start(t);
    const [bob, eve] = [
      await ChatClient.join(t, server, "Bob"),
      await ChatClient.join(t, server, "Eve"),
    ];
    const ann = await Visitor.join(t, engine, server, "Ann", desktop);
    await ann.tab.click(`#users li[data-id="${bob.welcome.user.id}"] button`);
    await ann.says("only for Bob");
    const received = await bob.receives("private-message");
    assert.equal(received.message, "only for Bob");
    await bob.ask({ type: "private-message", to: "Ann", message: "only for Ann" });
    await ann.hasReceived("only for Bob", "only for Ann");
    assert.equal((await ann.tab.texts("#messages li.alone")).length, 2);
    await ann.screenshot("private-desktop");
    await ann.tab.fill("#to", "");
    await ann.says("for all");
    await eve.receivesText("for all");
    assert.ok(!eve.received.some(({ type }) => type === "private-message"));
  });

  test(`${engine.name}: the server restarts while a user types: everything arrives once, in order`, async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Visitor.join(t, engine, server, "Ann", desktop);
    await ann.says("before");
    await ann.hasReceived("before");
    await ann.tab.type("#message", "half of it ");
    await server.kill();
    await ann.isIn("waiting");
    await ann.says("and the rest");
    await ann.says("one");
    await ann.says("two");
    assert.deepEqual(await ann.waiting(), ["half of it and the rest", "one", "two"]);
    await ann.sees("Next attempt in", "#notice");
    await ann.sees("1006 connection lost", "#stats");
    await ann.screenshot("waiting-desktop");
    await server.restart();
    await ann.isIn("open");
    await ann.hasReceived("before", "half of it and the rest", "one", "two");
    await ann.sees("Welcome back, Ann.");
    assert.deepEqual(await ann.tab.texts("#pending li"), []);
    const bob = await ChatClient.join(t, server, "Bob");
    assert.deepEqual(
      bob.welcome.history.map(({ message }) => message),
      ["before", "half of it and the rest", "one", "two"],
    );
    await ann.screenshot("back-desktop");

    await server.kill("SIGTERM");
    await ann.isIn("waiting");
    await ann.says("three");
    await server.restart();
    await ann.hasReceived("before", "half of it and the rest", "one", "two", "three");
  });

  test(`${engine.name}: offline and online again: what was typed in between arrives`, async (t) => {
    const server = await ChatServer.start(t);
    const proxy = await SilentProxy.start(t, server.port);
    const ann = await Visitor.join(t, engine, proxy, "Ann");
    const bob = await ChatClient.join(t, server, "Bob");
    // Not every browser closes its connections when it is offline, and not every one can go
    // offline.
    await proxy.refuse();
    if (engine.canBeOffline) await ann.tab.setOffline(true);
    const isAway = () =>
      ["waiting", "suspended"].includes(document.getElementById("status").dataset.state);
    await ann.tab.until(isAway, null, "the connection to be lost");
    await ann.says("typed offline");
    await bob.says("said meanwhile");
    assert.deepEqual(await ann.waiting(), ["typed offline"]);
    if (engine.canBeOffline) {
      await ann.isIn("suspended");
      await ann.sees("No network; your messages are queued.", "#notice");
      await ann.screenshot("offline-phone");
    }
    await proxy.pass();
    if (engine.canBeOffline) await ann.tab.setOffline(false);
    await ann.isIn("open");
    await ann.hasReceived("said meanwhile", "typed offline");
    await bob.receivesText("typed offline");
  });

  test(`${engine.name}: a hidden tab misses nothing, and shows the number of new messages`, async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Visitor.join(t, engine, server, "Ann", desktop);
    const bob = await ChatClient.join(t, server, "Bob", { key: "the key of Bob, for this test" });
    await ann.tab.hide();
    await bob.says("one");
    await bob.says("two");
    await ann.tab.until(() => document.title === "(2) steadysocket chat", null, "the title");
    await server.kill();
    await server.restart();
    const back = await ChatClient.join(t, server, "Bob", { key: "the key of Bob, for this test" });
    await back.says("three", "of another session");
    await ann.tab.show();
    await ann.isIn("open");
    await ann.hasReceived("one", "two", "three");
    assert.equal(await ann.tab.evaluate(() => document.title), "steadysocket chat");
  });

  test(`${engine.name}: a full chat says so, and is not flooded with retries; "Try now" is shown`, async (t) => {
    const server = await ChatServer.start(t, { CHAT_CONNECTIONS: "1" });
    const bob = await ChatClient.join(t, server, "Bob");
    const ann = await Visitor.open(t, engine, server);
    await ann.isIn("waiting");
    await ann.sees("the chat is full. Next attempt in", "#notice");
    // The next attempt after 1013 is 5 to 30 seconds away, also where the browser says 1006 for it.
    const [, seconds] = /(?:1013 the chat is full|1006 connection lost), in ([\d.]+) s/.exec(
      await ann.tab.text("#log"),
    );
    assert.ok(Number(seconds) >= 4.9 && Number(seconds) <= 30, `${seconds} s`);
    await ann.screenshot("full-phone");
    // An attempt in progress when the button is pressed may be the last one to be refused, and the
    // next is up to 30 seconds away.
    ann.tab.deadline = 45_000;
    await ann.asksFor("Ann");
    bob.socket.close(1000);
    await bob.closed;
    await server.logged("left");
    // By script: an automatic attempt may hide the button at this moment.
    await ann.tab.evaluate(() => document.getElementById("now").click());
    await ann.sees("Welcome, Ann.");
  });

  test(`${engine.name}: a client that sends too fast is notified, and nothing is lost`, async (t) => {
    const server = await ChatServer.start(t, { CHAT_RATE: "5", CHAT_BURST: "5" });
    const bob = await ChatClient.join(t, server, "Bob");
    const ann = await Visitor.join(t, engine, server, "Ann");
    const texts = Array.from({ length: 15 }, (_, n) => `line ${n}`);
    await ann.tab.evaluate((texts) => {
      for (const text of texts) {
        document.getElementById("message").value = text;
        document.getElementById("compose").requestSubmit();
      }
    }, texts);
    await ann.sees("More than 5 messages a second: the rest is delayed", "#notice");
    await ann.screenshot("too-fast-phone");
    await ann.hasReceived(...texts);
    await bob.receivesTexts(texts.length);
    assert.deepEqual(bob.texts, texts);
    const isOver = () => !document.getElementById("notice").textContent.includes("More than");
    await ann.tab.until(isOver, null, "the notice to go");
  });
}
