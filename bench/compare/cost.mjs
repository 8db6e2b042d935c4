// What a library costs: bytes, the time until it is of use, and what it adds to a message. The
// numbers are those of the parts of `npm run bench` for the libraries that are compared here.
import { measureOpening } from "../open/part.mjs";
import { measureSize } from "../size.mjs";
import { measureBoth } from "../stubbed-part.mjs";

const peers = ["reconnecting-websocket", "partysocket", "socket.io"];
const names = ["raw", "steadysocket", ...peers];
/** Entries of the package that make a socket by themselves. */
const entries = ["steadysocket", "steadysocket/core", "steadysocket/js"];

const only = (clients, rows) => rows.filter(({ client }) => clients.includes(client));

export async function measureSizes() {
  const [{ rows, ...table }] = await measureSize();
  const compressed = rows.filter(({ line }) => line === "gzip -9");
  return [{ ...table, title: "size of the libraries", rows: only([...entries, ...peers], compressed) }];
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
      tables.push({ ...table, rows: only(names, rows) });
    }
  }
  return tables;
}
