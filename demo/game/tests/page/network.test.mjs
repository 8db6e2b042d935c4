// The controls of the bad network: the page's socket experiences a disturbance, and recovers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../../../../tests/support/browsers/chromium.mjs";
import { GameClient } from "../support/client.mjs";
import { GameServer } from "../support/server.mjs";
import { Player, sizes } from "./player.mjs";

const controlled = { GAME_CONTROLS: "1" };

/** A player whose page has the controls. */
async function join(t, size = sizes.desktop) {
  const server = await GameServer.start(t, controlled);
  const ann = await Player.join(t, server, "Ann", size);
  ann.tab.expected.push(chromium.refusedConnection);
  await ann.tab.sees("#network");
  await ann.tab.evaluate(() => {
    globalThis.events = [];
    const { socket } = globalThis.arena;
    socket.addEventListener("error", ({ code }) => globalThis.events.push(code));
    socket.on("welcome", () => globalThis.events.push("welcome"));
  });
  return { server, ann };
}

const events = (ann) => ann.tab.evaluate(() => globalThis.events);
const framesOf = () => globalThis.arena.game._game_states();

/** Resolves when further states arrive. */
async function continues(ann) {
  await ann.isIn("open");
  const before = await ann.tab.evaluate(framesOf);
  await ann.tab.until((count) => globalThis.arena.game._game_states() > count + 5, before);
}

test("without GAME_CONTROLS the page has a net graph and no controls", async (t) => {
  const server = await GameServer.start(t);
  const ann = await Player.join(t, server, "Ann", sizes.desktop);
  await ann.tab.seesNone("#network");
  await ann.tab.until(() => globalThis.arena.graph.samples.length >= 4);
  const sample = await ann.tab.evaluate(() => globalThis.arena.graph.samples.at(-1));
  assert.equal(sample.isOpen, true);
  assert.ok(sample.trip >= 0 && sample.jitter >= 0);
  // Twenty states a second, each of 18 bytes, one player and forty dots.
  await ann.tab.sees("#bytes-in", /^[2-9]\.\d KB\/s$/);
  await ann.tab.sees("#waiting", /^\d out, \d in$/);
  const isDrawn = () => {
    const canvas = document.getElementById("net-graph");
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    return data.some((value) => value > 0);
  };
  await ann.tab.until(isDrawn);
});

test("latency raises the round trip, shows the server's position apart, and prediction hides it", async (t) => {
  const { server, ann } = await join(t);
  // For the picture.
  for (const name of ["Bob", "Cleo"]) await GameClient.join(t, server, name);
  await ann.tab.click("#network button", "250 ms");
  await ann.tab.until(() => globalThis.arena.socket.stats().roundTrip?.last >= 250);
  await ann.tab.until(
    () => Number.parseInt(document.getElementById("round-trip").textContent, 10) >= 250,
  );
  const pressed = await ann.tab.texts('#network [aria-pressed="true"]');
  assert.deepEqual(pressed, ["250 ms"]);
  await ann.plays();
  // Moving, the predicted position is ahead of the one that others see: by at least 0.3 s.
  const ahead = () => {
    const { me, confirmed, players } = globalThis.arena.drawing.scene;
    const mine = players.find(({ id }) => id === me);
    return mine && confirmed ? Math.hypot(mine.x - confirmed.x, mine.y - confirmed.y) : 0;
  };
  await ann.tab.until(`() => (${ahead})() > 50`);
  const score = () => Number(document.querySelector("#scores .me output").textContent);
  await ann.tab.until(`() => (${score})() >= 8`);
  await ann.screenshot("latency");
  assert.deepEqual(await ann.faults(), []);
  await ann.tab.click("#prediction");
  await ann.tab.until(`() => (${ahead})() === 0`);
  await ann.tab.click("#prediction");
  await ann.tab.until(`() => (${ahead})() > 50`);
  await ann.tab.click("#network button", "No delay");
  await ann.tab.until(() => globalThis.arena.socket.stats().roundTrip?.last < 250);
  assert.deepEqual(await events(ann), [], "latency ends no connection");
});

test("a cut link is noticed at once, the game resumes its session, and the note has the times", async (t) => {
  const { ann } = await join(t);
  await ann.tab.click("#cut");
  await ann.isIn("waiting");
  await ann.tab.sees("#notice", "Connection lost");
  await ann.tab.sees("#network-note", /Noticed after \d\.\d s, connected again after [3-9]\.\d s/);
  await continues(ann);
  assert.equal(await ann.tab.text("#connections"), "2");
  assert.ok(!(await events(ann)).includes("welcome"), "the session has continued");
  const lost = await ann.tab.evaluate(
    () => globalThis.arena.graph.samples.filter(({ isOpen }) => !isOpen).length,
  );
  assert.ok(lost >= 4, `${lost} samples without a connection`);
});

test("silence is found by the heartbeat within its interval and timeout, and the game resumes", async (t) => {
  const { ann } = await join(t, sizes.phone);
  await ann.tab.click("#silence");
  await ann.tab.sees("#network-note", /Noticed after/);
  assert.deepEqual(await ann.faults(), []);
  const wide = await ann.tab.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= sizes.phone.width, `${wide} px`);
  const note = await ann.tab.text("#network-note");
  const [, seconds] = /Noticed after (\d+\.\d) s/.exec(note);
  // The last ping may have been answered just before, or not any more.
  assert.ok(Number(seconds) >= 1.5 && Number(seconds) < 6, note);
  await continues(ann);
  const seen = await events(ann);
  assert.ok(seen.includes("heartbeat_timeout"), JSON.stringify(seen));
  assert.ok(!seen.includes("welcome"), "the session has continued");
  assert.equal(await ann.tab.text("#connections"), "2");
});

test("a killed server is back with the round and the scores, and the delay is set again", async (t) => {
  const { server, ann } = await join(t);
  await ann.tab.click("#network button", "100 ms");
  await ann.plays();
  await ann.tab.until(() => Number(document.querySelector("#scores .me output").textContent) >= 2);
  const { Ann: score } = await ann.scores();
  await ann.tab.click("#kill");
  await ann.isIn("waiting");
  await continues(ann);
  const { Ann: now } = await ann.scores();
  assert.ok(now >= score, `${now} after ${score}`);
  assert.ok((await events(ann)).includes("welcome"), "a killed server has no sessions");
  assert.equal(server.logs.filter(({ msg }) => msg === "listening").length, 2);
  await ann.tab.until(() => globalThis.arena.socket.stats().roundTrip?.last >= 100);
  server.signal("SIGTERM");
  assert.deepEqual(await server.ended(), { code: 0, signal: null });
});
