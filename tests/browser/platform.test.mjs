// A browser's policies, buffer and events. Where the behavior should be the same, it is compared
// with the browser's own WebSocket.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildSync } from "esbuild";
import { chromium } from "../support/browsers/chromium.mjs";
import { isInJavaScript, packageUrl } from "../support/package.mjs";
import { gotoSecure } from "../support/secure-site.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { SilentProxy } from "../support/silent-proxy.mjs";
import { packageText, scriptSources, serveSite, wasmText } from "../support/site.mjs";

const strict = `default-src 'none'; img-src data:; ${scriptSources}`;

/** Creates a socket of this class: the exception, or the events until close. */
function watchEvents([className, url, protocols]) {
  return import("/steadysocket.js").then(({ SteadySocket }) => {
    try {
      const socket =
        className === "WebSocket"
          ? new WebSocket(url, protocols)
          : new SteadySocket(url, protocols, { reconnect: false });
      const events = [];
      return new Promise((resolve) => {
        for (const type of ["open", "error", "close"]) {
          socket.addEventListener(type, (event) => {
            events.push(type === "close" ? `close ${event.code}` : type);
            if (type === "close") resolve(events.join(", "));
          });
        }
      });
    } catch (error) {
      return `throws ${error.name}`;
    }
  });
}

async function behavesTheSame(page, url, protocols = []) {
  const native = await page.evaluate(watchEvents, ["WebSocket", url, protocols]);
  const ours = await page.evaluate(watchEvents, ["SteadySocket", url, protocols]);
  assert.equal(ours, native, url);
  return ours;
}

test("URLs that the browser refuses fail as with WebSocket, and later sockets work", async (t) => {
  const server = await ServerProcess.start(t);
  const site = await serveSite(t, `${strict}; connect-src *`);
  const page = await chromium.open(t);
  page.expected.push(/WebSocket connection to/);
  await page.goto(site);
  assert.equal(await behavesTheSame(page, "ws://["), "throws SyntaxError");
  assert.equal(await behavesTheSame(page, "ftp://host"), "throws SyntaxError");
  assert.equal(await behavesTheSame(page, "ws://host/#fragment"), "throws SyntaxError");
  assert.equal(await behavesTheSame(page, server.url(), ["a", "a"]), "throws SyntaxError");
  await behavesTheSame(page, "ws://localhost:1/");
  await behavesTheSame(page, "ws://localhost:6000/");
  assert.equal(await behavesTheSame(page, server.url("/close?code=4000")), "open, close 4000");
});

test("a connection that the page's policy forbids is refused, and the next one works", async (t) => {
  const server = await ServerProcess.start(t);
  const site = await serveSite(t, `${strict}; connect-src ws://127.0.0.1:${server.port}`);
  const page = await chromium.open(t);
  page.expected.push(/Content Security Policy|WebSocket connection to/);
  await page.goto(site);
  // Chromium's own WebSocket dispatches no close event here, so this is not compared.
  assert.equal(
    await page.evaluate(watchEvents, ["SteadySocket", "ws://other.test/"]),
    "error, close 1006",
  );
  assert.equal(await behavesTheSame(page, server.url("/close?code=1000")), "open, close 1000");
});

test("mixed content is refused as with WebSocket", async (t) => {
  const page = await chromium.open(t);
  page.expected.push(/Mixed Content|WebSocket connection to/);
  await gotoSecure(page, { "/steadysocket.js": packageText });
  assert.equal(await behavesTheSame(page, "ws://insecure.test/"), "throws SecurityError");
});

for (const place of [
  "SteadySocket",
  "class extends SteadySocket {}",
  "new Proxy(SteadySocket, {})",
]) {
  test(`${place} as the page's WebSocket connects through the browser's own`, async (t) => {
    const server = await ServerProcess.start(t);
    const page = await chromium.open(t);
    page.expected.push(chromium.refusedConnection);
    await page.goto(await serveSite(t, `${strict}; connect-src ws:`));
    await page.evaluate(`async () => {
      globalThis.own = WebSocket;
      globalThis.made = 0;
      globalThis.WebSocket = class extends WebSocket {
        constructor(...given) {
          super(...given);
          ++made;
        }
      };
      const { SteadySocket } = await import("/steadysocket.js");
      globalThis.WebSocket = ${place};
      globalThis.SteadySocket = SteadySocket;
    }`);
    const first = await page.evaluate(async (url) => {
      const socket = new WebSocket(url);
      globalThis.socket = socket;
      socket.send("hello");
      return new Promise((resolve) => {
        socket.onmessage = ({ data }) => resolve([data, socket instanceof WebSocket]);
      });
    }, server.url());
    assert.deepEqual(first, ["hello", true]);
    const back = page.evaluate(
      () => new Promise((resolve) => globalThis.socket.addEventListener("open", resolve)),
    );
    await server.kill();
    await server.restart();
    await back;
    const made = await page.evaluate(async (url) => {
      const { made } = globalThis;
      globalThis.WebSocket = globalThis.own;
      await new globalThis.SteadySocket(url).opened;
      return [made > 1, globalThis.made - made];
    }, server.url());
    assert.deepEqual(made, [true, 0]);
  });
}

test("without wasm-unsafe-eval the constructor throws an error that names it", async (t) => {
  const policy = "default-src 'none'; img-src data:; script-src 'self'";
  const site = await serveSite(t, policy, { "/steadysocket.js": wasmText });
  const page = await chromium.open(t);
  page.expected.push(/wasm/i);
  await page.goto(site);
  const message = await page.evaluate(async () => {
    const { SteadySocket } = await import("/steadysocket.js");
    try {
      new SteadySocket("ws://localhost/");
      return "nothing was thrown";
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  });
  assert.match(message, /wasm-unsafe-eval/);
});

test("a bundle works as a classic script, and throws if that is not decoded as UTF-8", async (t) => {
  const server = await ServerProcess.start(t);
  const bundle = (charset) =>
    buildSync({
      entryPoints: [fileURLToPath(packageUrl)],
      bundle: true,
      minify: true,
      format: "iife",
      globalName: charset,
      charset,
      write: false,
    }).outputFiles[0].text;
  const files = { "/ascii.js": bundle("ascii"), "/utf8.js": bundle("utf8") };
  const site = await serveSite(t, `${strict}; connect-src *`, files);
  const page = await chromium.open(t);
  // The page declares no encoding, so Chromium decodes it and its scripts as windows-1252.
  await page.goto(site);
  for (const url of Object.keys(files)) await page.page.addScriptTag({ url });
  const open = (name) =>
    page.evaluate(
      async ([bundleName, url]) => {
        try {
          const socket = new globalThis[bundleName].SteadySocket(url);
          await new Promise((resolve) => socket.addEventListener("open", resolve));
          socket.close();
          return "open";
        } catch (error) {
          return error.message;
        }
      },
      [name, server.url()],
    );
  assert.equal(await open("ascii"), "open");
  // The script without WebAssembly is all ASCII.
  assert.match(await open("utf8"), isInJavaScript ? /^open$/ : /not decoded as UTF-8/);
});

test("messages above the high-water mark of the browser's buffer are queued, and arrive in order", async (t) => {
  const server = await ServerProcess.start(t);
  const site = await serveSite(t, `${strict}; connect-src *`);
  const page = await chromium.open(t);
  await page.goto(site);
  const result = await page.evaluate(async (url) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const socket = new SteadySocket(url, [], { highWaterMark: 100_000 });
    await new Promise((resolve) => socket.addEventListener("open", resolve));
    const statuses = {};
    for (let i = 0; i < 100; ++i) {
      const { status } = socket.send(`${String(i).padStart(4)}${"x".repeat(5_000)}`);
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    return { statuses, buffered: socket.bufferedAmount };
  }, server.url("/quiet"));
  assert.deepEqual(Object.keys(result.statuses).sort(), ["queued", "sent"]);
  assert.equal(result.buffered, 100 * 5_004);
  await server.until(() => server.received.length === 100);
  assert.deepEqual(
    server.received.map((text) => Number(text.slice(0, 4))),
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test("events are of the browser's own classes, and listeners support the options of EventTarget", async (t) => {
  const server = await ServerProcess.start(t);
  const site = await serveSite(t, `${strict}; connect-src *`);
  const page = await chromium.open(t);
  await page.goto(site);
  const events = await page.evaluate(async (url) => {
    const { SteadySocket } = await import("/steadysocket.js");
    const socket = new SteadySocket(url);
    const events = [];
    const note = (event) => events.push(event);
    const abort = new AbortController();
    socket.addEventListener("message", { handleEvent: note }, { once: true });
    socket.addEventListener("message", () => events.push("aborted"), { signal: abort.signal });
    abort.abort();
    socket.addEventListener("close", note);
    socket.send("hello");
    socket.send(new Uint8Array([1, 2]));
    socket.addEventListener("message", ({ data }) => {
      if (data instanceof Blob) socket.close(1000, "bye");
    });
    await new Promise((resolve) => socket.addEventListener("close", resolve));
    const [message, close] = events;
    return [
      events.length,
      socket instanceof EventTarget,
      message instanceof MessageEvent && message.target === socket,
      message.data,
      message.origin === new URL(url).origin,
      close instanceof CloseEvent,
      close.code,
      close.reason,
      close.willRetry,
    ];
  }, server.url());
  assert.deepEqual(events, [2, true, true, "hello", true, true, 1000, "bye", false]);
});

for (const unconfirmed of ["report", "requeue"]) {
  test(`messages in Chromium's buffer when a stalled connection is aborted: ${unconfirmed}`, async (t) => {
    const server = await ServerProcess.start(t);
    const proxy = await SilentProxy.start(t, server.port);
    const page = await chromium.open(t);
    // The page is closed after the server, and retries until then.
    page.expected.push(chromium.refusedConnection);
    await page.goto(await serveSite(t, `${strict}; connect-src *`));
    // More than the system's buffers hold: they may grow to 10 MB.
    const count = 320;
    await page.evaluate(
      async ([url, unconfirmed]) => {
        const { SteadySocket } = await import("/steadysocket.js");
        window.socket = new SteadySocket(url, [], {
          reconnect: { initialDelay: 10 },
          heartbeat: { interval: 400, timeout: 1_000 },
          queue: { unconfirmed, maxBytes: 32 << 20 },
          highWaterMark: 32 << 20,
        });
        window.drops = [];
        socket.addEventListener("drop", ({ reason, data }) =>
          drops.push([reason, Number(data.split(":", 1)[0])]),
        );
        await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));
      },
      [`ws://127.0.0.1:${proxy.port}/pong`, unconfirmed],
    );
    proxy.stall();
    const drops = await page.evaluate(async (count) => {
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      for (let i = 0; i < count; ++i) socket.send(`${i}:${"x".repeat(64 << 10)}`);
      await closed;
      return window.drops;
    }, count);
    if (unconfirmed === "report") {
      assert.ok(drops.length > 0);
      assert.deepEqual(
        drops,
        drops.map((_, i) => ["unconfirmed", count - drops.length + i]),
      );
    } else {
      assert.deepEqual(drops, []);
      await server.until(() => server.received.some((one) => one.startsWith(`${count - 1}:`)));
      const numbers = server.received.map((one) => Number(one.split(":", 1)[0]));
      assert.deepEqual(
        numbers,
        numbers.map((_, i) => count - numbers.length + i),
      );
    }
  });
}
