// What a library costs: bytes, the time until it is of use, and what it adds to a message. The
// numbers are those of the parts of `npm run bench` for the libraries that are compared here.
import { measureOpening } from "../open/part.mjs";
import { entries, peers, sizesOf } from "../size.mjs";
import { measureBoth } from "../stubbed-part.mjs";

const names = ["raw", "steadysocket", "reconnecting-websocket", "partysocket", "socket.io"];
/** "raw again" shows the noise. */
const timed = ["raw again", ...names];
/** Entries of the package that make a socket by themselves, with all that this takes. */
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
