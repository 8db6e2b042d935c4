// Creates a socket, releases it when it is open, and collects garbage until the process is killed:
//   garbage.mjs <the package> <the package ws> <own or option> <listener> <URL of a server>
const [packageUrl, wsUrl, source, listener, url] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);
const Base = source === "option" ? (await import(wsUrl)).WebSocket : WebSocket;
const collect = globalThis.gc ?? (() => Bun.gc(true));

/** Releases the socket when it opens, without a listener on the socket. */
class ReleasingWebSocket extends Base {
  constructor(...args) {
    super(...args);
    this.addEventListener("open", () => {
      held = undefined;
      setInterval(collectAgain, 10);
    });
  }
}

const report = (name, value) => console.log(JSON.stringify([name, value]));

const listeners = {
  none() {},
  "a listener": (socket) =>
    socket.addEventListener("message", ({ data }) => report("received", data)),
  "a handler": (socket) => {
    socket.onmessage = ({ data }) => report("received", data);
  },
  "a route": (socket) => socket.on("news", ({ text }) => report("received", text)),
};

let collected = 0;
const registry = new FinalizationRegistry(() => {
  collected += 1;
  if (collected === 5) report("collected");
});
function collectAgain() {
  registry.register({}, 0);
  collect();
}

let held;
// In its own task, so that no stack references the socket.
setTimeout(() => {
  held = new SteadySocket(url, [], { WebSocket: ReleasingWebSocket });
  listeners[listener](held);
});
