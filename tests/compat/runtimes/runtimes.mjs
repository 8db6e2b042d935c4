// The runtimes that the package is tried in, and how a program is run in them. Their binaries are
// npm packages for Linux on x64 with glibc, and optional: without one, its tests fail and say so.
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
   * @param folder - of its package, below node_modules; `binary` is below that.
   * @param flags - `run` before a script, `evaluate` before a text that is an ES module, and
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

  /** Runs a script of this folder; it is told where the package and the one called `ws` are. */
  run(t, script, args = [], flags = []) {
    const path = fileURLToPath(new URL(script, import.meta.url));
    return this.#start(t, [...this.#flags.run, ...flags, path, packageUrl, ws, ...args]);
  }

  /** Runs a text as an ES module, in a folder where the package is installed. */
  evaluate(t, source) {
    return this.#start(t, [...this.#flags.evaluate, source]);
  }

  #start(t, args) {
    if (!existsSync(this.#command)) {
      throw new Error(
        `${this.#command} is not there: its package is for Linux on x64 with glibc, and is ` +
          "installed on it by npm ci in tests/compat",
      );
    }
    const deno = { DENO_DIR: `${consumerFolder}.deno`, DENO_NO_UPDATE_CHECK: "1" };
    const env = { ...process.env, ...deno, NO_COLOR: "1" };
    // The test runner's own, which is about what it runs itself.
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
  // The network is all that the package needs; the script reads where that is.
  run: ["run", ...denoFlags, "--allow-net=127.0.0.1", "--allow-read"],
  evaluate: ["eval", ...denoFlags],
  collect: ["--v8-flags=--expose-gc"],
});
export const bun = new Runtime("Bun", "@oven/bun-linux-x64", "bin/bun", {
  run: ["run", "--no-install"],
  evaluate: ["--no-install", "--eval"],
  collect: [],
});
