// Who can use the chat's page: by keyboard, by ear, in two languages, on small pages and in both
// themes; and what people type is text.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { openPage, refusedConnection } from "../../../../tests/support/browser.mjs";
import { Person } from "../support/person.mjs";
import { ChatServer } from "../support/server.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = { phone: { width: 390, height: 760 }, desktop: { width: 1100, height: 760 } };

/** What axe finds wrong with a page, as lines. */
async function faultsOf(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

for (const [width, viewport] of Object.entries(widths)) {
  for (const colorScheme of ["light", "dark"]) {
    test(`axe finds nothing wrong in any state of the page: ${width}, ${colorScheme}`, async (t) => {
      const server = await ChatServer.start(t);
      const options = { viewport, colorScheme };
      const page = await openPage(t, options);
      await page.goto(server.url);
      await page.locator("#status[data-state=open]").waitFor();
      assert.deepEqual(await faultsOf(page), [], "joining");

      const bob = await Person.join(t, server, "Bob");
      const ann = new Person(page, "Ann");
      await ann.asksFor("Bob");
      await page.locator("#use-suggestion").waitFor();
      assert.deepEqual(await faultsOf(page), [], "a name in use");
      await ann.asksFor("Ann");
      await ann.sees("Welcome, Ann.");
      await bob.says("hello");
      await bob.writesTo("Ann");
      await bob.says("only for you");
      await ann.hasHeard("only for you");
      await ann.says("hello");
      await ann.page.locator("#messages .delivery", { hasText: "sent" }).waitFor();
      assert.deepEqual(await faultsOf(page), [], "chatting");
      await ann.screenshot(`chatting-${width}-${colorScheme}`);

      for (const { page } of [ann, bob]) page.expected.push(refusedConnection);
      await server.kill();
      await ann.isIn("waiting");
      await ann.says("waits");
      await page.locator("#pending .delivery", { hasText: "waiting" }).waitFor();
      assert.deepEqual(await faultsOf(page), [], "waiting");
      if (width === "phone") {
        for (const part of ["people", "connection"]) {
          await page.locator(`#show-${part}`).click();
          assert.deepEqual(await faultsOf(page), [], part);
          await ann.screenshot(`${part}-${width}-${colorScheme}`);
          await page.keyboard.press("Escape");
        }
      }
      await page.evaluate(() => document.getElementById("toggle").click());
      await ann.isIn("closed");
      await page.getByText("not sent").waitFor();
      assert.deepEqual(await faultsOf(page), [], "closed");
    });
  }
}

test("everything can be done by keyboard", async (t) => {
  const server = await ChatServer.start(t);
  const bob = await Person.join(t, server, "Bob");
  const page = await openPage(t, { viewport: widths.desktop });
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement.id);
  const tabTo = async (selector) => {
    for (let n = 0; n < 40; ++n) {
      await keyboard.press("Tab");
      if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  await page.goto(server.url);
  await page.locator("#name:focus").waitFor();
  await keyboard.type("Ann");
  await keyboard.press("Enter");
  await page.locator("#message:focus").waitFor();
  await keyboard.type("first line");
  await keyboard.press("Shift+Enter");
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await bob.hasHeard("second line");
  assert.deepEqual(await bob.texts(), ["first line\nsecond line"]);
  assert.equal(await focused(), "message");

  // Enter that ends a word put together from several keys is no end of a message.
  await keyboard.type("compo");
  await page.locator("#message").dispatchEvent("keydown", { key: "Enter", isComposing: true });
  assert.equal(await page.locator("#message").inputValue(), "compo");
  await keyboard.press("Control+A");

  await tabTo("#users button");
  await keyboard.press("Enter");
  assert.equal(await focused(), "message");
  await keyboard.type("privately");
  await keyboard.press("Enter");
  await bob.page.locator("#messages li.alone", { hasText: "privately" }).waitFor();

  await tabTo("#renaming summary");
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  assert.equal(await focused(), "new-name");
  await keyboard.press("Control+A");
  await keyboard.type("Anna");
  await keyboard.press("Enter");
  await bob.sees("Ann is Anna now.");
  await tabTo("#toggle");
  await keyboard.press("Enter");
  await page.locator("#status[data-state=closed]").waitFor();
  await tabTo("#now");
  await keyboard.press("Enter");
  await page.locator("#status[data-state=open]").waitFor();
});

test("on a narrow page what lies over the chat has the focus, and gives it back", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", { viewport: widths.phone });
  const focused = () => ann.page.evaluate(() => document.activeElement.id);
  for (const part of ["people", "connection"]) {
    const button = ann.page.locator(`#show-${part}`);
    await button.click();
    assert.equal(await button.getAttribute("aria-expanded"), "true");
    assert.ok(await ann.page.locator(`#${part} .back`).evaluate((node) => node.matches(":focus")));
    assert.ok(await ann.page.locator("#chat").evaluate((node) => node.inert));
    await ann.page.keyboard.press("Escape");
    assert.equal(await button.getAttribute("aria-expanded"), "false");
    assert.equal(await focused(), `show-${part}`);
    await button.click();
    await ann.page.locator(`#${part} .back`).click();
    assert.equal(await focused(), `show-${part}`);
  }
  await ann.page.locator("#show-people").click();
  await ann.page.setViewportSize(widths.desktop);
  await ann.page.locator("#chat:not([inert])").waitFor();
});

test("messages are announced one by one, and counted if they are many", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const bob = await Person.join(t, server, "Bob");
  await bob.says("hello Ann");
  const announcer = ann.page.locator("#announcer[aria-live=polite]");
  await announcer.getByText("Bob: hello Ann").waitFor({ state: "attached" });
  await bob.page.evaluate(() => {
    for (let n = 0; n < 10; ++n) {
      document.getElementById("message").value = `line ${n}`;
      document.getElementById("compose").requestSubmit();
    }
  });
  await announcer.getByText("10 new messages").waitFor({ state: "attached" });
  // What one says oneself one knows.
  await bob.hasHeard("line 9");
  assert.equal(await bob.page.locator("#announcer").textContent(), "");
});

test("the page speaks the reader's language, or the one that is asked for", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "李雷", { query: "?lang=zh", viewport: widths.desktop });
  assert.equal(await ann.page.locator("html").getAttribute("lang"), "zh");
  assert.equal(await ann.page.title(), "steadysocket 聊天室");
  await ann.sees("欢迎，李雷。");
  assert.equal(await ann.page.locator("#status").innerText(), "已连接");
  await ann.says("大家好");
  await ann.page.getByText("✓ 已送达").waitFor();
  ann.page.expected.push(refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await ann.page.getByText(/秒后重试/).waitFor();
  await ann.screenshot("waiting-desktop-zh");
  await server.restart();
  // Nothing on the page is left in the other language.
  const left = await ann.page.evaluate(() =>
    document.body.innerText.match(
      /\b(?:Connect|People|Send|Everyone|Message|Log|Copy|waiting|sent)\b/g,
    ),
  );
  assert.equal(left, null);

  const german = await openPage(t, { locale: "de-DE" });
  await german.goto(server.url);
  await german.getByRole("button", { name: "Join" }).waitFor();
  const chinese = await openPage(t, { locale: "zh-TW" });
  await chinese.goto(server.url);
  await chinese.getByRole("button", { name: "加入" }).waitFor();
  await chinese.getByRole("link", { name: "English" }).click();
  await chinese.getByRole("button", { name: "Join" }).waitFor();
});

test("times are written as the reader writes them, in the reader's time zone", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", { locale: "en-US", timezoneId: "Asia/Tokyo" });
  const bob = await Person.join(t, server, "Bob", { locale: "de-DE", timezoneId: "Europe/Berlin" });
  await ann.says("what time is it?");
  await bob.hasHeard("what time is it?");
  await ann.hasHeard("what time is it?");
  const times = [];
  for (const { page } of [ann, bob]) times.push(page.locator("#messages .meta time"));
  const [iso, sameIso] = await Promise.all(times.map((time) => time.getAttribute("datetime")));
  assert.equal(iso, sameIso);
  const written = (locale, timeZone) =>
    new Date(iso).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", timeZone });
  // Browsers and Node may differ in which space they put before AM.
  const plain = (text) => text.replace(/\s/g, " ");
  assert.equal(plain(await times[0].textContent()), plain(written("en-US", "Asia/Tokyo")));
  assert.equal(plain(await times[1].textContent()), plain(written("de-DE", "Europe/Berlin")));
});

test("nothing moves while the connection comes and goes", async (t) => {
  for (const viewport of Object.values(widths)) {
    const server = await ChatServer.start(t);
    const page = await openPage(t, { viewport });
    await page.addInitScript(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          // What follows a key or a click is meant to move.
          if (entry.hadRecentInput) continue;
          const nodes = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80));
          globalThis.shifts.push({ value: entry.value, nodes });
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(server.url);
    const ann = new Person(page, "Ann");
    await ann.asksFor("Ann");
    await page.locator("#message").waitFor();
    const bob = await Person.join(t, server, "Bob");
    await bob.says("hello");
    await ann.hasHeard("hello");
    for (const { page } of [ann, bob]) page.expected.push(refusedConnection);
    await server.kill();
    await ann.isIn("waiting");
    await page.locator("#notice", { hasText: "Next attempt" }).waitFor();
    await server.restart();
    await ann.isIn("open");
    await ann.sees("Welcome back");
    await server.kill("SIGTERM");
    await ann.isIn("waiting");
    await server.restart();
    await ann.isIn("open");
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
  }
});

test("long names, long words and every direction of writing fit into the smallest page", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "W".repeat(32), {
    viewport: { width: 320, height: 568 },
  });
  const bob = await Person.join(t, server, "محمد بن سلمان ".repeat(2).trim(), {
    viewport: widths.phone,
  });
  const fits = async ({ page }, what) => {
    const { wide, visible } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      visible: document.documentElement.clientWidth,
    }));
    assert.ok(wide <= visible, `${what}: ${wide} px in ${visible} px`);
  };
  await ann.says("x".repeat(2000));
  await bob.hasHeard("x".repeat(100));
  await bob.says("مرحبا\nhello مرحبا 123");
  await ann.hasHeard("مرحبا");
  await ann.writesTo(bob.name);
  await ann.says("only for you");
  await bob.hasHeard("only for you");
  const text = ann.page.locator("#messages .text", { hasText: "مرحبا" });
  assert.equal(await text.evaluate((node) => getComputedStyle(node).direction), "rtl");
  assert.equal(
    await text.evaluate((node) => getComputedStyle(node).whiteSpaceCollapse),
    "preserve",
  );
  for (const person of [ann, bob]) {
    await fits(person, "chatting");
    for (const part of ["people", "connection"]) {
      await person.page.locator(`#show-${part}`).click();
      await fits(person, part);
      await person.page.keyboard.press("Escape");
    }
  }
  await ann.screenshot("long-small");
  // A name that turns the direction of its line around would turn what follows it.
  const trick = await Person.join(t, server, "a\u202egnp.exe", { viewport: widths.phone });
  await bob.sees("agnp.exe joined.");
  await fits(trick, "joined");
});

test("text is text, whatever it looks like and wherever it is typed", async (t) => {
  const server = await ChatServer.start(t);
  const evil = "<img src=x onerror=hacked()>";
  const bob = await Person.join(t, server, "Bob");
  const page = await openPage(t);
  await page.goto(server.url);
  const ann = new Person(page, evil);
  await ann.asksFor("Bob<script>hacked()</script>");
  await page.locator("#message").waitFor();
  await page.locator("#renaming summary").click();
  await page.locator("#new-name").fill(evil);
  await page.locator("#new-name").press("Enter");
  await bob.page.locator("#users", { hasText: evil }).waitFor();
  const third = await openPage(t);
  await third.goto(server.url);
  await new Person(third, evil).asksFor(evil);
  await third.locator("#join-error", { hasText: evil }).waitFor();
  await ann.says(`${evil}<script>hacked()</script>`);
  await bob.hasHeard(evil);
  await bob.writesTo(evil);
  await bob.says(`${evil}"'\`&amp;<svg onload=hacked()>`);
  await ann.hasHeard("&amp;");
  await bob.page.locator("#users", { hasText: evil }).waitFor();
  await page.locator("#toggle").click();
  await bob.sees(`${evil} left.`);
  await bob.page.locator("#to", { hasText: `${evil} (gone)` }).waitFor();
  for (const one of [page, bob.page, third]) {
    assert.equal(await one.locator("img").count(), 1, "the icon and no other");
    assert.equal(await one.locator("script").count(), 1);
    assert.equal(await one.locator("svg[onload]").count(), 0);
  }
});
