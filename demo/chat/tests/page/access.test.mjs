// Accessibility of the chat's page: keyboard, screen readers, two languages, small pages and both
// themes; text from users remains text.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";
import { Person } from "../support/person.mjs";
import { ChatServer } from "../support/server.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const widths = { phone: { width: 390, height: 760 }, desktop: { width: 1100, height: 760 } };

/** The faults that axe finds in a page, as lines. */
async function faultsOf(page) {
  await page.evaluate(`() => {${axe}}`);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
  );
}

for (const [width, size] of Object.entries(widths)) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing wrong in any state of the page: ${width}, ${theme}`, async (t) => {
      const server = await ChatServer.start(t);
      const look = { ...size, dark: theme === "dark" };
      const page = await chromium.open(t, server.url, look);
      await page.sees("#status[data-state=open]");
      assert.deepEqual(await faultsOf(page), [], "joining");

      const bob = await Person.join(t, server, "Bob");
      const ann = new Person(page, "Ann");
      await ann.asksFor("Bob");
      await page.sees("#use-suggestion");
      assert.deepEqual(await faultsOf(page), [], "a name in use");
      await ann.asksFor("Ann");
      await ann.sees("Welcome, Ann.");
      await bob.says("hello");
      await bob.writesTo("Ann");
      await bob.says("only for you");
      await ann.hasReceived("only for you");
      await ann.says("hello");
      await ann.tab.sees("#messages .delivery", "sent");
      assert.deepEqual(await faultsOf(page), [], "chatting");
      await ann.screenshot(`chatting-${width}-${theme}`);

      for (const { tab } of [ann, bob]) tab.expected.push(chromium.refusedConnection);
      await server.kill();
      await ann.isIn("waiting");
      await ann.says("waits");
      await page.sees("#pending .delivery", "waiting");
      assert.deepEqual(await faultsOf(page), [], "waiting");
      if (width === "phone") {
        for (const part of ["people", "connection"]) {
          await page.click(`#show-${part}`);
          assert.deepEqual(await faultsOf(page), [], part);
          await ann.screenshot(`${part}-${width}-${theme}`);
          await page.press("Escape");
        }
      }
      await page.evaluate(() => document.getElementById("toggle").click());
      await ann.isIn("closed");
      await ann.sees("not sent");
      assert.deepEqual(await faultsOf(page), [], "closed");
    });
  }
}

test("everything can be done by keyboard", async (t) => {
  const server = await ChatServer.start(t);
  const bob = await Person.join(t, server, "Bob");
  const page = await chromium.open(t, undefined, widths.desktop);
  const { keyboard } = page.page;
  const focused = () => page.evaluate(() => document.activeElement.id);
  const tabTo = async (selector) => {
    for (let n = 0; n < 40; ++n) {
      await keyboard.press("Tab");
      if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return;
    }
    assert.fail(`${selector} is not reached by Tab`);
  };
  await page.goto(server.url);
  await page.sees("#name:focus");
  await keyboard.type("Ann");
  await keyboard.press("Enter");
  await page.sees("#message:focus");
  await keyboard.type("first line");
  await page.press("Enter", { shift: true });
  await keyboard.type("second line");
  await keyboard.press("Enter");
  await bob.hasReceived("second line");
  assert.deepEqual(await bob.texts(), ["first line\nsecond line"]);
  assert.equal(await focused(), "message");

  // Enter that ends a composition (IME) does not end the message.
  await keyboard.type("compo");
  const composed = await page.evaluate(() => {
    const field = document.getElementById("message");
    const given = { key: "Enter", isComposing: true, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent("keydown", given));
    return field.value;
  });
  assert.equal(composed, "compo");
  await page.press("a", { control: true });

  await tabTo("#users button");
  await keyboard.press("Enter");
  assert.equal(await focused(), "message");
  await keyboard.type("privately");
  await keyboard.press("Enter");
  await bob.tab.sees("#messages li.alone", "privately");

  await tabTo("#renaming summary");
  await keyboard.press("Enter");
  await keyboard.press("Tab");
  assert.equal(await focused(), "new-name");
  await page.press("a", { control: true });
  await keyboard.type("Anna");
  await keyboard.press("Enter");
  await bob.sees("Ann is Anna now.");
  await tabTo("#toggle");
  await keyboard.press("Enter");
  await page.sees("#status[data-state=closed]");
  await tabTo("#now");
  await keyboard.press("Enter");
  await page.sees("#status[data-state=open]");
});

test("on a narrow page a part above the chat takes the focus, and returns it", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", widths.phone);
  const focused = () => ann.tab.evaluate(() => document.activeElement.id);
  for (const part of ["people", "connection"]) {
    const button = `#show-${part}`;
    const isExpanded = () => ann.tab.attribute(button, "aria-expanded");
    await ann.tab.click(button);
    assert.equal(await isExpanded(), "true");
    const isFocused = (selector) => document.querySelector(selector).matches(":focus");
    assert.ok(await ann.tab.evaluate(isFocused, `#${part} .back`));
    assert.ok(await ann.tab.evaluate(() => document.getElementById("chat").inert));
    await ann.tab.press("Escape");
    assert.equal(await isExpanded(), "false");
    assert.equal(await focused(), `show-${part}`);
    await ann.tab.click(button);
    await ann.tab.click(`#${part} .back`);
    assert.equal(await focused(), `show-${part}`);
  }
  await ann.tab.click("#show-people");
  await ann.tab.resize(widths.desktop.width, widths.desktop.height);
  await ann.tab.sees("#chat:not([inert])");
});

test("messages are announced one by one, and as a number if they are many", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann");
  const bob = await Person.join(t, server, "Bob");
  await bob.says("hello Ann");
  const announces = (text) =>
    ann.tab.until(
      (text) => document.querySelector("#announcer[aria-live=polite]").textContent.includes(text),
      text,
    );
  await announces("Bob: hello Ann");
  await bob.tab.evaluate(() => {
    for (let n = 0; n < 10; ++n) {
      document.getElementById("message").value = `line ${n}`;
      document.getElementById("compose").requestSubmit();
    }
  });
  await announces("10 new messages");
  // Own messages are not announced.
  await bob.hasReceived("line 9");
  assert.equal(await bob.tab.text("#announcer"), "");
});

test("the page uses the browser's language, or the requested one", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "李雷", { query: "?lang=zh", ...widths.desktop });
  assert.equal(await ann.tab.attribute("html", "lang"), "zh");
  assert.equal(await ann.tab.text("title"), "steadysocket 聊天室");
  await ann.sees("欢迎，李雷。");
  assert.equal((await ann.tab.text("#status")).trim(), "已连接");
  await ann.says("大家好");
  await ann.sees("✓ 已送达");
  ann.tab.expected.push(chromium.refusedConnection);
  await server.kill();
  await ann.isIn("waiting");
  await ann.tab.sees("body", "秒后重试");
  await ann.screenshot("waiting-desktop-zh");
  await server.restart();
  // No text of the page remains in the other language.
  const left = await ann.tab.evaluate(() =>
    document.body.innerText.match(
      /\b(?:Connect|People|Send|Everyone|Message|Log|Copy|waiting|sent)\b/g,
    ),
  );
  assert.equal(left, null);

  const german = await chromium.open(t, server.url, { lang: "de-DE" });
  await german.sees("button", "Join");
  const chinese = await chromium.open(t, server.url, { lang: "zh-TW" });
  await chinese.sees("button", "加入");
  await chinese.click("a", "English");
  await chinese.sees("button", "Join");
});

test("times have the format of the browser's locale and its time zone", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "Ann", { lang: "en-US", timeZone: "Asia/Tokyo" });
  const bob = await Person.join(t, server, "Bob", { lang: "de-DE", timeZone: "Europe/Berlin" });
  await ann.says("what time is it?");
  await bob.hasReceived("what time is it?");
  await ann.hasReceived("what time is it?");
  const time = "#messages .meta time";
  const [iso, sameIso] = [
    await ann.tab.attribute(time, "datetime"),
    await bob.tab.attribute(time, "datetime"),
  ];
  assert.equal(iso, sameIso);
  const written = (locale, timeZone) =>
    new Date(iso).toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", timeZone });
  // Browsers and Node may use different spaces before AM.
  const plain = (text) => text.replace(/\s/g, " ");
  assert.equal(plain(await ann.tab.text(time)), plain(written("en-US", "Asia/Tokyo")));
  assert.equal(plain(await bob.tab.text(time)), plain(written("de-DE", "Europe/Berlin")));
});

test("the layout does not move while the connection is lost and restored", async (t) => {
  for (const size of Object.values(widths)) {
    const server = await ChatServer.start(t);
    const page = await chromium.open(t, undefined, size);
    await page.page.evaluateOnNewDocument(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          // Movement after a key or a click is intended.
          if (entry.hadRecentInput) continue;
          const nodes = entry.sources.map(({ node }) => node?.outerHTML?.slice(0, 80));
          globalThis.shifts.push({ value: entry.value, nodes });
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    await page.goto(server.url);
    const ann = new Person(page, "Ann");
    await ann.asksFor("Ann");
    await page.sees("#message");
    const bob = await Person.join(t, server, "Bob");
    await bob.says("hello");
    await ann.hasReceived("hello");
    for (const { tab } of [ann, bob]) tab.expected.push(chromium.refusedConnection);
    await server.kill();
    await ann.isIn("waiting");
    await page.sees("#notice", "Next attempt");
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

test("long names, long words and both directions of writing fit into the smallest page", async (t) => {
  const server = await ChatServer.start(t);
  const ann = await Person.join(t, server, "W".repeat(32), {
    width: 320,
    height: 568,
  });
  const bob = await Person.join(t, server, "محمد بن سلمان ".repeat(2).trim(), {
    ...widths.phone,
  });
  const fits = async ({ tab }, what) => {
    const { wide, visible } = await tab.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      visible: document.documentElement.clientWidth,
    }));
    assert.ok(wide <= visible, `${what}: ${wide} px in ${visible} px`);
  };
  await ann.says("x".repeat(2000));
  await bob.hasReceived("x".repeat(100));
  await bob.says("مرحبا\nhello مرحبا 123");
  await ann.hasReceived("مرحبا");
  await ann.writesTo(bob.name);
  await ann.says("only for you");
  await bob.hasReceived("only for you");
  const styleOf = (text) => {
    const all = [...document.querySelectorAll("#messages .text")];
    const { direction, whiteSpaceCollapse } = getComputedStyle(
      all.find((one) => one.textContent.includes(text)),
    );
    return [direction, whiteSpaceCollapse];
  };
  assert.deepEqual(await ann.tab.evaluate(styleOf, "مرحبا"), ["rtl", "preserve"]);
  for (const person of [ann, bob]) {
    await fits(person, "chatting");
    for (const part of ["people", "connection"]) {
      await person.tab.click(`#show-${part}`);
      await fits(person, part);
      await person.tab.press("Escape");
    }
  }
  await ann.screenshot("long-small");
  // A name that changes the direction of its line would change what follows it.
  const trick = await Person.join(t, server, "a\u202egnp.exe", widths.phone);
  await bob.sees("agnp.exe joined.");
  await fits(trick, "joined");
});

test("text remains text, whatever it contains and wherever it is typed", async (t) => {
  const server = await ChatServer.start(t);
  const evil = "<img src=x onerror=hacked()>";
  const bob = await Person.join(t, server, "Bob");
  const page = await chromium.open(t, server.url);
  const ann = new Person(page, evil);
  await ann.asksFor("Bob<script>hacked()</script>");
  await page.sees("#message");
  await page.click("#renaming summary");
  await page.fill("#new-name", evil);
  await page.press("Enter");
  await bob.tab.sees("#users", evil);
  const third = await chromium.open(t, server.url);
  await new Person(third, evil).asksFor(evil);
  await third.sees("#join-error", evil);
  await ann.says(`${evil}<script>hacked()</script>`);
  await bob.hasReceived(evil);
  await bob.writesTo(evil);
  await bob.says(`${evil}"'\`&amp;<svg onload=hacked()>`);
  await ann.hasReceived("&amp;");
  await bob.tab.sees("#users", evil);
  await page.click("#toggle");
  await bob.sees(`${evil} left.`);
  await bob.tab.sees("#to", `${evil} (gone)`);
  for (const one of [page, bob.tab, third]) {
    assert.equal(await one.count("img"), 1, "the icon and no other");
    assert.equal(await one.count("script"), 1);
    assert.equal(await one.count("svg[onload]"), 0);
  }
});
