// Reads the frame that the game provides: its numbers have the layout of client/web/main.cpp.

/** In the game's units, as in client/arena.hpp. */
export const arena = { width: 1600, height: 900, radius: 20, dotRadius: 8, firstBonus: 36 };

const headerSize = 9;
const playerSize = 6;

/**
 * @typedef {object} Scene
 * @property {number} me The id of the own player; -1 before the server has assigned it.
 * @property {{ x: number, y: number } | undefined} confirmed The own position without prediction.
 * @property {{ n: number, isOver: boolean, remaining: number, target: number }} round `n` is -1
 *   without a round; `remaining` is in milliseconds, -1 if unknown.
 * @property {{ id: number, x: number, y: number, colour: number, isAway: boolean, score: number }[]}
 *   players
 * @property {{ x: number, y: number }[]} dots
 */

/** @type {Scene} */
export const emptyScene = {
  me: -1,
  confirmed: undefined,
  round: { n: -1, isOver: false, remaining: -1, target: -1 },
  players: [],
  dots: [],
};

/**
 * @param {Float32Array} numbers
 * @returns {Scene}
 */
export function readScene(numbers) {
  const [me, confirmedX, confirmedY, n, isOver, remaining, target, playerCount, dotCount] = numbers;
  const players = [];
  const dots = [];
  let at = headerSize;
  for (let index = 0; index < playerCount; ++index, at += playerSize) {
    const [id, x, y, colour, isAway, score] = numbers.subarray(at, at + playerSize);
    players.push({ id, x, y, colour, isAway: isAway === 1, score });
  }
  for (let index = 0; index < dotCount; ++index, at += 2) {
    dots.push({ x: numbers[at], y: numbers[at + 1] });
  }
  const confirmed = confirmedX < 0 ? undefined : { x: confirmedX, y: confirmedY };
  return { me, confirmed, round: { n, isOver: isOver === 1, remaining, target }, players, dots };
}
