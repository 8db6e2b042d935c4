// Times clients side by side.

const roundMilliseconds = 8;

export const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function run({ deliver, settle, inputs }, times) {
  const begin = performance.now();
  for (let n = 0; n < times; ++n) deliver(inputs[n % inputs.length]);
  if (settle) await settle();
  return performance.now() - begin;
}

/** The loop of `run` is to inline nobody's `deliver`, whoever comes first. */
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
 * The clients take turns, round by round, so that what disturbs one disturbs all.
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
  // A browser's clock is coarse: double until the time can be told.
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

/** The rounds alone: `measure(name)` is called for every name in turn. */
export async function pairedRounds(names, rounds, measure) {
  const values = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; ++round) {
    // Timers and signals have their turn, too.
    await new Promise((resolve) => setTimeout(resolve));
    // In another order every time: nobody always pays for what the same one leaves to be collected.
    for (const name of shuffled(names)) values[name].push(await measure(name));
  }
  const base = values[names[0]];
  return names.map((client) => ({
    client,
    value: median(values[client]),
    ratio: median(values[client].map((value, i) => value / base[i])),
  }));
}
