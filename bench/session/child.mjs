// In a process of its own (node --expose-gc): the memory of unacknowledged messages, and the bytes of
// acknowledgements.
import { SteadySocket } from "../../dist/steadysocket.js";
import { checkExternal, usedBytes } from "../memory.mjs";
import { message } from "../messages.mjs";
import { StubWebSocket } from "../stub.mjs";
import { SessionStub } from "./stub.mjs";

const sockets = 100;
/** The window of a session. */
const window = 1000;

class SilentStub extends SessionStub {
  acknowledge() {}
}

async function open(WebSocket) {
  const socket = new SteadySocket("ws://stub.test/", [], { WebSocket, session: true });
  await new Promise((resolve) => socket.addEventListener("session", resolve, { once: true }));
  return { socket, stub: StubWebSocket.last };
}

/** Bytes per kept message beyond its text. */
async function keptBytes() {
  const texts = Array.from({ length: window }, (_, n) => JSON.stringify(message(60, n)));
  const opened = [];
  for (let i = 0; i < sockets; ++i) opened.push(await open(SilentStub));
  const before = await usedBytes();
  for (const { socket } of opened) for (const text of texts) socket.send(text);
  const grown = (await usedBytes()) - before;
  if (opened.some(({ stub }) => stub.received !== window))
    throw new Error("the window is not full");
  return grown / (sockets * window);
}

/** Acknowledgements as a share of the bytes of received messages of 1 KB. */
async function acknowledgementShare() {
  const { socket, stub } = await open(SessionStub);
  socket.addEventListener("message", () => {});
  const text = JSON.stringify(message(1024, 1));
  const count = 64 * 1000;
  for (let n = 0; n < count; ++n) stub.deliver(text);
  return stub.acknowledgementBytes / (count * text.length);
}

await checkExternal();
const kept = await keptBytes();
const acknowledgements = await acknowledgementShare();
process.send({ kept, acknowledgements }, () => process.exit());
