// Ten people and a bot, for two minutes, while the server is killed or restarted every ten seconds:
// everything that is typed arrives exactly once and in order at everybody's, and the pages stay usable.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { refusedConnection } from "../support/browser.mjs";
import { Bot, ChatServer } from "../support/chat-server.mjs";
import { Person } from "../support/person.mjs";

const people = 10;
const botRate = 200;
const restarts = 12;
const restartInterval = 10_000;

/** Keeps the texts of the thread as they come into the page, also of those that leave it again. */
function keepTexts() {
  globalThis.heard = [];
  const keep = (records) => {
    for (const { addedNodes } of records) {
      for (const node of addedNodes) {
        const text = node.querySelector?.(".text")?.textContent;
        if (text !== undefined) globalThis.heard.push(text);
      }
    }
  };
  new MutationObserver(keep).observe(document.getElementById("messages"), { childList: true });
}

/** Types a message with real keys; resolves to the milliseconds until it is seen in the page. */
async function type({ page }, text) {
  const began = performance.now();
  await page.locator("#message").pressSequentially(text);
  await page.locator("#message").press("Enter");
  await page.locator("#scroll .mine .text", { hasText: text }).first().waitFor();
  return performance.now() - began;
}

function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

test("ten pages and a bot with 200 messages a second outlive twelve restarts: nothing lost, nothing twice, in order", {
  timeout: 300_000,
}, async (t) => {
  const server = await ChatServer.start(t, { CHAT_RATE: "1000", CHAT_BURST: "5000" });
  const crowd = [];
  for (let n = 0; n < people; ++n) {
    const person = await Person.join(t, server, `P${n}`);
    person.page.expected.push(refusedConnection);
    await person.page.evaluate(keepTexts);
    crowd.push(person);
  }
  const bot = await Bot.start(t, server, { rate: botRate });

  let isOver = false;
  const times = [];
  const typed = crowd.map(() => []);
  const typing = crowd.map(async (person, index) => {
    for (let n = 0; !isOver; ++n) {
      const text = `${person.name}#${n}.`;
      typed[index].push(text);
      times.push(await type(person, text));
      // People think before they go on.
      await wait(1000);
    }
  });
  for (let n = 0; n < restarts; ++n) {
    await wait(restartInterval);
    await server.kill(n % 2 === 0 ? "SIGKILL" : "SIGTERM");
    await server.restart();
  }
  isOver = true;
  await Promise.all(typing);
  const said = await bot.stop();
  const all = typed.flat();

  const heard = [];
  for (const { page } of crowd) {
    const isComplete = ([count, last]) =>
      globalThis.heard.length >= count && globalThis.heard.includes(last);
    await page.waitForFunction(isComplete, [all.length + said, `Bot: ${said}`]).catch(() => {});
    heard.push(await page.evaluate(() => globalThis.heard));
  }
  const isTyped = (text) => text.includes("#");
  for (const [index, texts] of heard.entries()) {
    const byHand = texts.filter(isTyped);
    assert.deepEqual(byHand.toSorted(), all.toSorted(), `what P${index} has seen`);
    assert.deepEqual(byHand, heard[0].filter(isTyped), "everybody sees the same order");
    for (const [author, texts] of typed.entries()) {
      assert.deepEqual(
        byHand.filter((text) => text.startsWith(`P${author}#`)),
        texts,
        `what P${author} typed, as P${index} has seen it`,
      );
    }
  }
  t.diagnostic(
    `${all.length} typed, ${said} of the bot; typing to seen in ms: median ${percentile(times, 0.5).toFixed(0)}, 95 % ${percentile(times, 0.95).toFixed(0)}, longest ${Math.max(...times).toFixed(0)}`,
  );
  assert.ok(
    percentile(times, 0.95) < 1000,
    "a page that needs a second for a message is not usable",
  );
});
