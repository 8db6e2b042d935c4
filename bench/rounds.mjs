// Times clients in alternation.

const roundMilliseconds = 8;

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function run({ deliver, settle, inputs }, times) {
  const begin = performance.now();
  for (let n = 0; n < times; ++n) deliver(inputs[n % inputs.length]);
  if (settle) await settle();
  return performance.now() - begin;
}

/** Keeps the engine from inlining the `deliver` of the first client into the loop of `run`. */
async function forgetTypes() {
  let sum = 0;
  for (const deliver of [
    (n) => (sum += n),
    (n) => (sum -= n),
    (n) => (sum ^= n),
    (n) => (sum |= n),
    (n) => (sum &= n),
    (n) => (sum *= n),
  ]) {
    await run({ deliver, settle: undefined, inputs: [1, 2] }, 1000);
  }
  return sum;
}

/**
 * The clients take turns in every round, so that disturbances affect all of them.
 *
 * @param clients - name -> { deliver(input), settle?(), inputs }; the first is the base.
 * @returns for each { client, value: median nanoseconds a message, ratio: median of its ratios to
 *   the base within a round }
 */
export async function compare(clients, rounds) {
  await forgetTypes();
  const names = Object.keys(clients);
  const [base] = names;
  for (const name of names) await run(clients[name], 2 * clients[name].inputs.length);
  // A browser's clock is coarse: double the count until the time is measurable.
  let times = 4;
  while ((await run(clients[base], times)) < roundMilliseconds) times *= 2;

  return pairedRounds(
    names,
    rounds,
    async (name) => ((await run(clients[name], times)) * 1e6) / times,
  );
}

function shuffled(names) {
  const keys = new Map(names.map((name) => [name, Math.random()]));
  return names.toSorted((a, b) => keys.get(a) - keys.get(b));
}

/** Runs the rounds only: calls `measure(name)` for every name in turn. */
export async function pairedRounds(names, rounds, measure) {
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    // Lets timers and signals run.
    await new Promise((resolve) => setTimeout(resolve));
    // In random order, so that no client always pays for the garbage of the same other client.
    for (const name of shuffled(names)) values[name].push(await measure(name));
  }
  const base = values[names[0]];
  return names.map((client) => ({
    client,
    value: median(values[client]),
    ratio: median(values[client].map((value, i) => value / base[i])),
  }));
}
