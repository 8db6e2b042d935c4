// The port for Emscripten, compiled from the archive that a release publishes. Emscripten before
// 3.1.54 cannot use ports that it does not have; use-port.py runs the port there.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { writeRelease } from "../../scripts/single-source.mjs";
import { makeWorkshop } from "./support.mjs";
import { reconnects, webCommand } from "./talk.mjs";

const workshop = makeWorkshop();
const replacement = fileURLToPath(new URL("./use-port.py", import.meta.url));
let emcc;
let archive;

before(async () => {
  archive = writeRelease(workshop.folder);
  const version = /(\d+)\.(\d+)\.(\d+)/.exec(await workshop.run("emcc", "--version"));
  const [major, minor, patch] = version.slice(1).map(Number);
  const hasPorts = (major * 1000 + minor) * 1000 + patch >= 3_001_054;
  emcc = hasPorts ? ["emcc"] : ["python3", replacement];
  // Otherwise emcc would use what it has unpacked and compiled before.
  mkdirSync(workshop.path("ports"));
  process.env.EM_PORTS = workshop.path("ports");
});

/** Compiles and links a program with the port. */
const compile = (port, ...args) =>
  workshop.run(...emcc, "-std=c++20", `--use-port=${port}`, ...args);

// Programs end in .cjs: a package.json above the folder may make .js an ES module.
test("one command with the port makes a program that outlives its server", async (t) => {
  const port = `steadysocket.py:archive=${archive}`;
  await compile(port, "consumer/restart.cpp", "-O2", "-sALLOW_MEMORY_GROWTH=1", "-o", "one.cjs");
  await reconnects(t, ...webCommand, workshop.path("one.cjs"));
});

test("the port compiles the library for threads if the program is compiled with -pthread", async () => {
  const port = `steadysocket.py:archive=${archive}`;
  // The linker refuses objects for a memory that is not shared.
  await compile(port, "consumer/threads.cpp", "-pthread", "-sEXIT_RUNTIME=0", "-o", "threads.cjs");
});

test("an archive that is missing is an error that names the option", async () => {
  const missing = compile("steadysocket.py:archive=missing.tar.gz", "consumer/restart.cpp", "-c");
  await assert.rejects(missing, /the option archive must name a file, got missing\.tar\.gz/);
});
