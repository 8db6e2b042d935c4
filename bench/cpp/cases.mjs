// The path of a text from the browser's socket, here a stub, to a handler in C++. Runs in Node and
// in a page.
import { compare } from "../compare.mjs";
import { asReceived, messages } from "../messages.mjs";
import { StubWebSocket } from "../stub.mjs";

const rounds = 21;
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
};

/**
 * @param program - the URLs of what CMake has made, or its bytes.
 * @returns rows of { line, client, value: nanoseconds a message, ratio }
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
    const heard = module._bench_seen() - before;
    if (heard !== (name === "steady no subscriber" ? 0 : 1)) throw new Error(`${name}: ${heard}`);
  }

  const rows = [];
  for (const [size, label] of sizes) {
    for (const wide of [false, true]) {
      const inputs = messages(size, { wide }).map(
        (object) => new MessageEvent("message", { data: asReceived(JSON.stringify(object)) }),
      );
      const runs = Object.entries(stubs).map(([name, stub]) => [
        name,
        { deliver: (event) => stub.onmessage(event), inputs },
      ]);
      const line = wide ? `${label} non-ASCII` : label;
      for (const result of await compare(Object.fromEntries(runs), rounds)) {
        rows.push({ line, ...result });
      }
    }
  }
  return rows;
}
