// Follows the section "React" of the README: runs its commands, writes its files, opens its page,
// and kills its server. Ports are replaced by free ones, the package's name by its tarball.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../../scripts/lib.mjs";
import { chromium } from "../support/browsers/chromium.mjs";
import { Command } from "../support/command.mjs";
import { freePort } from "../support/daemon.mjs";
import { limitTests } from "../support/limit.mjs";
import { consumerFolder } from "../support/package.mjs";
import { codeBlocks, sectionOf } from "../support/pages.mjs";
import { within } from "../support/until.mjs";

// npm downloads the template's packages.
limitTests(240_000);

const variables = { npm_config_yes: "true", npm_config_prefer_offline: "true" };
const startCommand = (t, line, folder) => new Command(t, folder, line, undefined, variables);

async function runCommand(t, line, folder) {
  const command = startCommand(t, line, folder);
  assert.equal(await command.exits(200_000), 0, `${line}\n${command.output}`);
}

/** Resolves when a server accepts connections at this port. */
async function accepting(port, command) {
  const connected = () =>
    new Promise((resolve) => {
      const socket = createConnection({ port, host: "localhost" });
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
  const waiting = (async () => {
    while (!(await connected())) {
      assert.ok(!command.hasExited, command.output);
      await new Promise(setImmediate);
    }
  })();
  await within(waiting, `port ${port}`, () => command.output, 60_000);
}

test("a chat made by following only the README survives a restart of its server", async (t) => {
  const [serverPort, pagePort] = [await freePort(), await freePort()];
  const tarball = readdirSync(consumerFolder).find((name) => name.endsWith(".tgz"));
  const adapt = (text) =>
    text
      .replaceAll("localhost:8080", `localhost:${serverPort}`)
      .replaceAll("port: 8080", `port: ${serverPort}`)
      .replaceAll("localhost:5173", `localhost:${pagePort}`)
      .replace("npm run dev", `npm run dev -- --strictPort --port ${pagePort}`)
      .replace(/^(npm install.*) steadysocket\b/m, `$1 ${join(consumerFolder, tarball)}`);
  const blocks = codeBlocks(sectionOf("README.md", "React")).map(({ language, code }) => ({
    language,
    text: adapt(code),
  }));
  const commands = blocks.filter(({ language }) => language === "sh");
  assert.equal(commands.length, 2, "blocks of commands: set-up and start");

  let folder = join(root, "build/readme");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const line of commands[0].text.trim().split("\n")) {
    if (line.startsWith("cd ")) folder = join(folder, line.slice(3));
    else await runCommand(t, line, folder);
  }
  const files = blocks.filter(({ language }) => language !== "sh");
  assert.equal(files.length, 2);
  for (const { text } of files) {
    const [, name] = /^\/\/ (\S+)\n/.exec(text);
    writeFileSync(join(folder, name), text);
  }
  // The template's build also checks the types.
  await runCommand(t, "npm run build", folder);

  const [serverLine, pageLine] = commands[1].text.trim().split("\n");
  let server = startCommand(t, serverLine, folder);
  const page = startCommand(t, pageLine, folder);
  await accepting(serverPort, server);
  await accepting(pagePort, page);

  const url = `http://localhost:${pagePort}/`;
  const [ann, bob] = [await chromium.open(t), await chromium.open(t)];
  for (const tab of [ann, bob]) {
    await tab.goto(url);
    await tab.sees("p", "open");
  }
  const sendChat = async (tab, text) => {
    await tab.type("input", text);
    await tab.press("Enter");
    await tab.until(() => document.querySelector("input").value === "", null, "an empty field");
  };
  await sendChat(ann, "hello Bob");
  await bob.sees("li", "hello Bob");
  await sendChat(bob, "hello Ann");
  await ann.sees("li", "hello Ann");

  for (const tab of [ann, bob]) tab.expected.push(chromium.refusedConnection);
  server.kill();
  for (const tab of [ann, bob]) await tab.sees("p", "waiting");
  for (const text of ["one", "two", "three"]) await sendChat(ann, text);
  await ann.sees("p", "3 queued");
  await ann.screenshot("readme-react-waiting.png");

  server = startCommand(t, serverLine, folder);
  for (const tab of [ann, bob]) await tab.sees("li", "three");
  for (const tab of [ann, bob]) {
    assert.deepEqual(await tab.texts("li"), ["hello Bob", "hello Ann", "one", "two", "three"]);
    assert.equal(await tab.text("p"), "open");
  }
  await ann.screenshot("readme-react-back.png");
});
