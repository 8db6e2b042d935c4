// The path of a message from the browser's socket, here a stub, to a C++ handler, and back. Runs in
// Node and in a page.

import { asReceived, messages } from "../messages.mjs";
import { compare } from "../rounds.mjs";
import { StubWebSocket } from "../stub.mjs";

const rounds = 15;
const sizes = [
  [60, "60 B"],
  [250, "250 B"],
  [1024, "1 KB"],
  [4096, "4 KB"],
  [16_384, "16 KB"],
  [262_144, "256 KB"],
];

const receivers = {
  "websocket.h": (module) => module._bench_open_header(),
  "websocket.h again": (module) => module._bench_open_header(),
  "steady on_message": (module) => module._bench_open_steady(0),
  'steady on("chat")': (module) => module._bench_open_steady(1),
  "steady no subscriber": (module) => module._bench_open_steady(2),
  "steady queued, poll()": (module) => module._bench_open_steady(3),
};
const polled = "steady queued, poll()";
/** Messages that one poll() dispatches. */
const frame = 16;

/**
 * @param program - the files built by CMake: their URLs, or their bytes.
 * @returns { received, sent }: rows of { line, client, value: nanoseconds a message, ratio }
 */
export default async function measure({ glue, wasm }) {
  const wasmBinary =
    typeof wasm === "string" ? new Uint8Array(await (await fetch(wasm)).arrayBuffer()) : wasm;
  globalThis.WebSocket = StubWebSocket;
  const { default: createModule } = await import(glue);
  const module = await createModule({ wasmBinary });

  const stubs = {};
  for (const [name, open] of Object.entries(receivers)) {
    open(module);
    stubs[name] = StubWebSocket.last;
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (const [name, stub] of Object.entries(stubs)) {
    const before = module._bench_seen();
    const data = '{"type":"chat"}';
    stub.onmessage(new MessageEvent("message", { data }));
    module._bench_poll();
    const seen = module._bench_seen() - before;
    if (seen !== (name === "steady no subscriber" ? 0 : 1)) throw new Error(`${name}: ${seen}`);
  }

  const received = [];
  const receiveInputs = [];
  for (const [size, label] of sizes) {
    for (const wide of [false, true]) {
      const inputs = messages(size, { wide }).map((object) => asReceived(JSON.stringify(object)));
      receiveInputs.push([wide ? `${label} non-ASCII` : label, inputs]);
    }
    receiveInputs.push([`${label} binary`, [new Uint8Array(size).buffer]]);
  }
  for (const [line, values] of receiveInputs) {
    const inputs = values.map((data) => new MessageEvent("message", { data }));
    const runs = Object.entries(stubs).map(([name, stub]) => [
      name,
      { deliver: name === polled ? inFrames(stub, module) : (e) => stub.onmessage(e), inputs },
    ]);
    for (const result of await compare(Object.fromEntries(runs), rounds)) {
      received.push({ line, ...result });
    }
    // The remaining messages of the last frame.
    module._bench_poll();
  }
  return { received, sent: await measureSending(module) };
}

/** Like a game: one poll() for several messages. */
function inFrames(stub, module) {
  let count = 0;
  return (event) => {
    stub.onmessage(event);
    if (++count % frame === 0) module._bench_poll();
  };
}

async function measureSending(module) {
  const rows = [];
  for (const [size, label] of sizes) {
    module._bench_compose(size);
    for (const kind of ["text", "binary"]) {
      const deliverBy = (name) => ({ deliver: module[`_bench_${name}_${kind}`], inputs: [0] });
      const clients = {
        "websocket.h": deliverBy("header"),
        "websocket.h again": { ...deliverBy("header") },
        steady: deliverBy("steady"),
      };
      for (const result of await compare(clients, rounds)) {
        rows.push({ line: `${label} ${kind}`, ...result });
      }
    }
  }
  return rows;
}
