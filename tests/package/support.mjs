// A user's folder with the project's sources, and a program built from them. Every path has spaces.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildEnvironment, root } from "../../scripts/lib.mjs";
import { limitTests } from "../support/limit.mjs";

// The tests compile the library.
limitTests(300_000);

const consumer = fileURLToPath(new URL("./consumer/", import.meta.url));

/** The parts of the project that a user of the C++ library needs. */
const parts = ["CMakeLists.txt", "LICENSE", "bindings", "cmake", "sdk"];

/** Runs a command in `folder`. Resolves to its output, or rejects with it. */
export async function run(folder, command, ...args) {
  const options = { cwd: folder, env: buildEnvironment, maxBuffer: 1 << 26 };
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, options);
    return stdout + stderr;
  } catch (error) {
    const lines = [command, ...args].join(" ");
    throw new Error(`${lines}\n${error.stdout ?? ""}${error.stderr ?? error.message}`);
  }
}

/**
 * Makes a folder with `sources` outside the project. It is deleted after the tests.
 * @param others - further parts of the project to copy.
 */
export function makeWorkshop(...others) {
  const folder = mkdtempSync(join(tmpdir(), "steady socket "));
  after(() => rmSync(folder, { recursive: true, force: true }));
  for (const part of [...parts, ...others]) {
    cpSync(join(root, part), join(folder, "sources", part), { recursive: true });
  }
  cpSync(consumer, join(folder, "consumer"), { recursive: true });
  return new Workshop(folder);
}

class Workshop {
  #builds = 0;

  constructor(folder) {
    this.folder = folder;
  }

  path(...names) {
    return join(this.folder, ...names);
  }

  run(command, ...args) {
    return run(this.folder, command, ...args);
  }

  /**
   * Prepares a build of the consumer.
   * @param settings - CMake's variables; see consumer/CMakeLists.txt.
   * @param wrapper - command that runs CMake: emcmake, or empty.
   */
  async configure(settings, wrapper = []) {
    this.#builds += 1;
    const build = this.path(`build ${this.#builds}`);
    const defined = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
    const [command, ...args] = [...wrapper, "cmake", "-S", "consumer", "-B", build, "-G", "Ninja"];
    const output = await this.run(command, ...args, ...defined);
    return new Build(this, build, output);
  }
}

class Build {
  constructor(workshop, folder, output) {
    this.workshop = workshop;
    this.folder = folder;
    /** The output of CMake. */
    this.output = output;
  }

  /** Builds the program, and resolves to the folder. */
  async make() {
    await this.workshop.run("cmake", "--build", this.folder);
    return this.folder;
  }

  /** The usage requirements of the targets, a line each. */
  requirements() {
    const file = join(this.folder, "requirements.txt");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }
}
