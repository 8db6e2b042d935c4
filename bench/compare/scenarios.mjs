// The scenarios of `npm run bench -- compare`, whose tables are in docs/coming-from/comparison.md. What they
// need is imported when they run: the check of that page has no packages of the bench.

/** Those that mostly wait: they run beside each other. */
export const waiting = {
  away: async () => (await import("./away.mjs")).measureAway(),
  silent: async () => (await import("./silent.mjs")).measureSilent(),
  outage: async () => (await import("./outage.mjs")).measureOutage(),
  refused: async () => (await import("./refused.mjs")).measureRefused(),
  server: async () => (await import("./server.mjs")).measureServer(),
};

/** Those to which load matters: one after the other, when nothing else runs. */
const alone = {
  killed: async () => (await import("./killed.mjs")).measureKilled(),
  size: async () => (await import("./cost.mjs")).measureSizes(),
  start: async (chromium) => (await import("./cost.mjs")).measureStart(chromium),
  speed: async (chromium) => (await import("./cost.mjs")).measureSpeed(chromium),
};

export const scenarios = { ...waiting, ...alone };
