// Makes a socket that nobody holds, and collects garbage again and again until it is ended:
//   garbage.mjs <the package> <the package ws> <own or option> <who listens> <URL of a server>
const [packageUrl, wsUrl, source, listens, url] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);
const options = source === "option" ? { WebSocket: (await import(wsUrl)).WebSocket } : {};

const tell = (name, value) => console.log(JSON.stringify([name, value]));

const ways = {
  nobody() {},
  "a listener": (socket) => socket.addEventListener("message", ({ data }) => tell("heard", data)),
  "a handler": (socket) => {
    socket.onmessage = ({ data }) => tell("heard", data);
  },
  "a route": (socket) => socket.on("news", ({ text }) => tell("heard", text)),
  "nobody any more": (socket) => {
    const listener = () => tell("heard", "");
    socket.addEventListener("message", listener);
    socket.removeEventListener("message", listener);
    socket.onclose = listener;
    socket.onclose = null;
    socket.on("news", listener)();
  },
};

let collected = 0;
const registry = new FinalizationRegistry(() => {
  collected += 1;
  if (collected === 5) tell("collected");
});
const collect = globalThis.gc ?? (() => Bun.gc(true));

// In a turn of its own, so that no stack holds it.
setTimeout(() => ways[listens](new SteadySocket(url, [], options)));
setInterval(() => {
  registry.register({}, 0);
  collect();
}, 10);
