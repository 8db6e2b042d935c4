import { bundle } from "./bundle.mjs";
import measureStubbed from "./stubbed.mjs";

/**
 * @param part - "receive" or "send".
 * @param lines - Those that are measured; all, if undefined.
 * @returns a table of Node and one of Chromium
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
