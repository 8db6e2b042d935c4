import { bundle } from "./bundle.mjs";
import measureStubbed from "./stubbed.mjs";

/**
 * @param part - "receive" or "send".
 * @param lines - The lines to measure; all, if undefined.
 * @returns a table for Node and one for Chromium
 */
export async function measureBoth(part, chromium, lines) {
  const described = { unit: "ns", show: "ratio" };
  const inNode = await measureStubbed({ part, lines });
  chromium.serve("/stubbed.js", await bundle("stubbed.mjs"));
  const inChromium = await chromium.run("/stubbed.js", { part, lines });
  return [
    { title: `${part}, stubbed, Node`, ...described, rows: inNode },
    { title: `${part}, stubbed, Chromium`, ...described, rows: inChromium },
  ];
}
