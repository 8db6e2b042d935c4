// The game in Chromium, with bots that are compiled from the same C++ sources for this machine.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CuttingProxy } from "../../../../tests/session/support/cutting-proxy.mjs";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";
import { newSeed, seeded } from "../../../../tests/support/random.mjs";
import { eventually } from "../../../../tests/support/until.mjs";
import { GameClient } from "../support/client.mjs";
import { GameServer } from "../support/server.mjs";
import { GameBot } from "./bot.mjs";
import { Player, sizes } from "./player.mjs";

test("a page plays with three bots, the server is killed, and all return with their scores", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann", sizes.desktop);
  ann.tab.expected.push(chromium.refusedConnection);
  const names = ["Robby", "Marvin", "Bender"];
  const bots = names.map((name) => new GameBot(t, server.socketUrl, name));
  await ann.seesPlayers(4);
  await Promise.all(bots.map((bot) => bot.until(({ players }) => players === 4)));
  await ann.draws(4);
  // Every player has a score to lose.
  await Promise.all(bots.map((bot) => bot.until(({ score }) => score >= 2)));
  await ann.tab.until(
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
  await ann.tab.sees("#lines .line", "before");
  await ann.screenshot("with-bots");

  await server.kill();
  await ann.isIn("waiting");
  const scores = await ann.scores();
  await ann.tab.sees("#notice", "Connection lost");
  await ann.says("while it was down");
  await ann.tab.sees("#lines .waiting", "while it was down");
  await ann.screenshot("without-server");
  await Promise.all(bots.map((bot) => bot.until(({ state }) => state !== "open")));

  await server.restart();
  await ann.isIn("open");
  await Promise.all(
    bots.map((bot) => bot.until(({ connections, players }) => connections === 2 && players === 4)),
  );
  await ann.seesPlayers(4);
  await ann.draws(4);
  await ann.tab.sees("#lines .line", "while it was down");
  // All clients receive a line before its author gets the reply.
  await ann.tab.seesNone("#lines .waiting");
  await ann.tab.seesNone("#notice");
  const now = await ann.scores();
  for (const name of ["Ann", ...names]) {
    assert.ok(now[name] >= scores[name], `${name}: ${now[name]} after ${scores[name]}`);
  }
  // A later user receives each line once as well.
  const late = await GameClient.join(t, server, "Late");
  assert.deepEqual(
    late.welcome.chat.map(({ text }) => text),
    ["before", "while it was down"],
  );
  assert.deepEqual(await ann.lines(), ["Ann before", "Ann while it was down"]);
  // The game continues.
  await Promise.all(bots.map((bot) => bot.until(({ score }) => score > now.Ann)));

  for (const bot of bots) {
    assert.equal(await bot.stop(), 0, bot.errors);
    assert.equal(bot.errors, "");
  }
});

test("the connection is cut repeatedly during the chat: each line arrives once, in both directions", async (t) => {
  // A network that goes silent during a handshake is detected after ten seconds.
  const server = await GameServer.start(t, { GAME_GRACE: "60000" });
  const seed = newSeed();
  const proxy = await CuttingProxy.start(t, server.port, seeded(seed));
  proxy.calm();
  const ann = await Player.join(t, { url: `http://127.0.0.1:${proxy.port}/` }, "Ann");
  ann.tab.expected.push(chromium.refusedConnection);
  const bob = await GameClient.join(t, server, "Bob");
  await ann.tab.evaluate(() => {
    globalThis.welcomes = 0;
    globalThis.arena.socket.on("welcome", () => {
      globalThis.welcomes += 1;
    });
  });
  proxy.isCalm = false;
  const count = 8;
  for (let n = 0; n < count; ++n) {
    await ann.says(`ann ${n}`);
    bob.send({ type: "chat", id: `${n}`, text: `bob ${n}` });
    await eventually(() => proxy.total > n);
  }
  proxy.calm();
  const lines = (name) => Array.from({ length: count }, (_, n) => `${name} ${n}`);
  const said = (name) => (line) => line.startsWith(`${name} `);
  await ann.tab.until((all) => document.querySelectorAll("#lines .line").length >= all, 2 * count);
  await ann.tab.seesNone("#lines .waiting");
  const seen = await ann.lines();
  const how = `SEED=${seed}: ${JSON.stringify(proxy.cuts)}`;
  for (const name of ["ann", "bob"]) {
    const texts = seen.map((line) => line.slice("Ann ".length)).filter(said(name));
    assert.deepEqual(texts, lines(name), how);
    const received = bob.received.filter(({ type }) => type === "chat").map(({ text }) => text);
    assert.deepEqual(received.filter(said(name)), lines(name), how);
  }
  // The session has survived every connection, so there was no other welcome.
  assert.equal(await ann.tab.evaluate(() => globalThis.welcomes), 0, how);
  assert.ok(Number(await ann.tab.text("#connections")) > 4, how);
});

test("keys move the player on the page at once, and for all others", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const other = await GameClient.join(t, server, "Bob");
  const seen = () => other.opponent;
  await other.until(() => seen() !== undefined);
  const from = { ...seen() };
  // To the side with more space.
  const key = from.x < 800 ? "d" : "ArrowLeft";
  const sign = from.x < 800 ? 1 : -1;
  await ann.tab.evaluate(() => document.getElementById("arena").focus());
  await ann.tab.page.keyboard.down(key);
  await other.until(() => (seen().x - from.x) * sign > 100);
  await ann.tab.until(
    ([x, s]) => {
      const { me, players } = globalThis.arena.drawing.scene;
      return (players.find(({ id }) => id === me).x - x) * s > 100;
    },
    [from.x, sign],
  );
  await ann.tab.page.keyboard.up(key);
  const rests = () => {
    const [before, now] = other.states.slice(-2).map(({ players }) => players);
    const x = (players) => players.find(({ id }) => id === seen().id).x;
    return x(before) === x(now);
  };
  await other.until(rests);
  // The prediction matches the server's position in the end.
  await ann.tab.until((x) => {
    const { me, players } = globalThis.arena.drawing.scene;
    return Math.abs(players.find(({ id }) => id === me).x - x) < 1;
  }, seen().x);
});

test("a key released in the chat, or together with another, is released", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const other = await GameClient.join(t, server, "Bob");
  const seen = () => other.opponent;
  await other.until(() => seen() !== undefined);
  const { keyboard } = ann.tab.page;
  const letGo = {
    chat: async () => {
      await ann.tab.evaluate(() => document.getElementById("line").focus());
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
    await ann.tab.evaluate(() => document.getElementById("arena").focus());
    await keyboard.down("w");
    await other.until(() => seen().sequence === sequence + 1);
    await release();
    await other.until(() => seen().sequence === sequence + 2);
    const [{ x, y }, { length }] = [seen(), other.states];
    await other.until(() => other.states.length > length + 4);
    assert.deepEqual([seen().x, seen().y], [x, y], how);
  }
});

test("a finger on the arena steers there, and typing into the chat does not steer", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann", { ...sizes.phone, touch: true });
  const other = await GameClient.join(t, server, "Bob");
  const seen = () => other.opponent;
  await other.until(() => seen() !== undefined);
  await ann.tab.click("#line");
  await ann.tab.page.keyboard.type("wasd", { delay: 60 });
  const { length } = other.states;
  await other.until(() => other.states.length > length + 4);
  assert.equal(seen().sequence, 0);

  const from = { ...seen() };
  // The chat is below the arena.
  await ann.tab.evaluate(() => document.getElementById("arena").scrollIntoView());
  const box = await ann.tab.evaluate(() =>
    document.getElementById("arena").getBoundingClientRect(),
  );
  const me = await ann.tab.evaluate(() => globalThis.arena.drawing.me);
  // To the centre of the arena, which is never a wall.
  const far = me.x < box.width / 2 ? box.width - 5 : 5;
  await ann.tab.page.mouse.move(box.x + far, box.y + me.y);
  await ann.tab.page.mouse.down();
  await other.until(() => Math.abs(seen().x - from.x) > 60);
  await ann.tab.page.mouse.up();
  const { id } = seen();
  const isAnn = (player) => player.id === id;
  const places = () => other.states.slice(-4).map(({ players }) => players.find(isAnn).x);
  await other.until(() => new Set(places()).size === 1);
  // The arena is 1600 wide, and she was to move at least half of that.
  const way = Math.abs(seen().x - from.x);
  assert.ok(way < 700, `she went ${way}`);
  assert.ok(seen().sequence > 0);
});

test("a tab in the background stays connected, accumulates nothing, and continues when shown", async (t) => {
  const server = await GameServer.start(t);
  const tab = await chromium.open(t, server.url);
  await tab.evaluate(async () => {
    while (document.getElementById("play").disabled) await new Promise(requestAnimationFrame);
    document.getElementById("name").value = "Ann";
    document.getElementById("join").requestSubmit();
    await globalThis.arena.socket.next("welcome");
  });
  const talker = await GameClient.join(t, server, "Bob");
  const frames = () => tab.evaluate(() => globalThis.arena.drawing.frames);
  await tab.hide();
  const before = await frames();
  const received = tab.evaluate(
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
  await received;
  const waiting = await tab.evaluate(() => globalThis.arena.game._game_waiting());
  // The newest state, and at most one text of each type.
  assert.ok(waiting >= 1 && waiting <= 6, `${waiting} wait`);
  assert.equal(await frames(), before);
  assert.equal(await tab.evaluate(() => globalThis.arena.socket.state), "open");
  // JavaScript received everything.
  const lines = await tab.evaluate(() => document.querySelectorAll("#lines .line").length);
  assert.equal(lines, 20);

  // Without frames they are dispatched occasionally, or the server would keep all later ones.
  const left = await tab.evaluate(() => {
    globalThis.arena.game._game_poll();
    return globalThis.arena.game._game_waiting();
  });
  assert.equal(left, 0);
  assert.equal(await frames(), before);

  await tab.show();
  await tab.evaluate(async (count) => {
    const { drawing } = globalThis.arena;
    while (drawing.frames < count) await new Promise(requestAnimationFrame);
  }, before + 5);
  assert.ok((await tab.evaluate(() => globalThis.arena.game._game_waiting())) <= 2);
  const connections = await tab.evaluate(() => document.getElementById("connections").textContent);
  assert.equal(connections, "1");
});

for (const [name, size] of Object.entries(sizes)) {
  test(`axe finds nothing wrong in any state of the game's page: ${name}, light and dark`, async (t) => {
    const server = await GameServer.start(t);
    const ann = await Player.open(t, server, size);
    ann.tab.expected.push(chromium.refusedConnection);
    const isFine = async (state) => {
      for (const theme of ["light", "dark"]) {
        await ann.tab.emulate({ dark: theme === "dark" });
        assert.deepEqual(await ann.faults(), [], `${state}, ${theme}`);
        await ann.screenshot(`${state}-${name}-${theme}`);
      }
      const wide = await ann.tab.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= size.width, `${state}: ${wide} px`);
    };
    await isFine("joining");
    await ann.joins("Ann");
    await ann.isIn("open");
    await ann.says("hello");
    await ann.tab.sees("#lines .line", "hello");
    await isFine("playing");
    await server.kill();
    await ann.isIn("waiting");
    await ann.says("waits");
    await isFine("waiting");
  });
}

test("the page creates no Blobs for states that only C++ reads, and still counts them", async (t) => {
  const server = await GameServer.start(t);
  const { tab } = await Player.join(t, server, "Ann");
  await tab.evaluate(() => {
    globalThis.blobs = 0;
    globalThis.Blob = class extends Blob {
      constructor(...given) {
        super(...given);
        globalThis.blobs += 1;
      }
    };
    document.getElementById("rate").textContent = "";
  });
  await tab.until(() => Number(document.getElementById("rate").textContent) > 5);
  assert.equal(await tab.evaluate(() => globalThis.blobs), 0);
});

test("names and lines remain text, whatever they contain", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const evil = "<img src=x onerror=1>";
  const other = await GameClient.join(t, server, evil.slice(0, 20));
  other.send({ type: "chat", id: "1", text: evil });
  await ann.tab.sees("#lines .line", evil);
  await ann.tab.sees("#scores bdi", "<img");
  assert.equal(await ann.tab.count("img"), 1, "the icon and no other");
});

test("a reload keeps the player, and a tab replaced by another with the same key shows the reason", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann");
  const me = () => ann.tab.attribute("#scores .me", "data-id");
  const id = await me();
  await ann.tab.reload();
  await ann.tab.click("#play:enabled");
  await ann.tab.sees("#scores .me");
  assert.equal(await me(), id);
  const key = await ann.tab.evaluate(() => sessionStorage.getItem("steadysocket-game-key"));
  await GameClient.join(t, server, "Ann", { key });
  await ann.isIn("closed");
  await ann.tab.sees("#notice", "the same key has connected again");
});
