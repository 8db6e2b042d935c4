// Runs a script in a page with WebSocket and with SteadySocket, and compares the answers.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { afterEach } from "node:test";
import { chromium } from "../support/browsers/chromium.mjs";
import { LocalServer } from "../support/local-server.mjs";
import { packageText } from "../support/site.mjs";

const probeText = await readFile(new URL("probe-page.mjs", import.meta.url), "utf8");

/** Chromium's messages about connections that are meant to fail. */
export const failedConnection = /WebSocket (connection to|is already in CLOSING)/;

/**
 * The path selects the server's behavior: /quiet sends nothing, /close?code=4001&reason=bye closes
 * at once, /say?text=a&text=b sends these text messages at once; every other path echoes.
 */
function greet(connection, request) {
  const { pathname, searchParams } = new URL(request.url, "ws://host");
  if (pathname === "/quiet") return;
  for (const text of searchParams.getAll("text")) connection.send(text);
  if (pathname === "/close") {
    const code = searchParams.get("code");
    if (code === null) connection.close();
    else connection.close(Number(code), searchParams.get("reason") ?? "");
    return;
  }
  connection.on("message", (data, isBinary) => connection.send(data, { binary: isBinary }));
}

// One tab for all tests of a file: a new one takes longer than most of them.
let tab;
afterEach(async () => {
  if (tab === undefined) return;
  // Before the hooks that stop servers.
  await tab.goto("about:blank");
  const complaints = tab.complaints();
  tab.forget();
  if (complaints.length > 0) throw new Error(`the page complained:\n${complaints.join("\n")}`);
});

/**
 * A page whose own origin is a WebSocket server: `page.server`, which greets as described above.
 */
export async function openProbe(t, path = "/folder/page.html") {
  const files = { "/steadysocket.js": packageText, "/probe.js": probeText };
  const serve = (request, response) => {
    const script = files[new URL(request.url, "http://host").pathname];
    response.setHeader("Content-Type", script === undefined ? "text/html" : "text/javascript");
    // A worker made of a blob may load the probe.
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.end(script ?? '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">');
  };
  const server = await LocalServer.start(t, { greet, serve });
  tab ??= await chromium.start();
  tab.expected.push(failedConnection);
  await tab.goto(`http://127.0.0.1:${server.port}${path}`);
  return Object.assign(tab, { server, files });
}

/** Runs `script(probe, argument)` in the page, with the class named. */
function answersOf(page, className, script, argument) {
  const given = JSON.stringify(argument) ?? "undefined";
  const call = `({ probe }) => (${script})(probe("${className}"), ${given})`;
  return page.evaluate(`() => import(location.origin + "/probe.js").then(${call})`);
}

/** Resolves to the script's answers with each of the two classes. */
export async function bothAnswers(page, script, argument) {
  const native = await answersOf(page, "WebSocket", script, argument);
  const ours = await answersOf(page, "SteadySocket", script, argument);
  return { native, ours };
}

/** Asserts that the answers are the same with both classes, and resolves to them. */
export async function sameAnswers(page, script, argument) {
  const { native, ours } = await bothAnswers(page, script, argument);
  assert.deepEqual(ours, native, "SteadySocket, compared with WebSocket");
  return native;
}
