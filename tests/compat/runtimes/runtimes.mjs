// The runtimes in which the package is tested, and functions that run programs in them. Their
// binaries are npm packages for Linux on x64 with glibc, and optional: the tests of a missing
// runtime fail with an error that names it.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { consumerFolder, packageUrl } from "../../support/package.mjs";
import { Program } from "../../support/program.mjs";

const packages = fileURLToPath(new URL("../node_modules/", import.meta.url));
const ws = import.meta.resolve("ws");

class Runtime {
  #command;
  #flags;

  /**
   * @param folder - The folder of its package in node_modules; `binary` is a path in that.
   * @param flags - `run` before a script, `evaluate` before the source of an ES module, and
   * `collect` for a program that collects garbage.
   */
  constructor(name, folder, binary, flags) {
    this.#command = `${packages}${folder}/${binary}`;
    this.#flags = flags;
    const about = `${packages}${folder}/package.json`;
    const version = existsSync(about) ? JSON.parse(readFileSync(about, "utf8")).version : "missing";
    this.label = `${name} ${version}`;
  }

  get collectFlags() {
    return this.#flags.collect;
  }

  /** Runs a script in this folder, with the URLs of the package and of `ws` as arguments. */
  run(t, script, args = [], flags = []) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    return this.#start(t, [...this.#flags.run, ...flags, path, packageUrl, ws, ...args]);
  }

  /** Runs source code as an ES module, in a folder where the package is installed. */
  evaluate(t, source) {
    return this.#start(t, [...this.#flags.evaluate, source]);
  }

  #start(t, args) {
    if (!existsSync(this.#command)) {
      throw new Error(
        `${this.#command} does not exist: its package is for Linux on x64 with glibc, and is ` +
          "installed on it by npm ci in tests/compat",
      );
    }
    const deno = { DENO_DIR: `${consumerFolder}.deno`, DENO_NO_UPDATE_CHECK: "1" };
    const env = { ...process.env, ...deno, NO_COLOR: "1" };
    // Set by the test runner for the processes that it starts.
    delete env.NODE_TEST_CONTEXT;
    return new Program(t, this.#command, args, { cwd: consumerFolder, env });
  }
}

const node = (major) =>
  new Runtime("Node", `node-${major}`, "bin/node", {
    run: ["--no-warnings"],
    evaluate: ["--no-warnings", "--input-type=module", "--eval"],
    collect: ["--expose-gc"],
  });

export const node20 = node(20);
export const node22 = node(22);
export const node26 = node(26);
const denoFlags = ["--no-remote", "--no-lock", "--no-prompt"];
export const deno = new Runtime("Deno", "@deno/linux-x64-glibc", "deno", {
  // The package only needs the network; the script reads its files.
  run: ["run", ...denoFlags, "--allow-net=127.0.0.1", "--allow-read"],
  evaluate: ["eval", ...denoFlags],
  collect: ["--v8-flags=--expose-gc"],
});
export const bun = new Runtime("Bun", "@oven/bun-linux-x64", "bin/bun", {
  run: ["run", "--no-install"],
  evaluate: ["--no-install", "--eval"],
  collect: [],
});
