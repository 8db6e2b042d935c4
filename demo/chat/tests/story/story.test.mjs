// The chat's page in Chromium: the claims of the README, and the actions of users. The scenarios
// that run in every engine are in demo/chat/tests/engines.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";
import { Person } from "../support/person.mjs";
import { ChatServer } from "../support/server.mjs";

const phone = { width: 390, height: 760 };
const dark = { width: 1100, height: 760, dark: true };

// In parallel: most of the time each test waits for a server to restart.
describe("the story of the chat", { concurrency: 3 }, () => {
  test("two users chat, the server is killed, they keep typing, and everything arrives in order", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann", phone);
    const bob = await Person.join(t, server, "Bob", dark);
    await ann.sees("Bob joined.");
    assert.equal(await bob.tab.text("#online"), "2 online");
    assert.equal((await ann.tab.text("#status")).trim(), "Connected");

    await ann.says("hello Bob");
    await bob.hasReceived("hello Bob");
    await bob.says("hello Ann");
    await ann.hasReceived("hello Ann");
    await bob.tab.sees("#messages li.mine .delivery", "✓ sent");
    assert.match(await ann.tab.text("#messages .meta time"), /\d:\d\d/);
    await ann.screenshot("chat-phone");
    await bob.screenshot("chat-desktop-dark");

    for (const { tab } of [ann, bob]) tab.expected.push(chromium.refusedConnection);
    await server.kill();
    await ann.isIn("waiting");
    await bob.isIn("waiting");
    const typed = ["one", "two", "three", "four", "five"];
    const frames = [];
    const session = await ann.tab.page.createCDPSession();
    await session.send("Network.enable");
    session.on("Network.webSocketFrameSent", ({ response }) => {
      frames.push(JSON.parse(response.payloadData));
    });
    for (const text of typed) await ann.says(text);
    assert.deepEqual(await ann.waiting(), typed);
    await ann.tab.sees("#notice", /Next attempt in \d+ s/);
    await ann.screenshot("waiting-phone");
    await bob.screenshot("waiting-desktop-dark");

    await server.restart();
    await ann.isIn("open");
    await ann.hasReceived("five");
    assert.deepEqual(await ann.waiting(), []);
    assert.deepEqual(await ann.texts(), ["hello Bob", "hello Ann", ...typed]);
    // Queued messages were sent in one frame.
    const batch = frames.find((frame) => Array.isArray(frame));
    assert.deepEqual(
      batch.filter(({ type }) => type === "chat-message").map(({ message }) => message),
      typed,
    );
    // Either may reconnect first: the server sends the other one what was sent meanwhile.
    await bob.hasReceived("five");
    assert.deepEqual(await bob.texts(), ["hello Bob", "hello Ann", ...typed]);
    await ann.screenshot("back-phone");
    await bob.screenshot("back-desktop-dark");
  });

  test("the reason of a clean close is shown, and a later visitor receives the history", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    ann.tab.expected.push(chromium.refusedConnection);
    // It is shown until the next attempt, which may be soon.
    await ann.tab.evaluate(() => {
      const notice = document.getElementById("notice");
      globalThis.reasonWasShown = new Promise((resolve) => {
        const look = () =>
          notice.textContent.startsWith("No connection: the server stops.") && resolve();
        new MutationObserver(look).observe(notice, { childList: true });
      });
    });
    await server.kill("SIGTERM");
    await ann.tab.evaluate(() => globalThis.reasonWasShown);
    await ann.says("first");
    await server.restart();
    await ann.hasReceived("first");
    await ann.says("second");
    const bob = await Person.join(t, server, "Bob");
    await bob.hasReceived("second");
    assert.deepEqual(await bob.texts(), ["first", "second"]);
    assert.match(
      await ann.tab.evaluate(() => document.getElementById("log").innerText),
      /Reconnecting 1012 the server stops, in [\d.]+ s\n.*Connecting/s,
    );
  });

  test("a connection that ends while the server lives shows nothing twice, and misses nothing", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    const bob = await Person.join(t, server, "Bob");
    await ann.sees("Bob joined.");
    await ann.says("first");
    await ann.hasReceived("first");
    await ann.tab.click("button", "Disconnect");
    await ann.isIn("closed");
    assert.equal((await ann.tab.text("#status")).trim(), "Disconnected");
    assert.equal(await ann.figure("lastClose"), "1000 you disconnected");
    await bob.sees("Ann left.");
    assert.equal(await bob.tab.text("#online"), "1 online");
    await ann.screenshot("disconnected-desktop");
    await bob.says("second");
    await bob.tab.sees("#messages .delivery", "sent");
    await ann.tab.click("#toggle");
    await ann.hasReceived("second");
    await ann.sees("Welcome back, Ann.");
    assert.deepEqual(await ann.texts(), ["first", "second"]);
    await bob.tab.close();
    await ann.sees("Bob left.");
  });

  test("a name in use is rejected with a free one; names can be changed", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    const tab = await chromium.open(t, server.url, phone);
    const other = new Person(tab, "ann");
    await other.asksFor("   ");
    await tab.sees("#join-error", "Please enter a name.");
    await other.asksFor("\u200b");
    await tab.sees("#join-error", "a name has 1 to 32 characters.");
    await other.asksFor(" ann ");
    await tab.sees("#join-error", "“ann” is in use.");
    await other.screenshot("name-in-use-phone");
    await tab.click("button", "Use “ann 2”");
    await other.sees("Welcome, ann 2.");
    await ann.sees("ann 2 joined.");

    await ann.tab.click("#renaming summary");
    await ann.tab.fill("#new-name", "ANN 2");
    await ann.tab.press("Enter");
    await ann.tab.sees("#rename-error", "“ANN 2” is in use");
    assert.equal(await ann.tab.evaluate(() => document.getElementById("new-name").value), "ANN 3");
    await ann.tab.fill("#new-name", "Anna");
    await ann.tab.press("Enter");
    await other.sees("Ann is Anna now.");
    await ann.tab.sees("#users", "Anna (you)");
    assert.equal(await ann.tab.attribute("#renaming", "open"), null);
    await ann.says("by another name");
    await other.hasReceived("by another name");
    assert.equal((await tab.texts("#messages .name")).at(-1), "Anna");
  });

  test("a private message is visible to two users, and stays private when one of them leaves", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann", phone);
    const bob = await Person.join(t, server, "Bob", dark);
    const eve = await Person.join(t, server, "Eve");
    await bob.tab.click('#users button[aria-label="Write to Ann privately"]');
    await bob.says("only for you");
    await ann.hasReceived("only for you");
    assert.match(await ann.tab.text("#messages li.alone .meta"), /privately to you/);
    await bob.hasReceived("only for you");
    assert.match(await bob.tab.text("#messages li.alone .meta"), /privately to\s*Ann/);
    await ann.screenshot("private-phone");
    await bob.screenshot("private-desktop-dark");
    await ann.tab.close();
    await bob.sees("Ann left.");
    await bob.says("still only for you");
    await bob.tab.sees("#messages", "not sent: no user has this name");
    await bob.writesTo("Everyone");
    await bob.says("for all");
    await eve.hasReceived("for all");
    assert.deepEqual(await eve.texts(), ["for all"]);
  });

  test("messages that wait when a user disconnects are shown as not sent, and can be sent again", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    ann.tab.expected.push(chromium.refusedConnection);
    await server.kill();
    await ann.isIn("waiting");
    await ann.says("once");
    await ann.tab.click("#toggle");
    await ann.isIn("closed");
    await ann.sees("not sent: the connection was closed");
    assert.deepEqual(await ann.texts(), ["once"]);
    await ann.screenshot("not-sent-desktop");
    await server.restart();
    await ann.tab.click("button", /^Connect/);
    await ann.isIn("open");
    await ann.tab.click("button", "Send again");
    await ann.tab.sees("#messages .delivery", "✓ sent");
    assert.deepEqual(await ann.texts(), ["once"]);
  });

  test("a repeated message goes to its recipient, regardless of the current selection", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    const bob = await Person.join(t, server, "Bob");
    const eve = await Person.join(t, server, "Eve");
    await ann.sees("Eve joined.");
    await ann.tab.click("#toggle");
    await ann.isIn("closed");
    await ann.says("for all");
    await ann.writesTo("Bob");
    await ann.says("for Bob");
    const again = () =>
      [...document.querySelectorAll("button")].filter((one) => one.textContent === "Send again");
    await ann.tab.until(`() => (${again})().length === 2`);
    await ann.tab.click("button", /^Connect/);
    await ann.isIn("open");
    await ann.writesTo("Eve");
    await ann.tab.click("button", "Send again");
    await bob.hasReceived("for all");
    await ann.writesTo("Everyone");
    await ann.tab.click("button", "Send again");
    await bob.hasReceived("for Bob");
    await ann.hasReceived("for Bob");
    assert.match(await ann.tab.text("#messages li.alone .meta"), /privately to\s*Bob/);
    await ann.says("the end");
    await eve.hasReceived("the end");
    assert.deepEqual(await eve.texts(), ["for all", "the end"]);
  });

  test("a reload keeps the user, and a page with unsent messages asks before it closes", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    const bob = await Person.join(t, server, "Bob");
    await bob.writesTo("Ann");
    await bob.says("only for Ann");
    await ann.hasReceived("only for Ann");
    await ann.says("mine");
    await ann.tab.sees("#messages .delivery", "✓ sent");
    await ann.tab.reload();
    await ann.sees("Welcome, Ann.");
    assert.deepEqual(await ann.texts(), ["only for Ann", "mine"]);
    assert.equal(await ann.tab.count("#messages li.mine"), 1);

    ann.tab.expected.push(chromium.refusedConnection);
    bob.tab.expected.push(chromium.refusedConnection);
    await server.kill();
    await ann.isIn("waiting");
    await ann.says("unsent");
    const asked = new Promise((resolve) => ann.tab.page.once("dialog", resolve));
    await ann.tab.page.close({ runBeforeUnload: true });
    const dialog = await asked;
    assert.equal(dialog.type(), "beforeunload");
    await dialog.dismiss();
    assert.deepEqual(await ann.waiting(), ["unsent"]);
  });

  test("a second window with the same session storage replaces the first, which stays closed", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    // A window that a page opens gets a copy of its session storage, as a duplicated tab does.
    const opened = new Promise((resolve) => ann.tab.page.once("popup", resolve));
    await ann.tab.evaluate(() => void window.open("/", "", "popup"));
    const second = new Person(ann.tab.beside(await opened), "Ann");
    await second.sees("Welcome, Ann.");
    await ann.isIn("closed");
    await ann.tab.sees("#notice", "Closed:");
    assert.match(await ann.figure("lastClose"), /^4001 /);
    await second.says("here now");
    await second.tab.sees("#messages .delivery", "✓ sent");
  });

  test("the state, its figures and its log are shown, and the log can be copied", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    await ann.tab.page
      .browserContext()
      .overridePermissions(new URL(server.url).origin, ["clipboard-read", "clipboard-write"]);
    await ann.tab.sees("#round-trip", /[\d.]+ ms/);
    assert.match(await ann.tab.attribute("#plot path", "d"), /^M[\d.]+ [\d.]+/);
    assert.equal(await ann.figure("webSocketState"), "1 OPEN");
    assert.equal(await ann.figure("connections"), "1");
    ann.tab.expected.push(chromium.refusedConnection);
    await server.kill();
    await ann.isIn("waiting");
    await ann.says("waits");
    await ann.tab.sees('[data-stat="waitingCount"]', "1");
    await ann.tab.sees('[data-stat="webSocketState"]', "0 CONNECTING");
    await ann.tab.sees('[data-stat="lastClose"]', "1006 connection lost");
    await server.restart();
    await ann.isIn("open");
    await ann.tab.sees('[data-stat="waitingCount"]', "0");
    await ann.tab.click("button", "Copy");
    await ann.tab.sees("button", "Copied");
    const copied = await ann.tab.evaluate(() => navigator.clipboard.readText());
    const states = copied
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[1]);
    assert.deepEqual(states.slice(0, 3), ["connecting", "open", "waiting"]);
    assert.equal(states.at(-1), "open");
    assert.match(copied, /^\d{4}-\d\d-\d\dT[\d:.]+Z connecting\n/);
    assert.match(copied, / waiting 1006 connection lost, in [\d.]+ s\n/);
  });

  test("a user reading further up keeps the position, and sees the number of new messages", async (t) => {
    const server = await ChatServer.start(t);
    const ann = await Person.join(t, server, "Ann");
    const bob = await Person.join(t, server, "Bob");
    for (let n = 1; n <= 40; ++n) await bob.says(`line ${n}`);
    await ann.hasReceived("line 40");
    const top = () => ann.tab.evaluate(() => document.getElementById("scroll").scrollTop);
    assert.ok((await top()) > 0);
    await ann.tab.evaluate(() => {
      document.getElementById("scroll").scrollTop = 0;
    });
    await bob.says("line 41");
    await bob.says("line 42");
    await ann.tab.sees("button", "2 new messages");
    assert.equal(await top(), 0);
    await ann.screenshot("reading-desktop");
    await ann.tab.click("button", "2 new messages");
    await ann.sees("line 42");
    const isAtEnd = () => {
      const { scrollHeight, scrollTop, clientHeight } = document.getElementById("scroll");
      return scrollHeight - scrollTop - clientHeight < 60;
    };
    assert.ok(await ann.tab.evaluate(isAtEnd));
    await bob.says("line 43");
    await ann.hasReceived("line 43");
    assert.ok(await ann.tab.evaluate(isAtEnd));
  });
});
