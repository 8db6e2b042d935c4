// Shared by the scripts. Imports no npm package: setup.mjs installs them.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { setPriority } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** package.json as it is now. */
export const readManifest = () => JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The files and folders of the package. */
export const packageFiles = () => [...readManifest().files, "package.json", "README.md", "LICENSE"];

/** The files of the repository that match patterns of git, untracked ones included. */
export function listFiles(...patterns) {
  const args = ["ls-files", "-co", "--exclude-standard", ...patterns];
  const { stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return stdout.split("\n").filter((file) => file !== "" && existsSync(join(root, file)));
}

/** npm puts the programs of its packages on the path. */
const isOfPackages = (folder) => /[\\/]node_modules[\\/]\.bin$/.test(folder);

/**
 * Debian's emcc requires Debian's node modules, which only Debian's Node looks for. Node ignores a
 * folder that does not exist. Emscripten must not find the newer wasm-opt of the package binaryen.
 */
export const buildEnvironment = {
  ...process.env,
  PATH: (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !isOfPackages(folder))
    .join(delimiter),
  NODE_PATH: ["/usr/share/nodejs", process.env.NODE_PATH].filter(Boolean).join(delimiter),
};

/**
 * Ends the script with a one-line message.
 * @returns {never}
 */
export function fail(message) {
  console.error(`steadysocket: ${message}`);
  process.exit(1);
}

export function step(message) {
  console.log(`steadysocket: ${message}`);
}

/** On Windows, npm is a script of the shell. */
const defaults = (command) => ({
  cwd: root,
  env: buildEnvironment,
  shell: process.platform === "win32" && command === "npm",
});

const running = new Set();
process.on("exit", () => {
  for (const child of running) child.kill();
});

/** Starts a command in the project. It ends with the script. */
export function start(command, args, options) {
  const child = spawn(command, args, { ...defaults(command), ...options });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Runs a command in the project and shows its output. Ends the script if it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    ...defaults(command),
    stdio: ["ignore", "inherit", "inherit"],
    ...options,
  });
  if (result.error) fail(`${command}: ${result.error.message}`);
  if (result.status !== 0) {
    fail(`"${[command, ...args].join(" ")}" failed (${result.signal ?? `exit ${result.status}`})`);
  }
}

/**
 * Runs a command whose output is shown only if it fails; reports every 10 seconds that it still runs.
 * Its priority is low: tests may run at the same time.
 * @param {string} what - The activity, which is printed.
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnOptions & { onFailure?: (reason: string) => void }} options
 *   `onFailure` is called instead of ending the process.
 */
export async function runQuietly(what, command, args, { onFailure = fail, ...options } = {}) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  step(`${what} …`);
  const child = start(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  if (child.pid !== undefined) setPriority(child.pid, 10);
  const output = [];
  child.stdout.on("data", (chunk) => output.push(chunk));
  child.stderr.on("data", (chunk) => output.push(chunk));
  const pulse = setInterval(() => step(`${what} … ${seconds()} s`), 10_000);
  const [code, error] = await new Promise((resolve) => {
    child.on("error", (e) => resolve([-1, e]));
    child.on("close", (c) => resolve([c, undefined]));
  });
  clearInterval(pulse);
  if (code === 0) return;
  process.stderr.write(Buffer.concat(output));
  onFailure(`${what} failed: ${error?.message ?? `exit ${code}`}`);
}

/** The newest modification time below the given files and folders, in milliseconds. */
export function newest(paths) {
  let time = 0;
  for (const path of paths) {
    const full = join(root, path);
    if (!existsSync(full)) continue;
    const info = statSync(full);
    time = Math.max(time, info.mtimeMs);
    if (info.isDirectory())
      time = Math.max(time, newest(readdirSync(full).map((n) => join(path, n))));
  }
  return time;
}
