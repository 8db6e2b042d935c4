// The stores for Svelte, in Chromium and on a server. A page that prints a warning or an error
// fails its test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { bundle, openApp, renderOnServer } from "./page.mjs";
import { svelte } from "./svelte-plugin.mjs";

const components = {
  Child: `
    <script>
      import { onMount } from "svelte";
      const { socket } = $props();
      onMount(() => void socket.send("from the child"));
    </script>`,
  Chat: `
    <script>
      import { untrack } from "svelte";
      import { latest, onSteadyMessage, steadySocket, steadyState } from "steadysocket/svelte";
      import Child from "./Child.svelte";
      const { id = "state", path = "/chat" } = $props();
      const url = untrack(() => (typeof server === "undefined" ? "ws://server.test/" : server + path));
      const socket = steadySocket(url, { reconnect: { initialDelay: 20, maxDelay: 100 } });
      globalThis.send = (text) => void socket.send(text);
      const connection = steadyState(socket);
      const isOpen = steadyState(socket, ({ state }) => state === "open");
      const last = latest(socket, "count");
      const all = latest(socket, "count", { key: "n" });
      onSteadyMessage(socket, "count", ({ n }) => globalThis.log.push(n));
    </script>
    <Child {socket} />
    <p {id}>{Object.values($connection).join()} {$isOpen} {$last?.n ?? "none"} {$all.size}</p>`,
  App: `
    <script>
      import Chat from "./Chat.svelte";
      let path = $state("/chat");
      let isShown = $state(true);
      let count = $state(1);
      let version = $state(1);
      globalThis.set = (next) => {
        ({ path = path, isShown = isShown, count = count, version = version } = next);
      };
    </script>
    {#if isShown}
      {#key path + version}
        <Chat {path} />
        {#if count > 1}<Chat {path} id="other" />{/if}
      {/key}
    {/if}`,
};

const client = (source) =>
  bundle(`globalThis.log = []; ${source}`, { plugins: [svelte(components, "client")] });

test("Svelte: a component mounts, receives, survives an outage, follows a new URL, and is destroyed", async (t) => {
  const script = await client(`
    import { mount } from "svelte";
    import App from "./App.svelte";
    mount(App, { target: document.querySelector("#app") });
  `);
  const { server, tab } = await openApp(t, script);
  await tab.sees("#state", "open,,0 true none 0");
  assert.deepEqual(server.received, ["from the child"]);
  await tab.evaluate(() => set({ count: 2 }));
  await tab.sees("#other", "open,,0 true none 0");
  await server.until(() => server.received.length === 2);
  await tab.evaluate(() => set({ count: 1 }));
  await tab.seesNone("#other");
  // Replaces the component, as a development server does.
  await tab.evaluate(() => set({ version: 2 }));
  await server.until(() => server.received.length === 3);
  for (let n = 1; n <= 20; ++n) server.sendAll({ type: "count", n });
  await tab.sees("#state", "open,,0 true 20 20");
  assert.deepEqual(
    await tab.evaluate(() => log),
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
  assert.equal(server.handshakes.length, 1);
  tab.expected.push(chromium.refusedConnection);
  await server.stop();
  await tab.sees("#state", /waiting,1000,0 false/);
  await tab.evaluate(() => {
    send("first");
    send("second");
  });
  await tab.sees("#state", /(waiting,1000|connecting,),2 false/);
  await server.restart();
  await tab.sees("#state", "open,,0 true 20 20");
  await server.until(() => server.received.length === 5);
  assert.deepEqual(server.received.slice(3), ["first", "second"]);
  await tab.evaluate(() => {
    send("the last for chat");
    set({ path: "/news" });
  });
  await tab.sees("#state", "open,,0 true none 0");
  await server.until(() => server.received.length === 7 && server.closed.length === 2);
  assert.deepEqual(server.closed[1], ["/chat", 1000]);
  await tab.evaluate(() => set({ isShown: false }));
  await server.until(() => server.closed.length === 3);
  assert.deepEqual(server.closed[2], ["/news", 1000]);
  assert.equal(server.handshakes.length, 3);
});

test("Svelte: a server renders the stores without a WebSocket, and the page is hydrated", async (t) => {
  const html = await renderOnServer(
    `
    import { render } from "svelte/server";
    import Chat from "./Chat.svelte";
    console.log(render(Chat, { props: {} }).body);`,
    { plugins: [svelte(components, "server")] },
  );
  assert.match(html, /suspended,,0 false none 0/);
  const script = await client(`
    import { hydrate } from "svelte";
    import Chat from "./Chat.svelte";
    hydrate(Chat, { target: document.querySelector("#app") });
  `);
  const { server, tab } = await openApp(t, script, html);
  await tab.sees("#state", "open,,0 true none 0");
  assert.equal(await tab.count("p"), 1);
  await server.until(() => server.received.length === 1);
  assert.equal(server.handshakes.length, 1);
});
