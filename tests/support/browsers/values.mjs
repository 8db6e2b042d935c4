// Values of a page as JSON, including undefined and the numbers that JSON does not have.

const tag = "\0value";
const unusual = { undefined, NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity, "-0": -0 };

/** The source of a function that encodes a value in the page. */
export const encode = `(value) => JSON.stringify(value, (_key, one) => {
  const isUnusual = typeof one === "number" ? !Number.isFinite(one) || Object.is(one, -0) : one === undefined;
  return isUnusual ? { ${JSON.stringify(tag)}: Object.is(one, -0) ? "-0" : String(one) } : one;
})`;

export const decode = (json) => restored(JSON.parse(json));

function restored(value) {
  if (Array.isArray(value)) return value.map(restored);
  if (typeof value !== "object" || value === null) return value;
  if (tag in value) return unusual[value[tag]];
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, restored(one)]));
}
