// Disposes of a socket:
//   disposed.mjs <the package> <the package ws> <own or option> <URL of a server>
const [packageUrl, wsUrl, source, url] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);
const options = source === "option" ? { WebSocket: (await import(wsUrl)).WebSocket } : {};

const tell = (name, value) => console.log(JSON.stringify([name, value]));
const socket = new SteadySocket(url, [], options);
const next = (type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

await next("open");
socket[Symbol.dispose]();
tell("disposed", socket.state);
const { code, wasClean, willRetry } = await next("close");
tell("closed", [code, wasClean, willRetry]);
socket[Symbol.dispose]();
tell("again", socket.state);
