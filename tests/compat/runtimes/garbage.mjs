// Makes a socket, and when it is open lets go of it and collects garbage, until it is ended:
//   garbage.mjs <the package> <the package ws> <own or option> <who listens> <URL of a server>
const [packageUrl, wsUrl, source, listens, url] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);
const Base = source === "option" ? (await import(wsUrl)).WebSocket : WebSocket;
const collect = globalThis.gc ?? (() => Bun.gc(true));

/** Tells us that it is open, without our having a listener of the socket. */
class Known extends Base {
  constructor(...args) {
    super(...args);
    this.addEventListener("open", () => {
      held = undefined;
      setInterval(collectAgain, 10);
    });
  }
}

const tell = (name, value) => console.log(JSON.stringify([name, value]));

const ways = {
  nobody() {},
  "a listener": (socket) => socket.addEventListener("message", ({ data }) => tell("heard", data)),
  "a handler": (socket) => {
    socket.onmessage = ({ data }) => tell("heard", data);
  },
  "a route": (socket) => socket.on("news", ({ text }) => tell("heard", text)),
};

let collected = 0;
const registry = new FinalizationRegistry(() => {
  collected += 1;
  if (collected === 5) tell("collected");
});
function collectAgain() {
  registry.register({}, 0);
  collect();
}

let held;
// In a turn of its own, so that no stack holds it.
setTimeout(() => {
  held = new SteadySocket(url, [], { WebSocket: Known });
  ways[listens](held);
});
