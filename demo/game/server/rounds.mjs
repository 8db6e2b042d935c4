// The rule of the rounds: when one ends, which follows, and the order of the players. Independent
// of clock, connections and disk.

/**
 * @typedef {object} Place A player's result.
 * @property {string} hash As in Player.
 * @property {string} name
 * @property {number} colour
 * @property {number} score
 */

/**
 * @typedef {object} Round
 * @property {number} n Counts the rounds from 1.
 * @property {"play" | "end"} phase `end`: the result is shown, and no dot is collected.
 * @property {number} until The end of the phase, in milliseconds since 1970.
 * @property {Place[]} ranking The result, best first; empty during `play`.
 */

/** The best places of a result. The others are not kept. */
const keptPlaces = 10;

/**
 * @param {Round | undefined} round
 * @param {object} now
 * @param {number} now.time Milliseconds since 1970.
 * @param {number} now.players The number of players in the arena.
 * @param {number} now.best The highest score of this round.
 * @param {{ round: number, pause: number, target: number }} rules As in Config.
 * @returns {{ n: number, phase: "play" | "end", until: number } | undefined} The phase that follows
 *   at this time, or undefined if nothing changes. An empty arena begins no round.
 */
export function phaseAfter(round, { time, players, best }, rules) {
  if (round?.phase === "play") {
    if (time < round.until && best < rules.target) return undefined;
    return { n: round.n, phase: "end", until: time + rules.pause };
  }
  const isDue = round === undefined || time >= round.until;
  if (!isDue || players === 0) return undefined;
  return { n: (round?.n ?? 0) + 1, phase: "play", until: time + rules.round };
}

/**
 * The result of a round, of all players who scored in it and those in the arena.
 * @param {Place[]} places In any order.
 */
export function rankingOf(places) {
  return places.toSorted((a, b) => b.score - a.score).slice(0, keptPlaces);
}

/** The winners of a result: several if they have the same score, none without a point. */
export function winnersOf(ranking) {
  const best = ranking[0]?.score ?? 0;
  return best === 0 ? [] : ranking.filter(({ score }) => score === best);
}
