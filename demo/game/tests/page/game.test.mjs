// The game in Chromium, with bots that are compiled from the same C++ sources for this machine.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";
import { openPage, refusedConnection } from "../../../../tests/support/browser.mjs";
import { screenshots } from "../../../../tests/support/screenshots.mjs";
import { Window } from "../../../../tests/support/tabs.mjs";
import { GameClient } from "../support/client.mjs";
import { GameServer } from "../support/server.mjs";
import { GameBot } from "./bot.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const sizes = { phone: { width: 390, height: 760 }, desktop: { width: 1100, height: 760 } };

/** Somebody at the game's page. */
class Player {
  constructor(page) {
    this.page = page;
  }

  static async open(t, server, options = {}) {
    const page = await openPage(t, options);
    await page.goto(server.url);
    await page.locator("#play:enabled").waitFor();
    return new Player(page);
  }

  static async join(t, server, name, options) {
    const player = await Player.open(t, server, options);
    await player.joins(name);
    await player.isIn("open");
    await player.page.locator("#scores .me").waitFor();
    return player;
  }

  async joins(name) {
    await this.page.locator("#name").fill(name);
    await this.page.locator("#name").press("Enter");
  }

  async says(text) {
    await this.page.locator("#line").fill(text);
    await this.page.locator("#line").press("Enter");
  }

  isIn(state) {
    return this.page.locator(`#status[data-state="${state}"]`).waitFor();
  }

  /** Resolves when so many are in the list. */
  seesPlayers(count) {
    return this.page.waitForFunction(
      (n) => document.querySelectorAll("#scores li").length === n,
      count,
    );
  }

  /** The scores, by name. */
  async scores() {
    const rows = await this.page
      .locator("#scores li")
      .evaluateAll((all) =>
        all.map((row) => [
          row.querySelector("bdi").textContent,
          Number(row.querySelector("output").textContent),
        ]),
      );
    return Object.fromEntries(rows);
  }

  /** The texts of the chat's lines. */
  lines() {
    return this.page.locator("#lines p").allTextContents();
  }

  /** Resolves when so many are drawn. */
  draws(count) {
    return this.page.waitForFunction(
      (n) => globalThis.arena.drawing.scene.players.length === n,
      count,
    );
  }

  async faults() {
    await this.page.evaluate(axe);
    const { violations } = await this.page.evaluate(() => globalThis.axe.run());
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary}`),
    );
  }

  screenshot(name) {
    return this.page.screenshot({ path: `${screenshots}game-${name}.png` });
  }
}

test("a page plays with three bots, the server is killed, and everybody comes back with their score", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann", { viewport: sizes.desktop });
  ann.page.expected.push(refusedConnection);
  const names = ["Robby", "Marvin", "Bender"];
  const bots = names.map((name) => new GameBot(t, server.socketUrl, name));
  await ann.seesPlayers(4);
  await Promise.all(bots.map((bot) => bot.until(({ players }) => players === 4)));
  await ann.draws(4);
  // Everybody has something to lose.
  await Promise.all(bots.map((bot) => bot.until(({ score }) => score >= 2)));
  await ann.page.waitForFunction(
    (all) =>
      all.every((name) =>
        [...document.querySelectorAll("#scores li")].some(
          (row) =>
            row.querySelector("bdi").textContent === name &&
            Number(row.querySelector("output").textContent) >= 2,
        ),
      ),
    names,
  );
  await ann.says("before");
  await ann.page.locator("#lines .line", { hasText: "before" }).waitFor();
  await ann.screenshot("with-bots");

  await server.kill();
  await ann.isIn("waiting");
  const scores = await ann.scores();
  await ann.page.locator("#notice", { hasText: "Connection lost" }).waitFor();
  await ann.says("while it was down");
  await ann.page.locator("#lines .waiting", { hasText: "while it was down" }).waitFor();
  await ann.screenshot("without-server");
  await Promise.all(bots.map((bot) => bot.until(({ state }) => state !== "open")));

  await server.restart();
  await ann.isIn("open");
  await Promise.all(
    bots.map((bot) => bot.until(({ connections, players }) => connections === 2 && players === 4)),
  );
  await ann.seesPlayers(4);
  await ann.draws(4);
  await ann.page.locator("#lines .line", { hasText: "while it was down" }).waitFor();
  // Everybody is told a line before its author is answered.
  await ann.page.locator("#lines .waiting").waitFor({ state: "detached" });
  await ann.page.locator("#notice").waitFor({ state: "hidden" });
  const now = await ann.scores();
  for (const name of ["Ann", ...names]) {
    assert.ok(now[name] >= scores[name], `${name}: ${now[name]} after ${scores[name]}`);
  }
  // Somebody who comes later is told each line once as well.
  const late = await GameClient.join(t, server, "Late");
  assert.deepEqual(
    late.welcome.chat.map(({ text }) => text),
    ["before", "while it was down"],
  );
  assert.deepEqual(await ann.lines(), ["Ann before", "Ann while it was down"]);
  // And they play on.
  await Promise.all(bots.map((bot) => bot.until(({ score }) => score > now.Ann)));

  for (const bot of bots) {
    assert.equal(await bot.stop(), 0, bot.errors);
    assert.equal(bot.errors, "");
  }
});

test("keys move one on the page at once, and for everybody else", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const other = await GameClient.join(t, server, "Bob");
  const seen = () => other.opponent;
  await other.until(() => seen() !== undefined);
  const from = { ...seen() };
  // To where there is more room.
  const key = from.x < 800 ? "d" : "ArrowLeft";
  const sign = from.x < 800 ? 1 : -1;
  await ann.page.locator("#arena").focus();
  await ann.page.keyboard.down(key);
  await other.until(() => (seen().x - from.x) * sign > 100);
  await ann.page.waitForFunction(
    ([x, s]) => {
      const { me, players } = globalThis.arena.drawing.scene;
      return (players.find(({ id }) => id === me).x - x) * s > 100;
    },
    [from.x, sign],
  );
  await ann.page.keyboard.up(key);
  const rests = () => {
    const [before, now] = other.states.slice(-2).map(({ players }) => players);
    const x = (players) => players.find(({ id }) => id === seen().id).x;
    return x(before) === x(now);
  };
  await other.until(rests);
  // What is predicted is what the server says in the end.
  await ann.page.waitForFunction((x) => {
    const { me, players } = globalThis.arena.drawing.scene;
    return Math.abs(players.find(({ id }) => id === me).x - x) < 1;
  }, seen().x);
});

test("a key that is let go in the chat, or with another, is let go", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const other = await GameClient.join(t, server, "Bob");
  const seen = () => other.opponent;
  await other.until(() => seen() !== undefined);
  const { keyboard } = ann.page;
  const letGo = {
    chat: async () => {
      await ann.page.locator("#line").focus();
      await keyboard.up("w");
    },
    control: async () => {
      await keyboard.down("Control");
      await keyboard.up("w");
      await keyboard.up("Control");
    },
  };
  for (const [how, release] of Object.entries(letGo)) {
    const { sequence } = seen();
    await ann.page.locator("#arena").focus();
    await keyboard.down("w");
    await other.until(() => seen().sequence === sequence + 1);
    await release();
    await other.until(() => seen().sequence === sequence + 2);
    const [{ x, y }, { length }] = [seen(), other.states];
    await other.until(() => other.states.length > length + 4);
    assert.deepEqual([seen().x, seen().y], [x, y], how);
  }
});

test("a finger on the arena steers there, and what is typed into the chat steers nothing", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann", { viewport: sizes.phone, hasTouch: true });
  const other = await GameClient.join(t, server, "Bob");
  const seen = () => other.opponent;
  await other.until(() => seen() !== undefined);
  await ann.page.locator("#line").click();
  await ann.page.keyboard.type("wasd", { delay: 60 });
  const { length } = other.states;
  await other.until(() => other.states.length > length + 4);
  assert.equal(seen().sequence, 0);

  const from = { ...seen() };
  const box = await ann.page.locator("#arena").boundingBox();
  const me = await ann.page.evaluate(() => globalThis.arena.drawing.me);
  // To the middle of the arena, which is never a wall.
  const far = me.x < box.width / 2 ? box.width - 5 : 5;
  await ann.page.mouse.move(box.x + far, box.y + me.y);
  await ann.page.mouse.down();
  await other.until(() => Math.abs(seen().x - from.x) > 60);
  await ann.page.mouse.up();
  const { id } = seen();
  const isAnn = (player) => player.id === id;
  const places = () => other.states.slice(-4).map(({ players }) => players.find(isAnn).x);
  await other.until(() => new Set(places()).size === 1);
  // The arena is 1600 wide, and she was to go at least half of that.
  const way = Math.abs(seen().x - from.x);
  assert.ok(way < 700, `she went ${way}`);
  assert.ok(seen().sequence > 0);
});

test("a tab in the background stays connected, piles nothing up, and goes on when it is shown", async (t) => {
  const server = await GameServer.start(t);
  const window = await Window.open(t);
  const tab = await window.openTab(server.url);
  await tab.evaluate(async () => {
    while (document.getElementById("play").disabled) await new Promise(requestAnimationFrame);
    document.getElementById("name").value = "Ann";
    document.getElementById("join").requestSubmit();
    await globalThis.arena.socket.next("welcome");
  });
  const talker = await GameClient.join(t, server, "Bob");
  const frames = () => tab.evaluate(() => globalThis.arena.drawing.frames);
  const isHidden = tab.evaluate(
    () => new Promise((resolve) => document.addEventListener("visibilitychange", resolve)),
  );
  await window.openTab("about:blank");
  await isHidden;
  const before = await frames();
  const heard = tab.evaluate(
    (count) =>
      new Promise((resolve) => {
        let left = count;
        globalThis.arena.socket.addEventListener("message", () => {
          if (--left === 0) resolve();
        });
      }),
    100,
  );
  for (let n = 0; n < 20; ++n) talker.send({ type: "chat", id: `${n}`, text: `line ${n}` });
  await heard;
  const waiting = await tab.evaluate(() => globalThis.arena.game._game_waiting());
  // The newest state, and at most one text of each type.
  assert.ok(waiting >= 1 && waiting <= 6, `${waiting} wait`);
  assert.equal(await frames(), before);
  assert.equal(await tab.evaluate(() => globalThis.arena.socket.state), "open");
  // JavaScript was told everything.
  const lines = await tab.evaluate(() => document.querySelectorAll("#lines .line").length);
  assert.equal(lines, 20);

  await tab.show();
  await tab.evaluate(async (count) => {
    const { drawing } = globalThis.arena;
    while (drawing.frames < count) await new Promise(requestAnimationFrame);
  }, before + 5);
  assert.ok((await tab.evaluate(() => globalThis.arena.game._game_waiting())) <= 2);
  const connections = await tab.evaluate(() => document.getElementById("connections").textContent);
  assert.equal(connections, "1");
});

for (const [size, viewport] of Object.entries(sizes)) {
  test(`axe finds nothing wrong in any state of the game's page: ${size}, light and dark`, async (t) => {
    const server = await GameServer.start(t);
    const ann = await Player.open(t, server, { viewport });
    ann.page.expected.push(refusedConnection);
    const isFine = async (state) => {
      for (const colorScheme of ["light", "dark"]) {
        await ann.page.emulateMedia({ colorScheme });
        assert.deepEqual(await ann.faults(), [], `${state}, ${colorScheme}`);
        await ann.screenshot(`${state}-${size}-${colorScheme}`);
      }
      const wide = await ann.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= viewport.width, `${state}: ${wide} px`);
    };
    await isFine("joining");
    await ann.joins("Ann");
    await ann.isIn("open");
    await ann.says("hello");
    await ann.page.locator("#lines .line", { hasText: "hello" }).waitFor();
    await isFine("playing");
    await server.kill();
    await ann.isIn("waiting");
    await ann.says("waits");
    await isFine("waiting");
  });
}

test("the page makes no Blobs of the states that only C++ reads, and still counts them", async (t) => {
  const server = await GameServer.start(t);
  const { page } = await Player.join(t, server, "Ann");
  await page.evaluate(() => {
    globalThis.blobs = 0;
    globalThis.Blob = class extends Blob {
      constructor(...given) {
        super(...given);
        globalThis.blobs += 1;
      }
    };
    document.getElementById("rate").textContent = "";
  });
  await page.waitForFunction(() => Number(document.getElementById("rate").textContent) > 5);
  assert.equal(await page.evaluate(() => globalThis.blobs), 0);
});

test("names and lines are text, whatever they look like", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const evil = "<img src=x onerror=1>";
  const other = await GameClient.join(t, server, evil.slice(0, 20));
  other.send({ type: "chat", id: "1", text: evil });
  await ann.page.locator("#lines .line", { hasText: evil }).waitFor();
  await ann.page.locator("#scores bdi", { hasText: "<img" }).waitFor();
  assert.equal(await ann.page.locator("img").count(), 1, "the icon and no other");
});

test("a reload is the same player, and another tab with the same key says why it is over", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const me = () => ann.page.locator("#scores .me").getAttribute("data-id");
  const id = await me();
  await ann.page.reload();
  await ann.page.locator("#play:enabled").click();
  await ann.page.locator("#scores .me").waitFor();
  assert.equal(await me(), id);
  const key = await ann.page.evaluate(() => sessionStorage.getItem("steadysocket-game-key"));
  await GameClient.join(t, server, "Ann", { key });
  await ann.isIn("closed");
  await ann.page.locator("#notice", { hasText: "the same key has connected again" }).waitFor();
});
