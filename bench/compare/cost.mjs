// The cost of a library: its size, its start-up time, and the time it adds to a message, measured by
// the parts of `npm run bench`.
import { measureOpening } from "../open/part.mjs";
import { entries, peers, sizesOf } from "../size.mjs";
import { measureBoth } from "../stubbed-part.mjs";

const names = ["raw", "steadysocket", "reconnecting-websocket", "partysocket", "socket.io"];
/** "raw again" shows the noise. */
const timed = ["raw again", ...names];
/** Entries of the package that are complete by themselves. */
const whole = ["steadysocket", "steadysocket/core", "steadysocket/js"];

export async function measureSizes() {
  const ours = Object.entries(entries()).filter(([name]) => whole.includes(name));
  const rows = await sizesOf({ ...Object.fromEntries(ours), ...peers });
  return [{ title: "size of the libraries", unit: "bytes", show: "value", rows }];
}

export async function measureStart(chromium) {
  const rows = await measureOpening(chromium, [
    { line: "first constructor", what: "constructor", names },
    { line: "import to open", names },
  ]);
  return [{ title: "start, Chromium", unit: "ms", show: "value", rows }];
}

export async function measureSpeed(chromium) {
  const tables = [];
  for (const part of ["receive", "send"]) {
    for (const { rows, ...table } of await measureBoth(part, chromium, ["60 B"])) {
      tables.push({ ...table, rows: rows.filter(({ client }) => timed.includes(client)) });
    }
  }
  return tables;
}
