// Builds with the presets of CMakePresets.json, in build/.
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, runQuietly } from "./lib.mjs";

/** The last step in each preset's folder: steps in one folder must not run concurrently. */
const queues = new Map();

/**
 * Builds a target of a preset, which is configured first, once in this process.
 * @param {string} preset
 * @param {string} [target] - Default: the preset's targets.
 * @param {object} [options]
 * @param {string[]} [options.settings] - For configuring, as `-DNAME=VALUE`. CMake remembers them.
 */
export function compile(preset, target, { settings = [] } = {}) {
  const before = queues.get(preset);
  const isConfigured = before !== undefined && settings.length === 0;
  const done = (async () => {
    await before;
    if (!isConfigured) await configure(preset, settings);
    const args = ["--build", "--preset", preset];
    if (target !== undefined) args.push("--target", target);
    await runQuietly(`compiling ${target ?? preset}`, "cmake", args);
  })();
  queues.set(preset, done);
  return done;
}

/** Configures a preset's folder, which is recreated if it belongs to another source folder. */
async function configure(preset, settings) {
  const folder = join(root, "build", preset);
  const cache = join(folder, "CMakeCache.txt");
  const home = `CMAKE_HOME_DIRECTORY:INTERNAL=${root.replaceAll("\\", "/")}\n`;
  if (existsSync(cache) && !readFileSync(cache, "utf8").includes(home)) {
    rmSync(folder, { recursive: true });
  }
  await runQuietly(`preparing ${preset}`, "cmake", ["--preset", preset, ...settings]);
}
