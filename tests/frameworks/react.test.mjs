// The hooks for React, in Chromium, in development mode and under StrictMode. A page that prints a
// warning or an error fails its test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { bundle, here, openApp } from "./page.mjs";

const older = `${here}react-18/node_modules`;
const versions = {
  "React 19": {},
  "React 18": { alias: { react: `${older}/react`, "react-dom": `${older}/react-dom` } },
};

/** Renders `App`; `show(props)` renders it again, `hide()` unmounts it. */
const start = (app) => `
  import * as React from "react";
  import { createRoot } from "react-dom/client";
  import { useLatest, useSteadyMessage, useSteadySocket, useSteadyState } from "steadysocket/react";
  const { StrictMode, Suspense, useEffect, useState } = React;
  const quick = { reconnect: { initialDelay: 20, maxDelay: 100 } };
  const root = createRoot(document.querySelector("#app"));
  globalThis.show = (props) => root.render(<StrictMode><App {...props} /></StrictMode>);
  globalThis.hide = () => root.render(null);
  globalThis.log = [];
  ${app}
  show({});
`;

const open = async (t, app, options) => openApp(t, await bundle(start(app), options));

for (const [name, options] of Object.entries(versions)) {
  test(`${name}: StrictMode makes one connection, and messages sent while mounting arrive`, async (t) => {
    const { server, tab } = await open(
      t,
      `
      function Child({ socket }) {
        useEffect(() => void socket.send("from the child"), [socket]);
        return <p id="state">{useSteadyState(socket).state}</p>;
      }
      function App() {
        const socket = useSteadySocket(server + "/chat");
        globalThis.socket = socket;
        useEffect(() => void socket.send("from the parent"), [socket]);
        return <Child socket={socket} />;
      }`,
      options,
    );
    await tab.sees("#state", "open");
    await server.until(() => server.received.length === 4);
    const [child, parent] = ["from the child", "from the parent"];
    assert.deepEqual(server.received, [child, parent, child, parent]);
    await tab.evaluate(() => {
      socket.send("the last");
      hide();
    });
    await server.until(() => server.closed.length === 1);
    assert.equal(server.received.at(-1), "the last");
    assert.deepEqual(server.closed, [["/chat", 1000]]);
    assert.equal(server.handshakes.length, 1);
    await tab.until(() => socket.state === "closed", null, "a closed socket");
    await tab.evaluate(() => show({}));
    await tab.sees("#state", "open");
    assert.equal(server.handshakes.length, 2);
  });

  test(`${name}: components with the same key and URL share a connection until the last unmounts`, async (t) => {
    const { server, tab } = await open(
      t,
      `
      function User({ id, url = server + "/shared", options }) {
        const socket = useSteadySocket(url, options);
        const { state } = useSteadyState(socket);
        return <p id={id}>{state}</p>;
      }
      function App({ count = 2, other = false }) {
        return <>
          {Array.from({ length: count }, (_, id) => <User key={id} id={"user" + id} />)}
          {other && <User id="other" options={{ key: "other" }} />}
          {other && <User id="mine" url={() => server + "/function"} />}
          {other && <User id="yours" url={() => server + "/function"} />}
          {other && <User id="ours" url={() => server + "/ours"} options={{ key: "ours" }} />}
          {other && <User id="ours-too" url={() => server + "/ours"} options={{ key: "ours" }} />}
        </>;
      }`,
      options,
    );
    await tab.sees("#user1", "open");
    await tab.evaluate(() => show({ count: 1 }));
    await tab.seesNone("#user1");
    await tab.evaluate(() => show({ count: 3, other: true }));
    for (const id of ["other", "mine", "yours", "ours", "ours-too"])
      await tab.sees(`#${id}`, "open");
    const paths = server.handshakes.map(({ path }) => path).sort();
    assert.deepEqual(paths, ["/function", "/function", "/ours", "/shared", "/shared"]);
    await tab.evaluate(() => show({ count: 0 }));
    await server.until(() => server.closed.length === 5);
    assert.ok(server.closed.every(([, code]) => code === 1000));
  });

  test(`${name}: a new URL opens a new connection, and messages queued for the old one arrive`, async (t) => {
    const { server, tab } = await open(
      t,
      `
      function App({ room = "/room?one" }) {
        const socket = useSteadySocket(server + room, quick);
        globalThis.socket = socket;
        return <p id="state">{room} {useSteadyState(socket).state}</p>;
      }`,
      options,
    );
    tab.expected.push(chromium.refusedConnection);
    await tab.sees("#state", "/room?one open");
    await server.stop();
    await tab.sees("#state", "/room?one waiting");
    await tab.evaluate(() => {
      socket.send("queued for one");
      show({ room: "/room?two" });
      socket.send("also for one");
    });
    await tab.sees("#state", /two (connecting|waiting)/);
    await tab.evaluate(() => socket.send("queued for two"));
    await server.restart();
    await tab.sees("#state", "/room?two open");
    await server.until(() => server.received.length === 3 && server.closed.length === 2);
    assert.deepEqual(
      server.received.toSorted(),
      ["queued for one", "also for one", "queued for two"].toSorted(),
    );
    assert.deepEqual(server.closed[1], ["/room?one", 1000]);
  });

  test(`${name}: an outage shows a countdown and the queue's length, and loses no message`, async (t) => {
    const { server, tab } = await open(
      t,
      `
      Math.random = () => 0.9;
      const readIsOpen = ({ state }) => state === "open";
      function App() {
        const socket = useSteadySocket(server, { reconnect: { initialDelay: 2_500 } });
        globalThis.socket = socket;
        const { state, retryIn, queued } = useSteadyState(socket);
        const isOpen = useSteadyState(socket, readIsOpen);
        const text = [state, retryIn / 1000, queued, isOpen].join(" ");
        log.push(text);
        return <p id="state">{text}</p>;
      }`,
      options,
    );
    tab.expected.push(chromium.refusedConnection);
    await tab.sees("#state", "open NaN 0 true");
    await server.stop();
    await tab.sees("#state", /waiting \d 0 false/);
    await tab.evaluate(() => {
      for (const text of ["one", "two", "three"]) socket.send(text);
    });
    await tab.sees("#state", /waiting \d 3 false/);
    await tab.sees("#state", "waiting 1 3 false");
    await server.restart();
    await tab.sees("#state", "open NaN 0 true");
    await server.until(() => server.received.length === 3);
    assert.deepEqual(server.received, ["one", "two", "three"]);
    const waiting = await tab.evaluate(() => log.filter((text) => text.startsWith("waiting")));
    // StrictMode renders twice; there are no further renders.
    assert.ok(new Set(waiting).size * 2 === waiting.length, waiting.join(", "));
  });

  test(`${name}: options may change on every render, and the newest handler receives each message`, async (t) => {
    const { server, tab } = await open(
      t,
      `
      function App({ round = 0 }) {
        const socket = useSteadySocket(() => server + "/round?" + round, {
          key: "rounds",
          ...quick,
          queue: { maxMessages: 10 + round },
          greet: (connection) => connection.send("greeting of " + round),
        });
        useSteadyMessage(socket, "count", ({ n }) => log.push([n, round]));
        useSteadyMessage(socket, "*", ({ n }) => { globalThis.newest = n; });
        const { state } = useSteadyState(socket, (view) => ({ state: view.state }));
        return <p id="state">{state} {round}</p>;
      }`,
      options,
    );
    await tab.sees("#state", "open 0");
    for (let n = 1; n <= 50; ++n) {
      server.sendAll({ type: "count", n });
      if (n % 5 === 0) await tab.evaluate((round) => show({ round }), n);
    }
    await tab.sees("#state", "open 50");
    server.sendAll({ type: "count", n: 51 });
    await tab.until(() => log.length >= 51, null, "51 messages");
    const seen = await tab.evaluate(() => log);
    assert.deepEqual(
      seen.map(([n]) => n),
      Array.from({ length: 51 }, (_, index) => index + 1),
    );
    assert.deepEqual(seen.at(-1), [51, 50]);
    assert.equal(await tab.evaluate(() => newest), 51);
    assert.equal(server.handshakes.length, 1);
    // The next connection also uses the newest functions.
    server.connections[0].terminate();
    await server.until(() => server.received.length === 2);
    assert.deepEqual(server.received, ["greeting of 0", "greeting of 50"]);
    assert.deepEqual(
      server.handshakes.map(({ path }) => path),
      ["/round?0", "/round?50"],
    );
  });

  test(`${name}: the latest message for each key renders at most once a frame`, async (t) => {
    const { server, tab } = await open(
      t,
      `
      let frames = 0;
      let renders = 0;
      const count = () => { ++frames; requestAnimationFrame(count); };
      requestAnimationFrame(count);
      function Cursors({ socket }) {
        const cursors = useLatest(socket, "cursor", { key: "user" });
        const byRow = useLatest(socket, "cursor", { key: ({ y }) => y % 2 });
        useEffect(() => void log.push(frames));
        return <p id="cursors">{[...cursors.values()].map(({ user, x }) => user + x).join(" ")}; {byRow.size}</p>;
      }
      function App() {
        const socket = useSteadySocket(server);
        const last = useLatest(socket, "cursor");
        return <><Cursors socket={socket} /><p id="last">{last ? last.user : "none"}</p></>;
      }`,
      options,
    );
    await tab.sees("#last", "none");
    await server.until(() => server.connections.length === 1);
    const names = ["ann", "bob", "cid"];
    for (let x = 1; x <= 60; ++x) {
      for (const [y, user] of names.entries()) server.sendAll({ type: "cursor", user, x, y });
      await tab.evaluate(() => new Promise(requestAnimationFrame));
    }
    await tab.sees("#cursors", "ann60 bob60 cid60; 2");
    await tab.sees("#last", "cid");
    const frames = await tab.evaluate(() => log.slice(2));
    assert.ok(frames.length > 10, `${frames.length} renders`);
    assert.equal(new Set(frames).size, frames.length);
  });

  test(`${name}: a child suspends until the connection is open, and again when it is lost`, async (t) => {
    const { server, tab } = await open(
      t,
      `
      // React 18 has no \`use\`: it takes a thrown promise.
      const settled = new WeakSet();
      const use = React.use ?? ((promise) => {
        if (!settled.has(promise)) throw promise.then(() => settled.add(promise));
      });
      function Child({ socket }) {
        use(socket.opened);
        return <p id="child">{useSteadyState(socket).state}</p>;
      }
      function App() {
        const socket = useSteadySocket(server, quick);
        return <Suspense fallback={<p id="wait">wait</p>}><Child socket={socket} /></Suspense>;
      }`,
      options,
    );
    await tab.sees("#child", "open");
    tab.expected.push(chromium.refusedConnection);
    await server.stop();
    await tab.sees("#wait");
    await server.restart();
    await tab.sees("#child", "open");
    await tab.seesNone("#wait");
    await tab.evaluate(() => hide());
    await server.until(() => server.closed.at(-1)?.[1] === 1000);
    assert.equal(server.handshakes.length, 2);
  });
}

test("React 19: a hidden Activity closes its connection, and opens another when it is shown", async (t) => {
  const { server, tab } = await open(
    t,
    `
    function Page() {
      const socket = useSteadySocket(server + "/page");
      useEffect(() => void socket.send("hello"), [socket]);
      useSteadyMessage(socket, "news", ({ text }) => log.push(text));
      return <p id="state">{useSteadyState(socket).state}</p>;
    }
    function App({ mode = "visible" }) {
      return <React.Activity mode={mode}><Page /></React.Activity>;
    }`,
  );
  await tab.sees("#state", "open");
  await tab.evaluate(() => show({ mode: "hidden" }));
  await server.until(() => server.closed.length === 1);
  const before = server.received.length;
  await tab.evaluate(() => show({ mode: "visible" }));
  await tab.sees("#state", "open");
  await server.until(() => server.received.length > before);
  assert.equal(server.received.at(-1), "hello");
  server.sendAll({ type: "news", text: "after" });
  await tab.until(() => log.length > 0, null, "the news");
  assert.deepEqual(await tab.evaluate(() => log), ["after"]);
  assert.equal(server.handshakes.length, 2);
});

test("React 19: with startSuspended a component decides when to connect; options are validated", async (t) => {
  const { server, tab } = await open(
    t,
    `
    class Boundary extends React.Component {
      state = {};
      static getDerivedStateFromError = (error) => ({ error });
      render() {
        return this.state.error ? <p id="error">{String(this.state.error)}</p> : this.props.children;
      }
    }
    function Misspelt() {
      useSteadySocket(server + "/other", { keys: "x" });
    }
    function App({ isBroken = false }) {
      const socket = useSteadySocket(server, { startSuspended: true });
      globalThis.socket = socket;
      return <>
        <p id="state">{useSteadyState(socket).state}</p>
        {isBroken && <Boundary><Misspelt /></Boundary>}
      </>;
    }`,
  );
  await tab.sees("#state", "suspended");
  assert.equal(server.handshakes.length, 0);
  await tab.evaluate(() => socket.resume());
  await tab.sees("#state", "open");
  tab.expected.push(/unknown option: keys|The above error occurred|Boundary/);
  await tab.evaluate(() => show({ isBroken: true }));
  await tab.sees("#error", "TypeError: SteadySocket: unknown option: keys");
});
