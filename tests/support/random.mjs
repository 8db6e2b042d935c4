// Random numbers that a seed reproduces.
import { randomInt } from "node:crypto";

/** A generator of numbers in [0, bound): the same for the same seed (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % bound;
  };
}

/** A seed for a test: $SEED, or a new one. Print it when the test fails. */
export const newSeed = () => Number(process.env.SEED ?? randomInt(2 ** 31));
