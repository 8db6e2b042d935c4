// The scenarios of `npm run bench -- compare`, whose tables are in docs/coming-from/comparison.md.
// They import their modules when they run: the check of that page has no packages of the bench.

/** Scenarios that mostly wait. They run concurrently. */
export const waiting = {
  away: async () => (await import("./away.mjs")).measureAway(),
  silent: async () => (await import("./silent.mjs")).measureSilent(),
  outage: async () => (await import("./outage.mjs")).measureOutage(),
  refused: async () => (await import("./refused.mjs")).measureRefused(),
  server: async () => (await import("./server.mjs")).measureServer(),
};

/** Scenarios that depend on the load. They run one after the other, and alone. */
const alone = {
  killed: async () => (await import("./killed.mjs")).measureKilled(),
  size: async () => (await import("./cost.mjs")).measureSizes(),
  start: async (chromium) => (await import("./cost.mjs")).measureStart(chromium),
  speed: async (chromium) => (await import("./cost.mjs")).measureSpeed(chromium),
};

export const scenarios = { ...waiting, ...alone };
