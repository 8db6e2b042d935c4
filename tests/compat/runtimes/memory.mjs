// Opens, uses and closes sockets in batches, and reports the memory in use after each: first on
// real connections, then many more on a stub.
//   memory.mjs <the package> <the package ws> <own or option> <URL of an echo server>
const [packageUrl, wsUrl, source, url] = process.argv.slice(2);

/** The memories of all WebAssembly instances. */
const memories = new Set();
let modules = 0;
const note = (values = {}) => {
  for (const value of Object.values(values)) {
    if (value instanceof WebAssembly.Memory) memories.add(value);
  }
};
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, [module, imports = {}]) {
    ++modules;
    for (const values of Object.values(imports)) note(values);
    const instance = new target(module, imports);
    note(instance.exports);
    return instance;
  },
});

const collect = globalThis.gc ?? (() => Bun.gc(true));
const { SteadySocket } = await import(packageUrl);
const options = {
  reconnect: { initialDelay: 10, maxDelay: 50 },
  heartbeat: true,
  firstMessage: { type: "first", text: "x".repeat(1_000) },
};
if (source === "option") options.WebSocket = (await import(wsUrl)).WebSocket;

/** Opens, uses and closes a socket. */
function live(number) {
  return new Promise((resolve) => {
    const socket = new SteadySocket(url, ["chat"], options);
    socket.addEventListener("statechange", () => {});
    socket.on("last", () => socket.close(1000, "enough"));
    socket.onclose = resolve;
    socket.send({ type: "count", number, text: "y".repeat(1_000) });
    socket.send(new Uint8Array(1_000), { track: true });
    socket.send({ type: "last" }, { key: "last", ttl: 60_000 });
  });
}

/** A WebSocket stub that opens and closes at once. */
class Brief {
  readyState = 0;
  bufferedAmount = 0;
  protocol = "";
  constructor() {
    queueMicrotask(() => {
      this.readyState = 1;
      this.onopen({});
    });
  }
  send() {}
  close(code, reason) {
    this.readyState = 3;
    queueMicrotask(() => this.onclose({ code, reason, wasClean: true }));
  }
}

function liveBriefly(number) {
  return new Promise((resolve) => {
    const socket = new SteadySocket(url, ["chat"], { ...options, WebSocket: Brief });
    socket.onopen = () => socket.close(1000, "enough");
    socket.onclose = resolve;
    socket.on("last", () => {});
    socket.send({ type: "count", number }, { key: "count" });
  });
}

async function measure(name, begin, batches, size) {
  for (let batch = 0; batch < batches; ++batch) {
    await Promise.all(Array.from({ length: size }, (_, number) => begin(number)));
    // Closed sockets are released in later tasks.
    for (let turn = 0; turn < 10; ++turn) await new Promise((resolve) => setTimeout(resolve));
    collect();
    const wasm = [...memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
    const heap = process.memoryUsage().heapUsed;
    console.log(JSON.stringify([name, { modules, wasm, heap }]));
  }
}

await measure("real", live, 6, 60);
await measure("brief", liveBriefly, 6, 1_000);
