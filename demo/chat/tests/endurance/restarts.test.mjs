// Ten users and a bot, for two minutes, while the server is killed or restarted every ten seconds:
// everything typed arrives exactly once and in order on every page, and the pages remain usable.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";
import { limitTests } from "../../../../tests/support/limit.mjs";
import { Bot } from "../support/bot.mjs";
import { Person } from "../support/person.mjs";
import { ChatServer } from "../support/server.mjs";

const people = 10;
const botRate = 200;
const restarts = 12;
const restartInterval = 10_000;

// The restarts, and as long to open ten pages and to read everything.
limitTests(2 * restarts * restartInterval + 60_000);

/**
 * Runs in the page. Records the texts of the thread as they are inserted, including those removed
 * later, and the time from Enter until an own message is painted.
 */
function watch() {
  const added = (id, record) => {
    const texts = (node) => node.querySelector?.(".text")?.textContent;
    const handle = (records) => {
      for (const { addedNodes } of records) for (const node of addedNodes) record(texts(node));
    };
    new MutationObserver(handle).observe(document.getElementById(id), { childList: true });
  };
  globalThis.received = [];
  added("messages", (text) => text !== undefined && globalThis.received.push(text));

  let entered;
  const seen = new Map();
  addEventListener(
    "keydown",
    ({ key, timeStamp }) => {
      if (key === "Enter") entered = timeStamp;
    },
    { capture: true },
  );
  added("pending", (text) => {
    const began = entered;
    requestAnimationFrame(() => {
      const time = performance.now() - began;
      seen.get(text)?.(time);
      seen.set(text, time);
    });
  });
  globalThis.seen = (text) =>
    new Promise((resolve) => {
      if (seen.has(text)) resolve(seen.get(text));
      else seen.set(text, resolve);
    });
}

/** Types a message with real keys; resolves to the milliseconds from Enter until it is painted. */
async function type({ tab }, text) {
  await tab.type("#message", text);
  await tab.press("Enter");
  return tab.evaluate((text) => globalThis.seen(text), text);
}

/** Describes the differences of a long list briefly; assert would take minutes to compare them. */
function faults(seen, wanted) {
  const counts = new Map(wanted.map((text) => [text, 0]));
  for (const text of seen) counts.set(text, (counts.get(text) ?? 0) + 1);
  const found = [...counts].filter(([, count]) => count !== 1);
  if (found.length > 0) return found.slice(0, 20).map(([text, count]) => `${text} ${count} times`);
  const index = seen.findIndex((text, index) => text !== wanted[index]);
  return index < 0 ? [] : [`${seen[index]} in the place of ${wanted[index]}`];
}

function percentile(values, part) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
}

test("ten pages and a bot with 200 messages a second survive twelve restarts: nothing lost, all in order", {
  timeout: 300_000,
}, async (t) => {
  const server = await ChatServer.start(t, { CHAT_RATE: "1000", CHAT_BURST: "5000" });
  const crowd = [];
  for (let n = 0; n < people; ++n) {
    const person = await Person.join(t, server, `P${n}`, { width: 390, height: 760 });
    person.tab.expected.push(chromium.refusedConnection);
    await person.tab.evaluate(watch);
    crowd.push(person);
  }
  const bot = Bot.start(t, server, "--rate", String(botRate));

  let isOver = false;
  const times = [];
  const typed = crowd.map(() => []);
  const typeOn = async (person, index) => {
    for (let n = 0; !isOver; ++n) {
      const text = `${person.name}#${n}.`;
      typed[index].push(text);
      times.push(await type(person, text));
      // Users pause before they continue.
      await wait(1000);
    }
  };
  const typing = Promise.all(crowd.map(typeOn));
  // A user who cannot continue is reported at the end.
  typing.catch(() => {});
  for (let n = 0; n < restarts; ++n) {
    await wait(restartInterval);
    await server.kill(n % 2 === 0 ? "SIGKILL" : "SIGTERM");
    await server.restart();
  }
  isOver = true;
  await typing;
  const said = await bot.stop();
  const all = typed.flat();

  const lines = Array.from({ length: said }, (_, n) => `line ${n + 1}`);
  const isTyped = (text) => text.includes("#");
  const wanted = all.length + said;
  const found = {};
  let order;
  for (const { tab, name } of crowd) {
    // Everything, or more; if it does not arrive, the missing lines are reported below.
    const hasReceived = (count) => globalThis.received.length >= count;
    tab.deadline = 60_000;
    await tab.until(hasReceived, wanted).catch(() => {});
    const received = await tab.evaluate(() => globalThis.received);
    const byHand = received.filter(isTyped);
    order ??= byHand;
    found[name] = {
      pending: await tab.texts("#pending .text"),
      typed: faults(byHand.toSorted(), all.toSorted()),
      order: faults(byHand, order),
      bot: faults(
        received.filter((text) => !isTyped(text)),
        lines,
      ),
    };
  }
  const perfect = crowd.map(({ name }) => [name, { pending: [], typed: [], order: [], bot: [] }]);
  assert.deepEqual(found, Object.fromEntries(perfect));
  for (const [author, texts] of typed.entries()) {
    const own = order.filter((text) => text.startsWith(`P${author}#`));
    assert.deepEqual(faults(own, texts), [], `the order in which P${author} typed`);
  }
  t.diagnostic(
    `${all.length} typed, ${said} of the bot; from Enter to painted in ms: median ${percentile(times, 0.5).toFixed(0)}, 95 % ${percentile(times, 0.95).toFixed(0)}, longest ${Math.max(...times).toFixed(0)}`,
  );
  assert.ok(
    percentile(times, 0.95) < 1000,
    "a page that needs a second for a message is not usable",
  );
});
