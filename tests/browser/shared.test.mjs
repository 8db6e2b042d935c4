// One Socket for a C++ program and its page: docs/guides/shared-socket.md. Here, both kinds of
// programs in a browser; the details are tested in tests/node/shared.test.mjs.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { entryUrl } from "../support/package.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { serveSite } from "../support/site.mjs";

const policy = (scripts) =>
  `default-src 'none'; img-src data:; script-src 'self' ${scripts}; connect-src 'self' ws:`;
const built = new URL("../../build/web/tests/programs/", import.meta.url);
const files = { "/attach.js": await readFile(new URL(entryUrl("./attach"))) };
for (const name of ["shared.mjs", "shared.wasm", "shared_script.js", "shared_script.wasm"]) {
  files[`/${name}`] = await readFile(new URL(name, built));
}

/**
 * The script sources that each program needs, and how it is started in the page: resolves to its
 * module and a promise that it runs. The first has embind's own glue, which compiles strings.
 */
const programs = [
  [
    "a module",
    "'wasm-unsafe-eval' 'unsafe-eval'",
    async () => {
      const [{ default: createModule }, wasm] = await Promise.all([
        import("/shared.mjs"),
        fetch("/shared.wasm"),
      ]);
      const module = { wasmBinary: new Uint8Array(await wasm.arrayBuffer()) };
      return { module, running: createModule(module) };
    },
  ],
  [
    "a script without optimisation, RTTI and eval",
    "'wasm-unsafe-eval'",
    () =>
      new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = "/shared_script.js";
        const running = new Promise((run) => {
          globalThis.Module = { onRuntimeInitialized: run };
        });
        script.onload = () => resolve({ module: globalThis.Module, running });
        script.onerror = reject;
        document.head.append(script);
      }),
  ],
];

/** Creates `play` in the page: the program, the attached socket, and what the program reports. */
async function startPlay(page, start, url) {
  await page.evaluate(`() => void (globalThis.startProgram = ${start})`);
  await page.evaluate(async (address) => {
    const [{ whenShared }, { module, running }] = await Promise.all([
      import("/attach.js"),
      globalThis.startProgram(),
    ]);
    const waiting = whenShared(module, "game");
    await running;
    const received = [];
    const game = new module.Game("game", address, 0, (line) => received.push(line));
    const socket = await waiting;
    game.on("chat");
    game.connect();
    await socket.opened;
    globalThis.play = { module, game, socket, received };
  }, url);
}

for (const [name, scripts, start] of programs) {
  test(`a page attaches to ${name}, and both reconnect to a restarted server`, async (t) => {
    const server = await ServerProcess.start(t);
    const page = await chromium.open(t);
    page.expected.push(chromium.refusedConnection);
    await page.goto(await serveSite(t, policy(scripts), files));
    await startPlay(page, start, server.url());

    const said = await page.evaluate(() => {
      const { game, socket } = globalThis.play;
      const first = socket.next("chat");
      const reply = socket.request({ type: "chat", id: 1, text: "from JavaScript" });
      game.send('{"type":"chat","text":"from C++"}');
      const second = first.then(() => socket.next("chat"));
      return Promise.all([reply, first, second]);
    });
    assert.deepEqual(said, [
      { type: "chat", id: 1, text: "from JavaScript" },
      { type: "chat", id: 1, text: "from JavaScript" },
      { type: "chat", text: "from C++" },
    ]);

    await page.evaluate(() => {
      const { socket } = globalThis.play;
      globalThis.lost = new Promise((resolve) => socket.addEventListener("close", resolve));
      globalThis.back = new Promise((resolve) => socket.addEventListener("open", resolve));
    });
    await server.kill();
    await page.evaluate(async () => {
      await globalThis.lost;
      const { game, socket } = globalThis.play;
      game.send('{"type":"chat","text":"C++ waits"}');
      socket.send({ type: "chat", text: "JavaScript waits" });
    });
    await server.restart();
    const { received, result } = await page.evaluate(async () => {
      const { game, socket, received } = globalThis.play;
      const texts = [];
      for await (const { text } of socket.messages("chat")) {
        texts.push(text);
        if (texts.length === 2) break;
      }
      await globalThis.back;
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      game.delete();
      const { code, wasClean } = await closed;
      return { received, result: [texts, code, wasClean, socket.state] };
    });
    assert.deepEqual(result, [["C++ waits", "JavaScript waits"], 1006, false, "closed"]);
    const chat = received
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line).text);
    assert.deepEqual(chat, ["from JavaScript", "from C++", "C++ waits", "JavaScript waits"]);
  });
}

test("a program connects by the browser's WebSocket if the page has replaced that by SteadySocket", async (t) => {
  const server = await ServerProcess.start(t);
  const page = await chromium.open(t);
  const [[, scripts, start]] = programs;
  await page.goto(await serveSite(t, policy(scripts), files));
  await page.evaluate(async () => {
    globalThis.own = WebSocket;
    const { SteadySocket } = await import("/steadysocket.js");
    globalThis.WebSocket = class extends SteadySocket {
      constructor(...given) {
        super(...given);
        this.on("type", () => {});
      }
    };
  });
  await startPlay(page, start, server.url());
  const isOwn = await page.evaluate(() => {
    const { module, socket } = globalThis.play;
    return [module.SteadyWeb.socket(1) instanceof globalThis.own, socket.state];
  });
  assert.deepEqual(isOwn, [true, "open"]);
});
