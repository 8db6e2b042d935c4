// One client in a process of its own (node --expose-gc): fills its queue, then opens.
import { checkExternal, usedBytes } from "../memory.mjs";
import { message } from "../messages.mjs";
import { StubWebSocket } from "../stub.mjs";
import { clients } from "./clients.mjs";

const count = 100_000;

await checkExternal();
// An array keeps the strings alive throughout, so that the growth does not include the payload,
// unless a client copies it.
const texts = Array.from({ length: count }, (_, n) => JSON.stringify(message(60, n)));
StubWebSocket.opensItself = false;
const push = clients[process.argv[2]](StubWebSocket);
// Some clients connect in a later task.
while (StubWebSocket.last === undefined) await new Promise((resolve) => setImmediate(resolve));

const before = await usedBytes();
const fillBegin = performance.now();
for (const text of texts) push(text);
const fill = performance.now() - fillBegin;
const grown = (await usedBytes()) - before;

const stub = StubWebSocket.last;
const flushBegin = performance.now();
stub.open();
while (stub.count < count) await new Promise((resolve) => setImmediate(resolve));
const flush = performance.now() - flushBegin;
if (stub.sent !== texts.at(-1)) throw new Error("the order was not kept");
process.send({ fill, flush, bytes: grown / count }, () => process.exit());
