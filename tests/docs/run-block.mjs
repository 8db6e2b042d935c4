// Runs a block of the documentation in a process of its own: run-block.mjs FILE. Its WebSocket leads
// to the test's server, which is asked to close what is open when the block waits for messages that
// do not come. An error ends the process, except those that a closed socket causes.
import { inspect } from "node:util";
import WebSocket from "ws";
import { once } from "../support/until.mjs";

const [file] = process.argv.slice(2);
const created = [];
let onCreated = () => {};

globalThis.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    this.on("error", () => {});
    created.push(this);
    onCreated();
  }
};

// Names of the reader's program: see reader.d.ts.
const nothing = () => {};
Object.assign(globalThis, {
  draw: nothing,
  render: nothing,
  show: nothing,
  showBanner: nothing,
  save: async () => {},
  getToken: async () => "token",
  url: "wss://example.org/chat",
  fetch: async () => Response.json({ token: "token", ticket: "ticket" }),
});

const consequences = ["closed", "timeout", "unanswered", "session_lost", "session_unsupported"];

function fail(error) {
  if (consequences.includes(error?.code) || error?.name === "InvalidStateError") return;
  console.error(inspect(error));
  process.exit(1);
}
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

/** Everything that was sent on it has arrived, and the server's answers too. */
async function exchange(socket) {
  if (socket.readyState === WebSocket.CONNECTING) {
    await Promise.race([once(socket, "open"), once(socket, "close")]);
  }
  if (socket.readyState !== WebSocket.OPEN) return;
  const answered = Promise.race([once(socket, "pong"), once(socket, "close")]);
  socket.ping();
  await answered;
}

let isDone = false;
const done = import(file).catch(fail).then(() => {
  isDone = true;
});
for (let at = 0; !isDone || at < created.length; ) {
  if (at < created.length) {
    await exchange(created[at++]);
    if (at === created.length && !isDone) process.send("close");
  } else {
    const another = new Promise((resolve) => {
      onCreated = resolve;
    });
    await Promise.race([done, another]);
  }
}
process.exit(0);
