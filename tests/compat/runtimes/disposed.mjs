// Disposes of a socket and reports its states:
//   disposed.mjs <the package> <the package ws> <own or option> <URL of a server>
const [packageUrl, wsUrl, source, url] = process.argv.slice(2);
const { SteadySocket } = await import(packageUrl);
const options = source === "option" ? { WebSocket: (await import(wsUrl)).WebSocket } : {};

const report = (name, value) => console.log(JSON.stringify([name, value]));
const socket = new SteadySocket(url, [], options);
const next = (type) =>
  new Promise((resolve) => socket.addEventListener(type, resolve, { once: true }));

await next("open");
socket[Symbol.dispose]();
report("disposed", socket.state);
const { code, wasClean, willRetry } = await next("close");
report("closed", [code, wasClean, willRetry]);
socket[Symbol.dispose]();
report("again", socket.state);
