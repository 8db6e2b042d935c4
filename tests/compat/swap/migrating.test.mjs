// What docs/coming-from/migrating.md says, as it stands there.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import PartySocket from "partysocket";
import WebSocket from "ws";
import { LocalServer } from "../../support/local-server.mjs";
import { consumerFolder, packageUrl, SteadySocket } from "../../support/package.mjs";
import { openSocket } from "../../support/sockets.mjs";

const page = readFileSync(
  new URL("../../../docs/coming-from/migrating.md", import.meta.url),
  "utf8",
);
const [, imports, onServer, rendered, party] = page
  .split("```js\n")
  .map((part) => part.split("```")[0]);

test("both imports of the page name the class", async () => {
  const names = [...imports.matchAll(/^import (.*) from "steadysocket";$/gm)];
  const made = await import(packageUrl);
  assert.deepEqual(
    names.map(([, name]) => made[/^\{ (\w+) as \w+ \}$/.exec(name)?.[1] ?? "default"]),
    [SteadySocket, SteadySocket],
  );
});

test("the page has a row for every option of theirs that is taken", () => {
  const file = join(consumerFolder, "node_modules/steadysocket/dist/types/compat-options.d.ts");
  const [, members] = /interface CompatOptions \{([\s\S]*?)\n\}/.exec(readFileSync(file, "utf8"));
  const names = [...members.matchAll(/^ {4}(\w+)\?:/gm)].map(([, name]) => name);
  // Those that are ours by the same name, too.
  names.push("debug", "debugLogger");
  assert.ok(names.length > 8, members);
  for (const name of names) assert.match(page, new RegExp(`^\\| \`${name}\``, "m"));
});

test("the page's socket for a server that has no WebSocket connects", async (t) => {
  const server = await LocalServer.start(t);
  const [, source] = /^import WebSocket from "ws";\n([\s\S]*)$/.exec(onServer);
  const make = new Function("WebSocket", "SteadySocket", "url", `${source}; return socket;`);
  const socket = make(WebSocket, SteadySocket, server.url());
  t.after(() => socket.close());
  assert.equal((await socket.opened).readyState, 1);
});

test("the page's socket for rendering on a server connects nothing there", (t) => {
  const make = new Function("SteadySocket", "url", `${rendered}; return socket;`);
  const socket = make(SteadySocket, "ws://127.0.0.1:1/");
  t.after(() => socket.close());
  assert.equal(socket.state, "suspended");
});

test("the page's function makes the URLs that PartySocket makes", async (t) => {
  const server = await LocalServer.start(t);
  const [, source] = /^(function [\s\S]*?\n\})$/m.exec(party);
  const partyUrl = new Function(`${source}; return partyUrl;`)();
  for (const more of [
    {},
    { party: "chess", path: "moves/last", id: "a b" },
    { prefix: "rooms", query: { a: 1, b: null, c: undefined, d: "ä&" } },
    { basePath: "some/where", query: async () => ({ token: "t" }) },
  ]) {
    const given = { host: `127.0.0.1:${server.port}`, room: "lobby", id: "me", ...more };
    const socket = openSocket(t, partyUrl({ protocol: "ws", ...given }));
    await server.until(() => server.handshakes.length === 1);
    const theirs = new PartySocket({ ...given, WebSocket });
    t.after(() => theirs.close());
    await server.until(() => server.handshakes.length === 2);
    const [ours, expected] = server.handshakes.splice(0);
    assert.equal(ours.path, expected.path);
    for (const one of [socket, theirs]) one.close();
  }
});
