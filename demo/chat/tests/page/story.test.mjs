// The chat's page in Chromium: what the README promises of it, and what people do to it. The stories
// that are told in every browser are in tests/engines.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { openPage, refusedConnection } from "../../../../tests/support/browser.mjs";
import { Person } from "../support/person.mjs";
import { ChatServer } from "../support/server.mjs";

const phone = { viewport: { width: 390, height: 760 } };
const dark = { viewport: { width: 1100, height: 760 }, colorScheme: "dark" };

test("two people chat, the server is killed, they go on typing, and everything arrives in order", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", phone);
  const bob = await Person.join(t, server, "Bob", dark);
  await ann.sees("Bob joined.");
  assert.equal(await bob.page.locator("#online").textContent(), "2 online");
  assert.equal(await ann.page.locator("#status").innerText(), "Connected");

  await ann.says("hello Bob");
  await bob.hasHeard("hello Bob");
  await bob.says("hello Ann");
  await ann.hasHeard("hello Ann");
  await bob.page.locator("#messages li.mine .delivery", { hasText: "✓ sent" }).waitFor();
  assert.match(await ann.page.locator("#messages .meta time").first().textContent(), /\d:\d\d/);
  await ann.screenshot("chat-phone");
  await bob.screenshot("chat-desktop-dark");

  for (const { page } of [ann, bob]) page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await bob.isIn("waiting");
  const typed = ["one", "two", "three", "four", "five"];
  const frames = [];
  ann.page.on("websocket", (webSocket) => {
    webSocket.on("framesent", ({ payload }) => frames.push(JSON.parse(payload)));
  });
  for (const text of typed) await ann.says(text);
  assert.deepEqual(await ann.waiting(), typed);
  await ann.page.locator("#notice", { hasText: /Next attempt in \d+ s/ }).waitFor();
  await ann.screenshot("waiting-phone");
  await bob.screenshot("waiting-desktop-dark");

  await server.restart();
  await ann.isIn("open");
  await ann.hasHeard("five");
  assert.deepEqual(await ann.waiting(), []);
  assert.deepEqual(await ann.texts(), ["hello Bob", "hello Ann", ...typed]);
  // What waited left in one frame.
  const batch = frames.find((frame) => Array.isArray(frame));
  assert.deepEqual(
    batch.filter(({ type }) => type === "chat-message").map(({ message }) => message),
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
  assert.match(
    await ann.page.locator("#log").innerText(),
    /Reconnecting 1012 the server stops, in [\d.]+ s\n.*Connecting/s,
  );
});

test("a connection that ends while the server lives shows nothing twice, and misses nothing", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const bob = await Person.join(t, server, "Bob");
  await ann.sees("Bob joined.");
  await ann.says("first");
  await ann.hasHeard("first");
  await ann.page.getByRole("button", { name: "Disconnect" }).click();
  await ann.isIn("closed");
  assert.equal(await ann.page.locator("#status").innerText(), "Disconnected");
  assert.equal(await ann.figure("lastClose"), "1000 you disconnected");
  await bob.sees("Ann left.");
  assert.equal(await bob.page.locator("#online").textContent(), "1 online");
  await ann.screenshot("disconnected-desktop");
  await bob.says("second");
  await bob.page.locator("#messages .delivery", { hasText: "sent" }).waitFor();
  await ann.page.locator("#toggle").click();
  await ann.hasHeard("second");
  await ann.sees("Welcome back, Ann.");
  assert.deepEqual(await ann.texts(), ["first", "second"]);
  await bob.page.close();
  await ann.sees("Bob left.");
});

test("a name in use is refused with one that is free; names can be changed", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const page = await openPage(t, phone);
  await page.goto(server.url);
  const other = new Person(page, "ann");
  await other.asksFor("   ");
  await page.getByText("Please give a name.").waitFor();
  await other.asksFor("\u200b");
  await page.getByText("a name has 1 to 32 characters.").waitFor();
  await other.asksFor(" ann ");
  await page.getByText("“ann” is in use.").waitFor();
  await other.screenshot("name-in-use-phone");
  await page.getByRole("button", { name: "Use “ann 2”" }).click();
  await other.sees("Welcome, ann 2.");
  await ann.sees("ann 2 joined.");

  await ann.page.locator("#renaming summary").click();
  await ann.page.locator("#new-name").fill("ANN 2");
  await ann.page.locator("#new-name").press("Enter");
  await ann.page.getByText("“ANN 2” is in use").waitFor();
  assert.equal(await ann.page.locator("#new-name").inputValue(), "ANN 3");
  await ann.page.locator("#new-name").fill("Anna");
  await ann.page.locator("#new-name").press("Enter");
  await other.sees("Ann is Anna now.");
  await ann.page.locator("#users", { hasText: "Anna (you)" }).waitFor();
  assert.equal(await ann.page.locator("#renaming").getAttribute("open"), null);
  await ann.says("by another name");
  await other.hasHeard("by another name");
  assert.equal(await page.locator("#messages .name").last().textContent(), "Anna");
});

test("a private message is seen by two, and stays private when one of them goes", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", phone);
  const bob = await Person.join(t, server, "Bob", dark);
  const eve = await Person.join(t, server, "Eve");
  await bob.page.getByRole("button", { name: "Write to Ann alone" }).click();
  await bob.says("only for you");
  await ann.hasHeard("only for you");
  assert.match(await ann.page.locator("#messages li.alone .meta").innerText(), /privately to you/);
  await bob.hasHeard("only for you");
  assert.match(
    await bob.page.locator("#messages li.alone .meta").innerText(),
    /privately to\s*Ann/,
  );
  await ann.screenshot("private-phone");
  await bob.screenshot("private-desktop-dark");
  await ann.page.close();
  await bob.sees("Ann left.");
  await bob.says("still only for you");
  await bob.page.getByText("not sent: nobody here has this name").waitFor();
  await bob.writesTo("Everyone");
  await bob.says("for all");
  await eve.hasHeard("for all");
  assert.deepEqual(await eve.texts(), ["for all"]);
});

test("what waits when somebody disconnects is shown as not sent, and can be sent again", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  ann.page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await ann.says("once");
  await ann.page.locator("#toggle").click();
  await ann.isIn("closed");
  await ann.page.locator("#messages").getByText("not sent: the connection was closed").waitFor();
  assert.deepEqual(await ann.texts(), ["once"]);
  await ann.screenshot("not-sent-desktop");
  await server.restart();
  await ann.page.getByRole("button", { name: "Connect" }).first().click();
  await ann.isIn("open");
  await ann.page.getByRole("button", { name: "Send again" }).click();
  await ann.page.locator("#messages .delivery", { hasText: "✓ sent" }).waitFor();
  assert.deepEqual(await ann.texts(), ["once"]);
});

test("what is sent again goes to whom it was for, whoever is chosen now", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const bob = await Person.join(t, server, "Bob");
  const eve = await Person.join(t, server, "Eve");
  await ann.sees("Eve joined.");
  await ann.page.locator("#toggle").click();
  await ann.isIn("closed");
  await ann.says("for all");
  await ann.writesTo("Bob");
  await ann.says("for Bob");
  const again = ann.page.getByRole("button", { name: "Send again" });
  await again.nth(1).waitFor();
  await ann.page.getByRole("button", { name: "Connect" }).first().click();
  await ann.isIn("open");
  await ann.writesTo("Eve");
  await again.first().click();
  await bob.hasHeard("for all");
  await ann.writesTo("Everyone");
  await again.first().click();
  await bob.hasHeard("for Bob");
  await ann.hasHeard("for Bob");
  assert.match(
    await ann.page.locator("#messages li.alone .meta").innerText(),
    /privately to\s*Bob/,
  );
  await ann.says("the end");
  await eve.hasHeard("the end");
  assert.deepEqual(await eve.texts(), ["for all", "the end"]);
});

test("a reload keeps who one is, and a page with something unsent asks before it goes", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const bob = await Person.join(t, server, "Bob");
  await bob.writesTo("Ann");
  await bob.says("only for Ann");
  await ann.hasHeard("only for Ann");
  await ann.says("mine");
  await ann.page.locator("#messages .delivery", { hasText: "✓ sent" }).waitFor();
  await ann.page.reload();
  await ann.sees("Welcome, Ann.");
  assert.deepEqual(await ann.texts(), ["only for Ann", "mine"]);
  assert.equal(await ann.page.locator("#messages li.mine").count(), 1);

  ann.page.expected.push(refusedConnection);
  bob.page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await ann.says("unsent");
  const asked = once(ann.page, "dialog");
  await ann.page.close({ runBeforeUnload: true });
  const [dialog] = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  assert.deepEqual(await ann.waiting(), ["unsent"]);
});

test("a second window with the same tab's memory takes the place of the first, which stays closed", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  // A window that a page opens gets a copy of its session storage, as a duplicated tab does.
  const opened = ann.page.waitForEvent("popup");
  await ann.page.evaluate(() => void window.open("/"));
  const second = new Person(await opened, "Ann");
  await second.sees("Welcome, Ann.");
  await ann.isIn("closed");
  await ann.page.locator("#notice", { hasText: "Closed:" }).waitFor();
  assert.match(await ann.figure("lastClose"), /^4001 /);
  await second.says("here now");
  await second.page.locator("#messages .delivery", { hasText: "✓ sent" }).waitFor();
});

test("the state, its figures and its log are in plain sight, and the log can be copied", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", {
    permissions: ["clipboard-read", "clipboard-write"],
  });
  await ann.page.locator("#round-trip", { hasText: /[\d.]+ ms/ }).waitFor();
  assert.match(await ann.page.locator("#plot path").getAttribute("d"), /^M[\d.]+ [\d.]+/);
  assert.equal(await ann.figure("webSocketState"), "1 OPEN");
  assert.equal(await ann.figure("connections"), "1");
  ann.page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await ann.says("waits");
  await ann.page.locator('[data-stat="waitingCount"]', { hasText: "1" }).waitFor();
  await ann.page.locator('[data-stat="webSocketState"]', { hasText: "0 CONNECTING" }).waitFor();
  await ann.page.locator('[data-stat="lastClose"]', { hasText: "1006 connection lost" }).waitFor();
  await server.restart();
  await ann.isIn("open");
  await ann.page.locator('[data-stat="waitingCount"]', { hasText: "0" }).waitFor();
  await ann.page.getByRole("button", { name: "Copy" }).click();
  await ann.page.getByRole("button", { name: "Copied" }).waitFor();
  const copied = await ann.page.evaluate(() => navigator.clipboard.readText());
  const states = copied
    .trim()
    .split("\n")
    .map((line) => line.split(" ")[1]);
  assert.deepEqual(states.slice(0, 3), ["connecting", "open", "waiting"]);
  assert.equal(states.at(-1), "open");
  assert.match(copied, /^\d{4}-\d\d-\d\dT[\d:.]+Z connecting\n/);
  assert.match(copied, / waiting 1006 connection lost, in [\d.]+ s\n/);
});

test("somebody who reads further up stays there, and is told how much is new", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const bob = await Person.join(t, server, "Bob");
  for (let n = 1; n <= 40; ++n) await bob.says(`line ${n}`);
  await ann.hasHeard("line 40");
  const scroll = ann.page.locator("#scroll");
  const top = () => scroll.evaluate((node) => node.scrollTop);
  assert.ok((await top()) > 0);
  await scroll.evaluate((node) => {
    node.scrollTop = 0;
  });
  await bob.says("line 41");
  await bob.says("line 42");
  await ann.page.getByRole("button", { name: "2 new messages" }).waitFor();
  assert.equal(await top(), 0);
  await ann.screenshot("reading-desktop");
  await ann.page.getByRole("button", { name: "2 new messages" }).click();
  await ann.page.locator("#messages").getByText("line 42").waitFor();
  const isAtEnd = (node) => node.scrollHeight - node.scrollTop - node.clientHeight < 60;
  assert.ok(await scroll.evaluate(isAtEnd));
  await bob.says("line 43");
  await ann.hasHeard("line 43");
  assert.ok(await scroll.evaluate(isAtEnd));
});
