// The parts of the benchmark, in the order in which they run. Each is given a Chromium and returns
// tables of
//   { title, unit, show, rows: [{ line, client, value, ratio? }] }
// `show` says what a cell is: "ratio" (the first client's value, and the others' ratios to it) or
// "value" (everybody's value, and the ratio if there is one).
import { bundle } from "./bundle.mjs";
import { measureCpp } from "./cpp/part.mjs";
import { measureCppSize } from "./cpp/size/part.mjs";
import { measureLive } from "./live/part.mjs";
import { measureNative } from "./native/part.mjs";
import { measureOpen } from "./open/part.mjs";
import { measureQueue } from "./queue/part.mjs";
import { measureSession } from "./session/part.mjs";
import { measureSize } from "./size.mjs";
import measureStubbed from "./stubbed.mjs";

async function stubbed(part, chromium) {
  const described = { unit: "ns", show: "ratio" };
  const inNode = await measureStubbed(part);
  chromium.serve("/stubbed.js", await bundle("stubbed.mjs"));
  const inChromium = await chromium.run("/stubbed.js", part);
  return [
    { title: `${part}, stubbed, Node`, ...described, rows: inNode },
    { title: `${part}, stubbed, Chromium`, ...described, rows: inChromium },
  ];
}

export const parts = {
  receive: (chromium) => stubbed("receive", chromium),
  send: (chromium) => stubbed("send", chromium),
  live: measureLive,
  open: measureOpen,
  cpp: measureCpp,
  native: measureNative,
  queue: measureQueue,
  session: measureSession,
  size: async () => [...(await measureSize()), ...(await measureCppSize())],
};
