// The entry steadysocket/external in a browser: policies and content types.
import assert from "node:assert/strict";
import { cpSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeApp, serveFolder } from "../support/apps.mjs";
import { chromium } from "../support/browsers/chromium.mjs";

const strict = "default-src 'none'; img-src data:; connect-src 'self' ws:";
const allowed = `${strict}; script-src 'self' 'wasm-unsafe-eval'`;

/** An empty page with the package's files beside it. */
function makeSite(name) {
  const page = '<!doctype html><link rel="icon" href="data:,">';
  const folder = makeApp(name, { "index.html": page });
  cpSync(join(folder, "node_modules/steadysocket/dist"), folder, { recursive: true });
  return folder;
}

/** Chromium's warning about a socket that is closed at once, as these are. */
const closedAtOnce = /closed before the connection is established/;

/** Calls load() in the page: a socket's state and the number of streamed files, or the error. */
function tryLoad(source) {
  const streamed = [];
  const { compileStreaming } = WebAssembly;
  WebAssembly.compileStreaming = (response) => {
    streamed.push(response.url);
    return compileStreaming(response);
  };
  return import("/external.js").then(async ({ load, SteadySocket }) => {
    try {
      await load(source);
      const socket = new SteadySocket("/");
      socket.close();
      return { state: socket.state, streamed: streamed.length };
    } catch (error) {
      return { message: error.message, cause: String(error.cause) };
    }
  });
}

test("a file with the type application/wasm is compiled during the download", async (t) => {
  const page = await chromium.open(t);
  page.expected.push(closedAtOnce);
  await page.goto(await serveFolder(t, makeSite("external-typed"), allowed));
  const { state, streamed } = await page.evaluate(tryLoad);
  assert.match(state, /^clos/);
  assert.equal(streamed, 1);
});

test("a file of another type is compiled after the download", async (t) => {
  const folder = makeSite("external-untyped");
  renameSync(join(folder, "steadysocket.wasm"), join(folder, "steadysocket.bin"));
  const page = await chromium.open(t);
  page.expected.push(closedAtOnce);
  await page.goto(await serveFolder(t, folder, allowed));
  const { state, streamed } = await page.evaluate(tryLoad, "/steadysocket.bin");
  assert.match(state, /^clos/);
  assert.equal(streamed, 0);
});

test("without wasm-unsafe-eval, load() rejects with an error that names it", async (t) => {
  const page = await chromium.open(t);
  page.expected.push(/wasm/i);
  const policy = `${strict}; script-src 'self'`;
  const folder = makeSite("external-policy");
  await page.goto(await serveFolder(t, folder, policy));
  const { message, cause } = await page.evaluate(tryLoad);
  assert.match(message, /wasm-unsafe-eval/);
  assert.match(cause, /^CompileError/);
});

test("if the policy forbids fetching the file, load() rejects with an error that says so", async (t) => {
  const page = await chromium.open(t);
  page.expected.push(/Content Security Policy/);
  const policy = "default-src 'none'; img-src data:; script-src 'self' 'wasm-unsafe-eval'";
  await page.goto(await serveFolder(t, makeSite("external-connect"), policy));
  const { message } = await page.evaluate(tryLoad);
  assert.match(message, /steadysocket\.wasm could not be fetched/);
});

test("both entries work on one page, each with its own class", async (t) => {
  const page = await chromium.open(t);
  page.expected.push(closedAtOnce);
  await page.goto(await serveFolder(t, makeSite("external-both"), allowed));
  const { state } = await page.evaluate(tryLoad);
  assert.match(state, /^clos/);
  const isSame = await page.evaluate(async () => {
    const inline = await import("/steadysocket.js");
    const external = await import("/external.js");
    new inline.SteadySocket("/").close();
    return inline.SteadySocket === external.SteadySocket;
  });
  assert.equal(isSame, false);
});
