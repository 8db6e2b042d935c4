// The code and the tables of options of docs/coming-from/reconnecting-websocket.md and
// partysocket.md.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import PartySocket from "partysocket";
import WebSocket from "ws";
import { LocalServer } from "../../support/local-server.mjs";
import { consumerFolder, packageUrl, SteadySocket } from "../../support/package.mjs";
import { codeBlocks, readPage } from "../../support/pages.mjs";
import { openSocket } from "../../support/sockets.mjs";

const pages = ["reconnecting-websocket", "partysocket"].map((name) => {
  const text = readPage(`docs/coming-from/${name}.md`);
  return { name, text, blocks: codeBlocks(text).filter(({ language }) => language === "js") };
});
/** The code block of a page that contains a string. */
function blockOf({ name, blocks }, text) {
  const block = blocks.find(({ code }) => code.includes(text));
  assert.ok(block, `${name}.md has a block with ${text}`);
  return block.code;
}

test("the import in each page imports the class", async () => {
  const made = await import(packageUrl);
  for (const page of pages) {
    const block = blockOf(page, 'from "steadysocket"');
    const [, name] = /^import (.*) from "steadysocket";$/m.exec(block);
    assert.equal(made[/^\{ (\w+) as \w+ \}$/.exec(name)?.[1] ?? "default"], SteadySocket);
  }
});

test("the pages have a row for every accepted option of both libraries", () => {
  const file = join(consumerFolder, "node_modules/steadysocket/dist/types/compat-options.d.ts");
  const [, members] = /interface CompatOptions \{([\s\S]*?)\n\}/.exec(readFileSync(file, "utf8"));
  const names = [...members.matchAll(/^ {4}(\w+)\?:/gm)].map(([, name]) => name);
  // These have the same name in steadysocket.
  names.push("debug", "debugLogger");
  assert.ok(names.length > 8, members);
  const onlyPartysocket = ["shouldReconnectOnClose", "debugLogger"];
  const [reconnecting, party] = pages.map(({ text }) =>
    names.filter((name) => new RegExp(`^\\| \`${name}\``, "m").test(text)),
  );
  assert.deepEqual(party, names);
  assert.deepEqual(
    reconnecting,
    names.filter((name) => !onlyPartysocket.includes(name)),
  );
});

for (const page of pages) {
  test(`the socket in ${page.name}.md for a server without a WebSocket connects`, async (t) => {
    const server = await LocalServer.start(t);
    const block = blockOf(page, 'from "ws"');
    const [, source] = /^import WebSocket from "ws";\n([\s\S]*)$/.exec(block);
    const make = new Function("WebSocket", "SteadySocket", "url", `${source}; return socket;`);
    const socket = make(WebSocket, SteadySocket, server.url());
    t.after(() => socket.close());
    assert.equal((await socket.opened).readyState, 1);
  });

  test(`the socket in ${page.name}.md for server-side rendering does not connect`, (t) => {
    const source = blockOf(page, "startSuspended");
    const make = new Function("SteadySocket", "url", `${source}; return socket;`);
    const socket = make(SteadySocket, "ws://127.0.0.1:1/");
    t.after(() => socket.close());
    assert.equal(socket.state, "suspended");
  });
}

test("the function in partysocket.md returns the URLs that PartySocket connects to", async (t) => {
  const server = await LocalServer.start(t);
  const [, source] = /^(function [\s\S]*?\n\})$/m.exec(blockOf(pages[1], "partyUrl"));
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
