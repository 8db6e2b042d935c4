// steady/json.hpp in a C++ program in wasm, without exceptions: no received message can abort it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import WebSocket from "ws";
import { EchoServer } from "../support/echo.mjs";
import { Waiting } from "../support/until.mjs";

const built = new URL("../../build/web/tests/programs/", import.meta.url);
const { default: createModule } = await import(new URL("json.mjs", built).href);
const wasmBinary = readFileSync(fileURLToPath(new URL("json.wasm", built)));

/** Starts the program, connected to an echo server, and collects the lines that it logs. */
async function start(t, { batched = 0 } = {}) {
  const server = await EchoServer.start(t);
  globalThis.WebSocket = WebSocket;
  const lines = [];
  const waiting = new Waiting();
  const module = {
    wasmBinary,
    log(line) {
      lines.push(line);
      waiting.look();
    },
  };
  await createModule(module);
  const call = (name, ...args) =>
    module.ccall(
      `json_${name}`,
      name === "state" ? "string" : null,
      args.map((arg) => typeof arg),
      args,
    );
  t.after(() => {
    call("destroy");
    delete globalThis.WebSocket;
  });
  /** Resolves to the next lines. */
  const nextLines = async (count) => {
    await waiting.until(
      () => lines.length >= count,
      () => lines.join("\n"),
    );
    return lines.splice(0, count);
  };
  call("open", server.url(), batched);
  assert.deepEqual(await nextLines(1), ["open"]);
  return { server, call, nextLines, lines };
}

test("a C++ value is sent as JSON, and received as a value", async (t) => {
  const { server, call, nextLines } = await start(t);
  call("send_hit", -7, "Zoë 😀");
  assert.deepEqual(await nextLines(2), ["hit -7 Zoë 😀", "parsed"]);
  await server.until(() => server.received.length > 0);
  assert.deepEqual(JSON.parse(server.received[0]), { type: "hit", x: -7, by: ["Zoë 😀"] });
});

test("C++ values sent in one task leave as one array, and an array is received as values", async (t) => {
  const { server, call, nextLines } = await start(t, { batched: 1 });
  for (const x of [1, 2, 3]) call("send_hit", x, "Zoë");
  assert.deepEqual(
    await nextLines(6),
    [1, 2, 3].flatMap((x) => [`hit ${x} Zoë`, "parsed"]),
  );
  await server.until(() => server.received.length > 0);
  assert.deepEqual(
    server.received.map((text) => JSON.parse(text).map(({ x }) => x)),
    [[1, 2, 3]],
  );
  const good = '{"type":"hit","x":4,"by":[]}';
  const batch = `[${good},{"type":"other"},42,${good},]`;
  server.sendAll(batch);
  const broken = `malformed_message a received batch is not a JSON array: ${batch}`;
  assert.deepEqual(await nextLines(5), ["hit 4", "parsed", "hit 4", "parsed", broken]);
  call("send_hit", 5, "Ann");
  assert.deepEqual(await nextLines(2), ["hit 5 Ann", "parsed"]);
});

test("malformed and wrongly typed messages are errors, and the program continues", async (t) => {
  const { call, nextLines, lines } = await start(t);
  const malformed = ["", ",", ',"x":1e999}', ',"x":nul}', ',"x":"\\ud800"}', '} "x"', ',"x":[1}'];
  for (const rest of malformed) {
    const text = `{"type":"hit"${rest}`;
    call("send_text", text);
    const logged = await nextLines(2);
    assert.deepEqual(logged, ["not parsed", `malformed_message "hit": not JSON: ${text}`], rest);
  }
  for (const values of [
    {},
    { x: 1 },
    { x: "1", by: [] },
    { x: 1.5, by: [] },
    { x: 2 ** 31, by: [] },
    { x: 1, by: {} },
    { x: 1, by: [1] },
    { x: 1, by: null },
  ]) {
    const text = JSON.stringify({ type: "hit", ...values });
    call("send_text", text);
    const logged = await nextLines(2);
    const refused = `malformed_message "hit": refused by from_json: ${text}`;
    assert.deepEqual(logged, ["parsed", refused], text);
  }
  assert.equal(call("state"), "open");
  call("send_text", '{"type":"hit","x":1,"by":[],"more":{}}');
  assert.deepEqual(await nextLines(2), ["hit 1", "parsed"]);
  assert.deepEqual(lines, []);
});

test("a message that is too deep or too large is an error, and the program continues", async (t) => {
  const { server, call, nextLines } = await start(t);
  // Too large for the program's stack, on which ccall puts arguments, so the server sends it.
  const nested = `{"type":"hit","x":${"[".repeat(1_000_000)}`;
  server.sendAll(nested);
  const begun = (text) => `${text.slice(0, 100)}…`;
  const deep = `malformed_message "hit": deeper than JsonLimits::max_depth: ${begun(nested)}`;
  assert.deepEqual(await nextLines(2), ["not parsed", deep]);
  const long = JSON.stringify({ type: "hit", x: "x".repeat(1 << 20) });
  server.sendAll(long);
  const large = `malformed_message "hit": larger than JsonLimits::max_bytes: ${begun(long)}`;
  assert.deepEqual(await nextLines(2), ["not parsed", large]);
  call("send_hit", 1, "Ann");
  assert.deepEqual(await nextLines(2), ["hit 1 Ann", "parsed"]);
  assert.equal(call("state"), "open");
});
