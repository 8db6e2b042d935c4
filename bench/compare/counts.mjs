import { median } from "../rounds.mjs";

/** Counts lost, repeated and reordered numbers of 1 to `sent`, given the handled ones in order. */
export function countOf(sent, numbers) {
  const seen = new Set();
  let twice = 0;
  let outOfOrder = 0;
  let highest = 0;
  for (const number of numbers) {
    if (seen.has(number)) ++twice;
    else if (number < highest) ++outOfOrder;
    seen.add(number);
    highest = Math.max(highest, number);
  }
  return { sent, lost: sent - seen.size, twice, outOfOrder };
}

/** Adds counts field by field. */
export function sumOf(counts) {
  const sum = {};
  for (const count of counts) {
    for (const [field, value] of Object.entries(count)) sum[field] = (sum[field] ?? 0) + value;
  }
  return sum;
}

/** The largest number of times within `milliseconds`. */
export function peakOf(times, milliseconds) {
  const sorted = times.toSorted((a, b) => a - b);
  let first = 0;
  let most = 0;
  for (const [last, time] of sorted.entries()) {
    while (time - sorted[first] >= milliseconds) ++first;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

const seconds = (milliseconds) => (milliseconds / 1000).toFixed(1);

export const medianSeconds = (times) => seconds(median(times));
export const longestSeconds = (times) => seconds(Math.max(...times));

/**
 * A row for every client in every line.
 * @param lines - line -> function of a client's measurements that returns a number or a string
 * @param measured - client -> measurements
 */
export function rowsOf(lines, measured) {
  return Object.entries(lines).flatMap(([line, pick]) =>
    Object.entries(measured).map(([client, result]) => ({ line, client, value: pick(result) })),
  );
}

/** Runs `measure(name, client)` for all clients concurrently; resolves to name -> result. */
export async function forEach(clients, measure) {
  const entries = Object.entries(clients);
  const results = await Promise.all(entries.map(([name, client]) => measure(name, client)));
  return Object.fromEntries(entries.map(([name], i) => [name, results[i]]));
}
