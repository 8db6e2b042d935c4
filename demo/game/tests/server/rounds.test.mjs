// The rounds, on a virtual clock: steps are made by the test, at times that it chooses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../../../tests/support/until.mjs";
import { createLogger } from "../../../common/logger.mjs";
import { dataFolder } from "../../../common/tests/demo-server.mjs";
import { Arena } from "../../server/arena.mjs";
import { complete } from "../../server/config.mjs";
import { Match } from "../../server/match.mjs";
import { phaseAfter, rankingOf, winnersOf } from "../../server/rounds.mjs";
import { hashOf, Store } from "../../server/store.mjs";
import { GameClient, newKey } from "../support/client.mjs";
import { FakeSocket } from "../support/fake-socket.mjs";
import { GameServer } from "../support/server.mjs";

const rules = { round: 1000, pause: 200, target: 10 };
/** The points of all dots in an arena in which everything is in the centre. */
const pointsOfStep = 36 + 4 * 5;

/** A match in which every step collects all dots, for the player who has entered first. */
class Rounds {
  /** Set by a restart. @type {any} */
  match;
  store;
  #t;
  #folder;
  #config;

  static async start(t, config = {}) {
    const rounds = new Rounds();
    rounds.#t = t;
    rounds.#config = complete({ ...rules, ...config });
    rounds.#folder = dataFolder(t, "rounds", () => rounds.store?.close());
    await rounds.restart();
    return rounds;
  }

  async restart() {
    await this.match?.stop();
    await this.store?.close();
    this.store = await Store.open(this.#folder);
    const arena = new Arena(() => 0.5);
    this.match = new Match(this.#config, createLogger("silent"), this.store, { arena });
  }

  join(name, key) {
    return FakeSocket.join(this.#t, this.match, name, key);
  }

  /** Steps until the stored round is in this phase. */
  async reaches(time, n, phase) {
    await eventually(() => {
      const { round } = this.store;
      // Another step would collect dots.
      if (round?.n === n && round.phase === phase) return true;
      this.match.step(time);
      return false;
    });
  }
}

/** The text messages of one type that a player was sent. */
function received(socket, type) {
  return socket.sent
    .filter((data) => typeof data === "string")
    .map((data) => JSON.parse(data))
    .filter((message) => message.type === type);
}

test("a round ends at its time or at the target, and the next one follows after a pause", () => {
  const play = { n: 4, phase: /** @type {const} */ ("play"), until: 5000, ranking: [] };
  const end = { ...play, phase: /** @type {const} */ ("end") };
  const after = (round, time, players, best) => phaseAfter(round, { time, players, best }, rules);
  assert.deepEqual(after(undefined, 50, 1, 0), { n: 1, phase: "play", until: 1050 });
  assert.equal(after(undefined, 50, 0, 0), undefined, "an empty arena begins no round");
  assert.equal(after(play, 4999, 2, 9), undefined);
  assert.deepEqual(after(play, 4999, 2, 10), { n: 4, phase: "end", until: 5199 });
  assert.deepEqual(after(play, 5000, 2, 0), { n: 4, phase: "end", until: 5200 });
  assert.deepEqual(after(play, 5000, 0, 0), { n: 4, phase: "end", until: 5200 });
  assert.equal(after(end, 4999, 2, 10), undefined);
  assert.equal(after(end, 9000, 0, 0), undefined);
  assert.deepEqual(after(end, 9000, 1, 0), { n: 5, phase: "play", until: 10_000 });
});

test("a result is in the order of the scores, and equal best scores win together", () => {
  const place = (name, score) => ({ hash: name, name, colour: 0, score });
  const ranking = rankingOf([place("a", 3), place("b", 7), place("c", 7), place("d", 0)]);
  assert.deepEqual(
    ranking.map(({ name }) => name),
    ["b", "c", "a", "d"],
  );
  assert.deepEqual(
    winnersOf(ranking).map(({ name }) => name),
    ["b", "c"],
  );
  assert.deepEqual(winnersOf([place("d", 0)]), []);
  assert.deepEqual(winnersOf([]), []);
});

test("the first to reach the target wins; the next round starts from zero, and wins are kept", async (t) => {
  const rounds = await Rounds.start(t);
  const [ann, bob] = [rounds.join("Ann"), rounds.join("Bob")];
  await rounds.reaches(0, 1, "play");
  const [first] = received(ann, "round");
  assert.deepEqual(first, {
    type: "round",
    n: 1,
    phase: "play",
    until: 1000,
    target: 10,
    ranking: [],
  });
  await rounds.reaches(50, 1, "end");
  const [, result] = received(bob, "round");
  const [{ you: anns }] = received(ann, "welcome");
  const [{ you: bobs }] = received(bob, "welcome");
  assert.deepEqual([result.n, result.phase, result.until], [1, "end", 250]);
  assert.deepEqual(result.ranking, [
    { player: anns, name: "Ann", colour: 0, score: pointsOfStep, wins: 1 },
    { player: bobs, name: "Bob", colour: 1, score: 0, wins: 0 },
  ]);
  assert.deepEqual(received(bob, "scored").at(-1), {
    type: "scored",
    player: anns,
    score: pointsOfStep,
  });
  // Players move during the pause, and collect nothing.
  for (let time = 100; time < 250; time += 50) rounds.match.step(time);
  await rounds.reaches(250, 2, "play");
  assert.equal(received(bob, "scored").at(-1).score, pointsOfStep);

  const cleo = rounds.join("Cleo");
  const [{ players, round }] = received(cleo, "welcome");
  assert.deepEqual([round.n, round.phase, round.until], [2, "play", 1250]);
  const [annNow] = players;
  assert.deepEqual([annNow.score, annNow.wins, annNow.total], [0, 1, pointsOfStep]);
});

test("a stopped server continues the round, with the scores of that round and no others", async (t) => {
  const rounds = await Rounds.start(t, { target: 1000 });
  const [annsKey, bobsKey] = [newKey(), newKey()];
  rounds.join("Ann", annsKey);
  rounds.join("Bob", bobsKey);
  await rounds.reaches(0, 1, "play");
  rounds.match.step(50);
  await rounds.restart();
  const again = rounds.join("Ann", annsKey);
  const [welcome] = received(again, "welcome");
  assert.deepEqual([welcome.round.n, welcome.round.until], [1, 1000]);
  assert.equal(welcome.players[0].score, pointsOfStep);

  // Bob is not back, and the round is over: he begins the next one without points of this one.
  await rounds.reaches(1000, 1, "end");
  await rounds.reaches(1200, 2, "play");
  const bob = rounds.join("Bob", bobsKey);
  const [{ players }] = received(bob, "welcome");
  assert.deepEqual(
    players.map(({ name, score, wins, total }) => [name, score, wins, total]),
    [
      // The last step of a round counts.
      ["Ann", 0, 1, 2 * pointsOfStep],
      ["Bob", 0, 0, 0],
    ],
  );
});

test("a round that ended while no server ran is decided by the stored scores", async (t) => {
  const rounds = await Rounds.start(t, { target: 1000 });
  const key = newKey();
  rounds.join("Ann", key);
  await rounds.reaches(0, 1, "play");
  rounds.match.step(50);
  await rounds.restart();
  await rounds.reaches(60_000, 1, "end");
  assert.equal(rounds.store.players.get(hashOf(key)).wins, 1);
  const bob = rounds.join("Bob");
  const [{ round }] = received(bob, "welcome");
  assert.deepEqual(round.ranking, [
    { player: null, name: "Ann", colour: 0, score: pointsOfStep, wins: 1 },
  ]);
  // Scores that an older server stored have no round: they count in the total only.
  const old = { name: "Old", colour: 1, score: 7, x: 800, y: 450, seen: Date.now() };
  const oldKey = newKey();
  await rounds.store.savePlayers([[hashOf(oldKey), old]]);
  const [{ players }] = received(rounds.join("Old", oldKey), "welcome");
  const { score, wins, total } = players.at(-1);
  assert.deepEqual([score, wins, total], [0, 0, 7]);
});

test("a round that could not be written is not announced, and is tried again", async (t) => {
  const rounds = await Rounds.start(t);
  const ann = rounds.join("Ann");
  const { store } = rounds;
  const write = store.saveRound;
  let failures = 0;
  store.saveRound = async () => {
    failures += 1;
    throw new Error("the disk is full");
  };
  await eventually(() => {
    rounds.match.step(0);
    return failures >= 2;
  });
  assert.deepEqual(received(ann, "round"), []);
  store.saveRound = write;
  await rounds.reaches(50, 1, "play");
  assert.equal(received(ann, "round").length, 1);
});

test("a killed server continues the round at the same time, and players see its end", async (t) => {
  const server = await GameServer.start(t, { GAME_TARGET: "3", GAME_PAUSE: "1000" });
  const key = newKey();
  const ann = await GameClient.join(t, server, "Ann", { key });
  const { round } = ann.welcome;
  const first = round ?? (await ann.receives("round"));
  assert.equal(first.phase, "play");
  await server.kill();
  await ann.closed;
  await server.restart();
  const again = await GameClient.join(t, server, "Ann", { key });
  assert.deepEqual([again.welcome.round.n, again.welcome.round.until], [first.n, first.until]);
  await again.collect(3);
  const end = await again.receives("round", ({ phase }) => phase === "end");
  const [best] = end.ranking;
  assert.deepEqual([best.player, best.name, best.wins], [again.welcome.you, "Ann", 1]);
  assert.ok(best.score >= 3);
  const next = await again.receives("round", ({ phase }) => phase === "play");
  assert.equal(next.n, first.n + 1);
  await again.until(() => again.me.score < 3);
});
