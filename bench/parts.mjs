// The parts of the benchmark, in the order in which they run. Each receives a Chromium and returns
// tables of the form
//   { title, unit, show, rows: [{ line, client, value, ratio? }] }
// `show` selects the cells: "ratio" (the value of the first client, and the ratios of the others to
// it) or "value" (the value of each client, and the ratio if there is one).
import { measureCpp } from "./cpp/part.mjs";
import { measureCppSize } from "./cpp/size/part.mjs";
import { measureLive } from "./live/part.mjs";
import { measureNative } from "./native/part.mjs";
import { measureOpen } from "./open/part.mjs";
import { measureQueue } from "./queue/part.mjs";
import { measureSession } from "./session/part.mjs";
import { measureSize } from "./size.mjs";
import { measureBoth } from "./stubbed-part.mjs";

export const parts = {
  receive: (chromium) => measureBoth("receive", chromium),
  send: (chromium) => measureBoth("send", chromium),
  live: measureLive,
  open: measureOpen,
  cpp: measureCpp,
  native: measureNative,
  queue: measureQueue,
  session: measureSession,
  size: async () => [...(await measureSize()), ...(await measureCppSize())],
};
