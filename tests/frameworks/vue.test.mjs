// The composables for Vue, in Chromium and on a server. A page that prints a warning or an error
// fails its test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { bundle, openApp, renderOnServer } from "./page.mjs";

const imports = `
  import {
    createApp, createSSRApp, effectScope, h, onMounted, ref, shallowRef, watch,
  } from "vue";
  import { useLatest, useSteadyMessage, useSteadySocket, useSteadyState } from "steadysocket/vue";
  const url = typeof server === "undefined" ? "ws://server.test/" : server;
`;

/** `Chat` has a child that sends while mounting, and shows all state. */
const chat = `
  const Child = {
    props: ["socket"],
    setup: ({ socket }) => {
      onMounted(() => socket.send("from the child"));
      return () => null;
    },
  };
  const quick = { reconnect: { initialDelay: 20, maxDelay: 100 } };
  globalThis.log = [];
  const room = shallowRef(url + "/one");
  globalThis.enter = (path) => { room.value = server + path; };
  const Chat = {
    setup: () => {
      const socket = useSteadySocket(room, quick);
      globalThis.send = (text) => void socket.value.send(text);
      const state = useSteadyState(socket);
      const isOpen = useSteadyState(socket, ({ state }) => state === "open");
      useSteadyMessage(socket, "count", ({ n }) => log.push(n));
      const last = useLatest(socket, "count");
      const all = useLatest(socket, "count", { key: "n" });
      return () => h("div", [
        h(Child, { socket: socket.value }),
        h("p", { id: "state" }, [
          Object.values(state.value).join(), isOpen.value, last.value?.n ?? "none", all.value.size,
        ].join(" ")),
      ]);
    },
  };
`;

test("Vue: a component mounts, receives, survives an outage, follows a new URL, and unmounts", async (t) => {
  const script = await bundle(`
    ${imports}
    ${chat}
    const app = createApp(Chat);
    app.mount("#app");
    globalThis.unmount = () => app.unmount();
  `);
  const { server, tab } = await openApp(t, script);
  await tab.sees("#state", "open,,0 true none 0");
  assert.deepEqual(server.received, ["from the child"]);
  for (let n = 1; n <= 20; ++n) server.sendAll({ type: "count", n });
  await tab.sees("#state", "open,,0 true 20 20");
  assert.equal(
    await tab.evaluate(() => log.join()),
    Array.from({ length: 20 }, (_, n) => n + 1).join(),
  );
  tab.expected.push(chromium.refusedConnection);
  await server.stop();
  await tab.sees("#state", /waiting,1000,0 false/);
  await tab.evaluate(() => {
    send("queued for one");
    send("also for one");
  });
  await tab.sees("#state", /(waiting,1000|connecting,),2 false/);
  await server.restart();
  await tab.sees("#state", "open,,0 true");
  await server.until(() => server.received.length === 3);
  assert.deepEqual(server.received.slice(1), ["queued for one", "also for one"]);
  await tab.evaluate(() => {
    send("the last for one");
    enter("/two");
    send("the first for two");
  });
  await server.until(() => server.received.length === 5 && server.closed.length === 2);
  assert.deepEqual(server.closed[1], ["/one", 1000]);
  await tab.sees("#state", "open,,0 true none 0");
  server.sendAll({ type: "count", n: 21 });
  await tab.sees("#state", "open,,0 true 21 1");
  await tab.evaluate(() => unmount());
  await server.until(() => server.closed.length === 3);
  assert.deepEqual(server.closed[2], ["/two", 1000]);
  assert.deepEqual(
    server.handshakes.map(({ path }) => path),
    ["/one", "/one", "/two"],
  );
});

test("Vue: components share a connection; an effect scope keeps one until it is stopped", async (t) => {
  const script = await bundle(`
    ${imports}
    const count = ref(2);
    globalThis.setCount = (value) => { count.value = value; };
    const User = {
      props: ["id"],
      setup: ({ id }) => {
        const state = useSteadyState(useSteadySocket(url + "/shared"));
        return () => h("p", { id: "user" + id }, state.value.state);
      },
    };
    createApp({
      setup: () => () => Array.from({ length: count.value }, (_, id) => h(User, { id, key: id })),
    }).mount("#app");
    const scope = effectScope();
    globalThis.states = [];
    scope.run(() => {
      const state = useSteadyState(useSteadySocket(() => url + "/scope"), ({ state }) => state);
      watch(state, (value) => states.push(value));
    });
    globalThis.stop = () => scope.stop();
  `);
  const { server, tab } = await openApp(t, script);
  await tab.sees("#user1", "open");
  await tab.until(() => states.at(-1) === "open", null, "the scope's connection");
  await tab.evaluate(() => setCount(1));
  await tab.seesNone("#user1");
  await tab.evaluate(() => setCount(2));
  await tab.sees("#user1", "open");
  assert.equal(server.handshakes.length, 2);
  await tab.evaluate(() => stop());
  await server.until(() => server.closed.length === 1);
  await tab.evaluate(() => setCount(0));
  await server.until(() => server.closed.length === 2);
  assert.deepEqual(server.closed, [
    ["/scope", 1000],
    ["/shared", 1000],
  ]);
});

test("Vue: a component keeps its connection over a hot reload", async (t) => {
  const script = await bundle(`
    ${imports}
    const component = (text) => ({
      __hmrId: "chat",
      setup: () => {
        const socket = useSteadySocket(url + "/chat");
        const state = useSteadyState(socket);
        onMounted(() => socket.value.send(text));
        return () => h("p", { id: "state" }, text + " " + state.value.state);
      },
    });
    const Chat = component("before");
    __VUE_HMR_RUNTIME__.createRecord("chat", Chat);
    globalThis.reload = () => __VUE_HMR_RUNTIME__.reload("chat", component("after"));
    createApp({ setup: () => () => h(Chat) }).mount("#app");
  `);
  const { server, tab } = await openApp(t, script);
  await tab.sees("#state", "before open");
  await tab.evaluate(() => reload());
  await tab.sees("#state", "after open");
  await server.until(() => server.received.length === 2);
  assert.deepEqual(server.received, ["before", "after"]);
  // Waits until a release of the socket would have happened.
  await tab.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await tab.sees("#state", "after open");
  assert.equal(server.handshakes.length, 1);
});

test("Vue: a server renders the composables without a WebSocket, and the page is hydrated", async (t) => {
  const html = await renderOnServer(`
    ${imports}
    import { renderToString } from "vue/server-renderer";
    ${chat}
    renderToString(createSSRApp(Chat)).then(console.log);
  `);
  assert.match(html, /<p id="state">suspended,,0 false none 0<\/p>/);
  const script = await bundle(`${imports} ${chat} createSSRApp(Chat).mount("#app");`);
  const { server, tab } = await openApp(t, script, html);
  await tab.sees("#state", "open,,0 true");
  await server.until(() => server.received.length === 1);
  assert.equal(server.handshakes.length, 1);
});
