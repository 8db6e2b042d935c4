// Random schedules: every message is handled exactly once and in order, or reported. And mutation
// tests: without a rule of the server, the simulation must fail.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { limitTests } from "../support/limit.mjs";
import { newSeed } from "../support/random.mjs";
import * as built from "./package.mjs";
import { simulate, Violation } from "./simulation.mjs";

// Hundreds of schedules, on a loaded machine.
limitTests(180_000);

const runs = 200;
const source = (file) =>
  fileURLToPath(new URL(`../../bindings/src/server/${file}`, import.meta.url));

async function attempt({ createSessions, memoryStore }, seed, hasStore) {
  try {
    return await simulate(createSessions, seed, hasStore ? memoryStore() : undefined);
  } catch (error) {
    error.message += ` (SEED=${seed})`;
    throw error;
  }
}

for (const [setup, hasStore] of [
  ["one server, which loses its memory", false],
  ["two servers with a store, which are killed", true],
]) {
  test(`every message is handled exactly once and in order, or is reported: ${setup}`, async (t) => {
    const seed = newSeed();
    const totals = {};
    for (let i = 0; i < runs; ++i) {
      const result = await attempt(built, seed + i, hasStore);
      for (const [name, count] of Object.entries(result)) {
        totals[name] = (totals[name] ?? 0) + count;
      }
    }
    t.diagnostic(`SEED=${seed}: ${runs} schedules, ${JSON.stringify(totals)}`);
    for (const count of Object.values(totals)) assert.ok(count > runs / 2);
  });
}

/** The name of the missing rule, the file, the code to replace, and its replacement. */
const mutations = [
  [
    "fencing by generation",
    "sessions.ts",
    "hello.generation <= found.generation",
    "hello.generation < 0",
  ],
  [
    "the generation in a trace",
    "sessions.ts",
    "this.#traces.set(session.id, trace);",
    "this.#traces.set(session.id, { ...trace, generation: 0 });",
  ],
  ["a new life when traces are discarded", "sessions.ts", 'this.#currentLife = "";', ""],
  [
    "the comparison of epochs",
    "sessions.ts",
    "const isSame = found?.epoch === epoch;",
    "const isSame = found !== undefined;",
  ],
  [
    "the comparison of a new session's epoch with the life",
    "sessions.ts",
    "!found && epoch === this.#life && received === 0",
    "!found",
  ],
  ["the guard against duplicates", "live-session.ts", "if (number <= this.#received) return;", ""],
  [
    "received and unhandled messages in the guard against duplicates",
    "live-session.ts",
    "if (number <= this.#received) return;",
    "if (number <= this.#handled) return;",
  ],
  [
    "the running handler's message in OLD",
    "live-session.ts",
    "handled: this.#handling ?? this.#handled,",
    "handled: this.#handled,",
  ],
  [
    "handling before acknowledging",
    "live-session.ts",
    "    return this.#handled;\n",
    "    return this.#received;\n",
  ],
  [
    "waiting for the previous epoch's handler",
    "sessions.ts",
    "session.hold(ready, idle)",
    "session.hold(ready, undefined)",
  ],
  [
    "closing the older connection",
    "live-session.ts",
    'before?.close(4409, "taken over by a newer connection");',
    "",
  ],
  [
    "ignoring the late close of an older connection",
    "live-session.ts",
    "if (connection !== this.#connection) return;",
    "",
  ],
  [
    "skipped numbers",
    "connection.ts",
    "this.#incoming = frame.number;",
    "this.#incoming ??= frame.number;",
  ],
  [
    "the number before the first message of a connection",
    "connection.ts",
    'if (this.#outgoing !== number) this.write(control("@", number));',
    "",
  ],
  [
    "waiting for a number on a resumed connection",
    "connection.ts",
    "this.#incoming = first;",
    "this.#incoming = 1;",
  ],
  [
    "resending from the client's last received message",
    "live-session.ts",
    "this.#flushed = 0;",
    "this.#flushed = this.#kept.length;",
  ],
  [
    "a number for every volatile message",
    "live-session.ts",
    "const number = ++this.#sent;",
    "const number = this.#sent + 1;",
  ],
  [
    "reporting undelivered messages",
    "live-session.ts",
    "this.onend?.(reason, undelivered, this.#reason)",
    "this.onend?.(reason, [], this.#reason)",
  ],
];

/** Same for rules that concern a store. */
const storeMutations = [
  [
    "storing a message before it is transmitted",
    "live-session.ts",
    "if (!message?.isStored) return;",
    "if (!message) return;",
  ],
  [
    "ending a session when a message was not stored",
    "live-session.ts",
    'if (!isOwner) return this.end("moved");',
    "",
  ],
  [
    "comparing the owner before continuing a session in memory",
    "sessions.ts",
    "const isMine = stored !== false && stored?.owner === owner;",
    "const isMine = stored !== false && live !== undefined;",
  ],
  [
    "a new owner on a takeover from another process",
    "sessions.ts",
    "const successor = random();",
    'const successor = "the same";',
  ],
  [
    "newer state in the store than in its own trace",
    "sessions.ts",
    "stored && stored.generation > trace.generation",
    "stored && false",
  ],
  [
    "the number of messages in the store",
    "live-session.ts",
    "this.#sent = this.#transmitted = start.acknowledged + this.#kept.length;",
    "this.#sent = this.#transmitted = start.acknowledged;",
  ],
];

for (const [rule, file, code, replacement, hasStore] of [
  ...mutations,
  ...storeMutations.map((mutation) => [...mutation, true]),
]) {
  test(`the simulation fails if the server lacks ${rule}`, async () => {
    const mutated = await build(file, code, replacement);
    // Most fail within a few schedules.
    const find = async () => {
      for (let seed = 1; seed <= 25 * runs; ++seed) await attempt(mutated, seed, hasStore);
    };
    await assert.rejects(find, Violation);
  });
}

const folder = await mkdtemp(join(tmpdir(), "steadysocket-mutated-"));
after(() => rm(folder, { recursive: true, force: true }));
let count = 0;

/** Builds the server with one piece of its source replaced. */
async function build(file, code, replacement) {
  const path = source(file);
  const original = await readFile(path, "utf8");
  assert.equal(original.split(code).length, 2, `expected once in ${file}: ${code}`);
  const contents = original.replace(code, () => replacement);
  const mutate = {
    name: "mutate",
    setup({ onLoad }) {
      onLoad({ filter: /./ }, (args) =>
        args.path === path ? { contents, loader: "ts" } : undefined,
      );
    },
  };
  const outfile = join(folder, `${++count}.mjs`);
  const entryPoints = [source("index.ts")];
  await esbuild.build({ entryPoints, bundle: true, outfile, format: "esm", plugins: [mutate] });
  return import(pathToFileURL(outfile).href);
}
