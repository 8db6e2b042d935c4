// The hooks for React where they must not connect: on a server, during hydration, and while a
// component is edited.
import assert from "node:assert/strict";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import react from "@vitejs/plugin-react";
import { createLogger, createServer } from "vite";
import { makeApp } from "../support/apps.mjs";
import { chromium } from "../support/browsers/chromium.mjs";
import { AppServer, bundle, openApp, packages, renderOnServer } from "./page.mjs";

const app = `
  import { useEffect } from "react";
  import { useLatest, useSteadyMessage, useSteadySocket, useSteadyState } from "steadysocket/react";
  const url = typeof server === "undefined" ? "ws://server.test/" : server;
  function Chat({ id }) {
    const socket = useSteadySocket(url, { greet: () => {} });
    const { state, retryIn, queued } = useSteadyState(socket);
    const isOpen = useSteadyState(socket, (view) => view.state === "open" && view.stats().roundTrip);
    const last = useLatest(socket, "chat");
    const rooms = useLatest(socket, "chat", { key: "room" });
    useSteadyMessage(socket, "chat", () => {});
    useEffect(() => void socket.send("hello"), [socket]);
    return <p id={id}>{[state, retryIn, queued, isOpen, last?.text, rooms.size].join()}</p>;
  }
`;

test("React 19: a server renders the hooks without a WebSocket, and the page is hydrated", async (t) => {
  const html = await renderOnServer(`
    import { renderToString } from "react-dom/server";
    ${app}
    console.log(renderToString(<Chat id="chat" />));
  `);
  assert.equal(html, '<p id="chat">suspended,,0,false,,0</p>');
  const script = await bundle(`
    import { createRoot, hydrateRoot } from "react-dom/client";
    ${app}
    // The shared connection is already open when the page is hydrated.
    const other = document.body.appendChild(document.createElement("div"));
    createRoot(other).render(<Chat id="other" />);
    globalThis.hydrate = () => hydrateRoot(document.querySelector("#app"), <Chat id="chat" />);
  `);
  const { server, tab } = await openApp(t, script, html);
  await tab.sees("#other", "open");
  assert.equal(await tab.text("#chat"), "suspended,,0,false,,0");
  await tab.evaluate(() => void hydrate());
  await tab.sees("#chat", "open");
  server.sendAll({ type: "chat", text: "hi", room: 1 });
  await tab.sees("#chat", "open,,0,,hi,1");
  await server.until(() => server.received.length === 2);
  assert.equal(server.handshakes.length, 1);
});

test("React 19: renders that are never mounted leak no socket", async () => {
  const left = await renderOnServer(
    `
    import { renderToString } from "react-dom/server";
    import { useSteadySocket } from "steadysocket/react";
    const sockets = [];
    function Page({ path }) {
      sockets.push(new WeakRef(useSteadySocket("ws://server.test/" + path)));
      return null;
    }
    for (let path = 0; path < 200; ++path) renderToString(<Page path={path} />);
    setTimeout(() => {
      gc();
      console.log(sockets.length, sockets.filter((socket) => socket.deref()).length);
    });`,
    {},
    ["--expose-gc"],
  );
  const [made, kept] = left.split(" ").map(Number);
  assert.equal(made, 200);
  // The last ones may still be referenced by the stack or React.
  assert.ok(kept <= 2, `${kept} sockets are still referenced`);
});

test("React 19: an edited component keeps its connection under Vite", async (t) => {
  const server = await AppServer.start(t);
  const component = (text) => `
    import { useState } from "react";
    import { useSteadySocket, useSteadyState } from "steadysocket/react";
    export function Chat() {
      const socket = useSteadySocket(${JSON.stringify(server.url("/chat"))});
      const [count, setCount] = useState(0);
      const { state } = useSteadyState(socket);
      return <button onClick={() => { socket.send("click"); setCount(count + 1); }}>
        ${text} {state} {count}
      </button>;
    }`;
  const root = makeApp("react-vite", {
    "index.html":
      '<!doctype html><link rel="icon" href="data:,"><div id="app"></div><script type="module" src="/main.jsx"></script>',
    "main.jsx": `
      import { StrictMode } from "react";
      import { createRoot } from "react-dom/client";
      import { Chat } from "./Chat.jsx";
      createRoot(document.querySelector("#app")).render(<StrictMode><Chat /></StrictMode>);`,
    "Chat.jsx": component("before"),
  });
  mkdirSync(join(root, "node_modules"), { recursive: true });
  for (const name of ["react", "react-dom", "scheduler"]) {
    symlinkSync(join(packages, name), join(root, "node_modules", name));
  }
  const warnings = [];
  const customLogger = createLogger("silent");
  customLogger.warn = customLogger.warnOnce = customLogger.error = (text) => warnings.push(text);
  const vite = await createServer({
    root,
    configFile: false,
    customLogger,
    plugins: [react()],
    server: { host: "127.0.0.1", port: 0, fs: { strict: false } },
  });
  t.after(() => vite.close());
  await vite.listen();
  const tab = await chromium.open(t, vite.resolvedUrls.local[0]);
  await tab.click("button", "before open 0");
  await tab.sees("button", "before open 1");
  const { length } = server.handshakes;
  writeFileSync(join(root, "Chat.jsx"), component("after"));
  await tab.sees("button", "after open 1");
  await tab.click("button");
  await tab.sees("button", "after open 2");
  await server.until(() => server.received.length === 2);
  assert.equal(server.handshakes.length, length);
  assert.equal(server.closed.length, length - 1);
  assert.deepEqual(warnings, []);
});
