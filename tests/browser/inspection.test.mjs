// Sockets and events in Chromium's console: the preview that DevTools prints in the line of a
// console.log.
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { ServerProcess } from "../support/server-process.mjs";
import { serveSite } from "../support/site.mjs";

/** Resolves to the preview of the value that `log` logs in the page: its name and members. */
async function preview(page, session, log, argument) {
  const [[{ args }]] = await Promise.all([
    once(session, "Runtime.consoleAPICalled"),
    page.evaluate(log, argument),
  ]);
  const { description, properties } = args[0].preview;
  return [description, Object.fromEntries(properties.map(({ name, value }) => [name, value]))];
}

test("the console shows a socket's state, and its URL without secrets", async (t) => {
  const server = await ServerProcess.start(t);
  const page = await chromium.open(t);
  await page.goto(await serveSite(t));
  const session = await page.page.createCDPSession();
  await session.send("Runtime.enable");
  const log = (url) =>
    import("/steadysocket.js").then(async ({ SteadySocket }) => {
      globalThis.socket ??= new SteadySocket(url);
      if (url === "close") {
        const closed = new Promise((done) => socket.addEventListener("close", done));
        socket.close();
        await closed;
      } else {
        await socket.opened;
      }
      console.log(socket);
    });
  const [name, members] = await preview(page, session, log, `${server.url("/echo")}?token=secret`);
  assert.equal(name, "SteadySocket");
  assert.equal(members["Symbol(state)"], `open ${server.url("/echo")}?token=***`);
  const [, closed] = await preview(page, session, log, "close");
  assert.match(closed["Symbol(state)"], /^closed ws:.*\*\*\*$/);
});

test("the console shows the class and the fields of events", async (t) => {
  const page = await chromium.open(t);
  await page.goto(await serveSite(t));
  const session = await page.page.createCDPSession();
  await session.send("Runtime.enable");
  const log = ([type, given]) =>
    import("/steadysocket.js").then((all) => console.log(new all[type](...given)));
  for (const [type, given, expected] of [
    [
      "SteadyErrorEvent",
      ["gave_up", "no attempt left"],
      { code: "gave_up", message: "no attempt left" },
    ],
    [
      "SteadyCloseEvent",
      [{ code: 4001, reason: "bye", willRetry: true }],
      { code: "4001", reason: "bye", willRetry: "true" },
    ],
    ["DropEvent", ["closed", "text", 3], { reason: "closed", data: "text", id: "3" }],
    ["StateChangeEvent", ["waiting", "open", 8, ""], { state: "waiting", retryIn: "8" }],
  ]) {
    const [name, members] = await preview(page, session, log, [type, given]);
    assert.equal(name, type);
    for (const [member, value] of Object.entries(expected)) {
      assert.equal(members[member], value, `${type}.${member}`);
    }
  }
});
