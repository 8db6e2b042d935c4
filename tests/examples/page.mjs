// The steps of a test in the page of every chat among the examples.
import assert from "node:assert/strict";
import { chromium } from "../support/browsers/chromium.mjs";
import { freePort } from "../support/daemon.mjs";
import { copyExample, Example } from "./example.mjs";

const status = "[role=status]";

export async function say(tab, text) {
  await tab.type("input", text);
  await tab.press("Enter");
  await tab.until(() => document.querySelector("input").value === "", null, "an empty field");
}

/** Starts an example with a page, and resolves to it and to the page's address. */
export async function startPage(t, name, folder = copyExample(name)) {
  const isVanilla = name === "vanilla";
  const args = isVanilla ? [] : ["--port", String(await freePort())];
  const example = new Example(t, folder, ...args);
  const address = isVanilla ? /listening on (http:\S+)/ : /Local: +(http:\S+)/;
  return { example, url: (await example.prints(address))[1] };
}

/** Two people write while the server runs, while it is dead, and when it is back. */
export async function survives(t, { example, url }, name) {
  const [ann, bob] = [await chromium.open(t), await chromium.open(t)];
  const both = [ann, bob];
  for (const tab of both) {
    // A development server compiles the page at the first request.
    tab.deadline = 45_000;
    await tab.goto(url);
    await tab.sees(status, "Connected");
  }
  await say(ann, "hello Bob");
  await bob.sees("li", "hello Bob");

  for (const tab of both) tab.expected.push(chromium.refusedConnection);
  await example.killServer();
  for (const tab of both) await tab.sees(status, /Reconnecting|Connecting/);
  await say(ann, "one");
  await say(ann, "two");
  await ann.sees(status, "2 queued");
  await ann.screenshot(`example-${name}.png`);

  await example.startServer();
  for (const tab of both) {
    await tab.sees("li", "two");
    await tab.sees(status, /^ ?Connected ?$/);
    assert.deepEqual(await tab.texts("li"), ["hello Bob", "one", "two"]);
  }
  await say(bob, "hello Ann");
  await ann.sees("li", "hello Ann");
}
