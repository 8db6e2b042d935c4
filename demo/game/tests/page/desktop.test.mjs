// The game in a window of SDL, under ASan and UBSan, without a screen: its pixels are read from the
// picture of its last frame.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { dataFolder } from "../../../common/tests/demo-server.mjs";
import { GameClient } from "../support/client.mjs";
import { GameServer } from "../support/server.mjs";
import { DesktopGame } from "./bot.mjs";

const screenshots = new URL("../../../../build/screenshots/", import.meta.url);

/** Colours of client/sdl/colours.hpp. */
const colours = {
  floor: [13, 19, 34],
  dot: [94, 234, 212],
  bonus: [255, 224, 102],
  ink: [241, 245, 251],
  first: [255, 122, 69],
  second: [77, 171, 247],
};

/** A BMP file of 24 bits per pixel, whose rows are in the order of the file. */
function readPicture(file) {
  const data = readFileSync(file);
  assert.equal(data.toString("latin1", 0, 2), "BM");
  assert.equal(data.readUInt16LE(28), 24);
  const [start, width, height] = [10, 18, 22].map((at) => data.readInt32LE(at));
  const stride = Math.ceil((width * 3) / 4) * 4;
  /** The number of pixels of a colour, which blending may have rounded. */
  const count = ([red, green, blue]) => {
    const isNear = (value, wanted) => Math.abs(value - wanted) <= 2;
    let found = 0;
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) {
        const at = start + y * stride + x * 3;
        const [b, g, r] = [data[at], data[at + 1], data[at + 2]];
        if (isNear(r, red) && isNear(g, green) && isNear(b, blue)) found += 1;
      }
    }
    return found;
  };
  return { width, height, count };
}

test("the game in a window plays on after its server was killed, and its picture shows the arena", async (t) => {
  const server = await GameServer.start(t);
  const file = join(dataFolder(t, "desktop"), "last.bmp");
  const args = ["--autopilot", "--screenshot", file];
  const game = new DesktopGame(t, server.socketUrl, "Ann", args);
  await game.until(({ state, score, round }) => state === "open" && score >= 2 && round === 1);
  const { score } = game.report;
  await server.kill();
  await game.until(({ state }) => state === "waiting");
  await server.restart();
  await GameClient.join(t, server, "Bob");
  await game.until((now) => now.connections === 2 && now.score > score && now.players === 2);
  assert.equal(await game.stop(), 0, game.errors);
  assert.equal(game.errors, "");

  mkdirSync(screenshots, { recursive: true });
  copyFileSync(file, new URL("game-desktop.bmp", screenshots));
  const { width, height, count } = readPicture(file);
  assert.deepEqual([width, height], [1280, 780]);
  const found = Object.fromEntries(
    Object.entries(colours).map(([name, colour]) => [name, count(colour)]),
  );
  // In the window a unit is 0.8 pixels: a player has about 800 pixels, and a dot about 130.
  const least = { floor: 500_000, dot: 1500, bonus: 200, ink: 300, first: 500, second: 500 };
  for (const [name, pixels] of Object.entries(least)) {
    assert.ok(found[name] >= pixels, `${name}: ${JSON.stringify(found)}`);
  }
});

test("the game in a window ends after a number of frames, and reports what it cannot do", async (t) => {
  const server = await GameServer.start(t);
  const file = join(dataFolder(t, "desktop"), "frames.bmp");
  const frames = ["--frames", "5", "--screenshot"];
  const game = new DesktopGame(t, server.socketUrl, "Ann", [...frames, file]);
  assert.equal(await game.ended, 0, game.errors);
  assert.ok(readPicture(file).count(colours.first) >= 500);
  const nowhere = new DesktopGame(t, server.socketUrl, "Ann", [...frames, "/nowhere/frames.bmp"]);
  assert.equal(await nowhere.ended, 1);
  assert.match(nowhere.errors, /^game: no screenshot: /);
  const wrong = new DesktopGame(t, server.socketUrl, "Ann", ["--frames", "0"]);
  assert.equal(await wrong.ended, 2);
  assert.match(wrong.errors, /^usage: /);
});
