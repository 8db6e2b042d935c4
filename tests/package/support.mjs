// A user's folder: the project's sources as they come, and a program that is built from them, with
// spaces in every path.
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { buildEnvironment, root } from "../../scripts/lib.mjs";
import { limitTests } from "../support/limit.mjs";

// They compile.
limitTests(300_000);

const consumer = fileURLToPath(new URL("./consumer/", import.meta.url));

/** All that a user of the C++ library needs of the project. */
const parts = ["CMakeLists.txt", "LICENSE", "bindings", "cmake", "sdk"];

/** Runs a command in `folder`; resolves to what it prints, rejects with it if it fails. */
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
 * Makes a folder outside of the project with `sources` in it; it goes when the tests have ended.
 * @param others - parts of the project that are wanted besides.
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
   * @param wrapper - what CMake is called through: emcmake, or nothing.
   */
  async configure(settings, wrapper = []) {
    this.#builds += 1;
    const build = this.path(`build ${this.#builds}`);
    const defined = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
    const [command, ...args] = [...wrapper, "cmake", "-S", "consumer", "-B", build, "-G", "Ninja"];
    const said = await this.run(command, ...args, ...defined);
    return new Build(this, build, said);
  }
}

class Build {
  constructor(workshop, folder, said) {
    this.workshop = workshop;
    this.folder = folder;
    /** What CMake printed. */
    this.said = said;
  }

  /** Builds it; resolves to the folder. */
  async make() {
    await this.workshop.run("cmake", "--build", this.folder);
    return this.folder;
  }

  /** The options and definitions that users of the targets get, a line each. */
  brought() {
    const file = join(this.folder, "brought.txt");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n") : [];
  }
}
