// One client in a process of its own (node --expose-gc): fills its queue, then opens. Without the
// name of a client, keeps the texts in a plain array: what the payload itself takes.
import { message } from "../messages.mjs";
import { StubWebSocket } from "../stub.mjs";

const count = 100_000;

// What Node tells as external has the memory of WebAssembly in it, or the numbers would be wrong.
const externalBefore = process.memoryUsage().external;
const probe = new WebAssembly.Memory({ initial: 16 });
if (process.memoryUsage().external - externalBefore < probe.buffer.byteLength) {
  throw new Error("this Node does not count the memory of WebAssembly");
}

async function usedBytes() {
  for (let i = 0; i < 4; ++i) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

StubWebSocket.opensItself = false;
const name = process.argv[2];
const kept = [];
let push = (text) => kept.push(text);
if (name !== undefined) {
  const { clients } = await import("./clients.mjs");
  push = clients[name](StubWebSocket);
}
// Some look for a connection in a later task.
while (name !== undefined && StubWebSocket.last === undefined) {
  await new Promise((resolve) => setImmediate(resolve));
}
// The texts are made inside the measurement, for everybody: they are part of what grows.
const object = message(60, 0);
const text = (n) => {
  object.id = 100_000 + n;
  return JSON.stringify(object);
};

const before = await usedBytes();
const fillBegin = performance.now();
for (let n = 0; n < count; ++n) push(text(n));
const fill = performance.now() - fillBegin;
const grown = (await usedBytes()) - before;

let flush = 0;
if (name !== undefined) {
  const stub = StubWebSocket.last;
  const flushBegin = performance.now();
  stub.open();
  while (stub.count < count) await new Promise((resolve) => setImmediate(resolve));
  flush = performance.now() - flushBegin;
  if (JSON.parse(stub.sent).id !== 100_000 + count - 1) throw new Error("the order was not kept");
}
process.send({ fill, flush, bytes: grown / count }, () => process.exit());
