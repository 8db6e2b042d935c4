// The rounds and the bots on the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";
import { GameServer } from "../support/server.mjs";
import { NodeBot } from "./bot.mjs";
import { Player, sizes } from "./player.mjs";

test("the page shows the aim, the countdown, the result of a round, and then the next round", async (t) => {
  const server = await GameServer.start(t, { GAME_TARGET: "4", GAME_PAUSE: "6000" });
  const ann = await Player.join(t, server, "Ann", sizes.desktop);
  await ann.tab.sees("#aim", "First to 4 points, or most when time is up");
  await ann.tab.sees("#clock", /^1:\d\d$/);
  await ann.tab.sees("#place", /points · 1st of 1/);
  await ann.tab.seesNone("#result");
  // The board does not hide the own player.
  const isTransparent = (at) => {
    globalThis.arena.round.update(globalThis.arena.drawing.scene, at);
    return getComputedStyle(document.getElementById("board")).opacity < 0.5;
  };
  const { x, y } = await ann.tab.evaluate(() => {
    const { offsetLeft, offsetTop } = document.getElementById("board");
    return { x: offsetLeft + 30, y: offsetTop + 30 };
  });
  assert.equal(await ann.tab.evaluate(isTransparent, { x, y }), true);
  assert.equal(await ann.tab.evaluate(isTransparent, { x, y: y + 300 }), false);
  await ann.plays();
  await ann.tab.sees("#winner", "You win!");
  // Otherwise a slow machine sees the end of a later round.
  await ann.rests();
  await ann.tab.sees("#next", /Next round in [1-6] s/);
  await ann.tab.sees("#ranking .me", /Ann.*1 win/);
  await ann.tab.sees("#clock", "End");
  assert.deepEqual(await ann.faults(), []);
  await ann.screenshot("result");
  await ann.tab.seesNone("#result");
  await ann.tab.sees("#clock", /^1:\d\d$/);
  await ann.tab.sees("#scores .me .wins", "1 ★");
  const title = await ann.tab.attribute("#scores .me output", "title");
  assert.ok(Number.parseInt(title, 10) >= 4, title);
});

test("the server is killed at the end of a round: the page shows the result, then the next round", async (t) => {
  const server = await GameServer.start(t, { GAME_TARGET: "4", GAME_PAUSE: "5000" });
  const ann = await Player.join(t, server, "Ann", sizes.phone);
  ann.tab.expected.push(chromium.refusedConnection);
  await ann.plays();
  await ann.tab.sees("#winner", "You win!");
  await server.kill();
  await ann.isIn("waiting");
  await ann.tab.sees("#next", "The next round begins when the server is back");
  await ann.tab.sees("#winner", "You win!");
  await server.restart();
  await ann.isIn("open");
  await ann.tab.seesNone("#result");
  await ann.tab.sees("#scores .me .wins", "1 ★");
});

test("the bot in Node plays a round with the page's program, through a killed server", async (t) => {
  const server = await GameServer.start(t);
  const bot = new NodeBot(t, server.socketUrl, "Robby", ["--strength", "100"]);
  await bot.until(({ state, score, round }) => state === "open" && score >= 2 && round === 1);
  const { score } = bot.report;
  await server.kill();
  await bot.until(({ state }) => state === "waiting");
  await server.restart();
  await bot.until((now) => now.connections === 2 && now.score > score && now.round === 1);
  assert.equal(await bot.stop(), 0);
  assert.equal(bot.report.state, "closed");
  assert.equal(bot.errors, "");
});

test("the bot in Node refuses invalid arguments, and reports a close by the server", async (t) => {
  for (const wrong of [["--strength", "0"], ["--seconds", "x"], ["--fly"], ["a", "b"]]) {
    const bot = new NodeBot(t, "ws://127.0.0.1:1/game", "Robby", wrong);
    assert.equal(await bot.ended, 2, wrong.join(" "));
    assert.match(bot.errors, /^usage: /);
  }
  const server = await GameServer.start(t);
  const bot = new NodeBot(t, server.socketUrl, "\u200b");
  assert.equal(await bot.ended, 1);
  assert.match(bot.errors, /^bot: the connection is closed: name must have 1 to 20 characters/);
});
