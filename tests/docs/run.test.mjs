// Runs the blocks of the documentation that need only the package and Node, each in a process of its
// own, on a server that sends everything back. The output that comments claim is checked.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";
import { kill } from "../support/children.mjs";
import { EchoServer } from "../support/echo.mjs";
import { limitTests } from "../support/limit.mjs";
import { consumerFolder } from "../support/package.mjs";
import { listPages } from "../support/pages.mjs";
import { once } from "../support/until.mjs";
import { typedBlocks } from "./typed-blocks.mjs";

limitTests(30_000);

const child = fileURLToPath(new URL("run-block.mjs", import.meta.url));
// The package is found here by its name.
const folder = join(consumerFolder, "docs");
const available = /^(steadysocket(\/(core|js|external|server|testing))?|ws|node:[\w/]+)$/;
const isOfBrowsers = /\b(document|window|navigator|localStorage|location|Worker|Deno|Bun)\b/;

const imports = (code) =>
  Array.from(code.matchAll(/^(?:import|export)\b[^;]*?from "([^"]+)"/gm), ([, name]) => name);

/** A block that uses a socket without creating one continues with the reader's. */
const goesOn = (code) => /\bsocket\./.test(code) && !/\b(const|let) socket\b/.test(code);
/** Blocks for the reader's server. */
const isOfServers = (code) =>
  ["server", "session", "sessions", "webSocket"].some(
    (name) =>
      new RegExp(`\\b${name}\\.`).test(code) &&
      !new RegExp(`\\b(?:const|let) ${name}\\b|[(]${name}[,)]|\\b${name} =>`).test(code),
  );
const beginning = `import * as names from "steadysocket";
Object.assign(globalThis, names);
const socket = new SteadySocket("wss://example.org/chat");
`;

const runs = ({ language, code }) =>
  (language === "js" || language === "ts") &&
  (goesOn(code) || imports(code).some((name) => name.startsWith("steadysocket"))) &&
  imports(code).every((name) => available.test(name)) &&
  !isOfBrowsers.test(code) &&
  !isOfServers(code);

/** The output that the block's comments claim: `console.log(state); // "open"`. */
const printed = (code) =>
  Array.from(code.matchAll(/^console\.log\(.*\); \/\/ ("[^"]*"|\d+|true|false)$/gm), ([, value]) =>
    String(JSON.parse(value)),
  );

async function adapted({ code, language }, server) {
  const { origin } = new URL(server.url());
  const local = (goesOn(code) ? beginning + code : code)
    .replaceAll(/wss?:\/\/[\w.:-]+\/?/g, `${origin}/echo?`)
    .replaceAll(/port: \d+/g, "port: 0");
  const { code: plain } = await transform(local, { loader: language, target: "es2022" });
  return plain.replaceAll(/from "ws"/g, `from ${JSON.stringify(import.meta.resolve("ws"))}`);
}

const blocks = listPages().flatMap(typedBlocks).filter(runs);

test("the documentation has blocks that run", () => {
  assert.ok(blocks.length >= 10, `${blocks.length} blocks`);
});

for (const block of blocks) {
  test(`${block.page}: the block of line ${block.line} runs`, async (t) => {
    const server = await EchoServer.start(t);
    const file = join(folder, `${block.file.replaceAll("/", "-")}.mjs`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await adapted(block, server));
    const program = fork(child, [file], { stdio: ["ignore", "pipe", "pipe", "ipc"] });
    t.after(() => kill(program));
    const output = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"]) {
      program[stream].setEncoding("utf8").on("data", (text) => {
        output[stream] += text;
      });
    }
    program.on("message", () => server.closeAll(4999));
    const [status] = await once(program, "close");
    assert.equal(status, 0, output.stderr);
    const lines = output.stdout.split("\n");
    for (const line of printed(block.code)) assert.ok(lines.includes(line), `${line} is printed`);
  });
}
