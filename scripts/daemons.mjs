// Servers that the tests run as separate processes. If the machine does not have one, its Debian
// package is unpacked into the project and not installed: that would start a service.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./lib.mjs";
import { aptPackages, findTool } from "./tools.mjs";

const unpackedFolder = (name) => join(root, "build/daemons", name);

/** The file of a server and the environment that it needs, or undefined if it is missing. */
export function findDaemon(name) {
  const installed = findTool(name);
  if (installed !== undefined) return { file: installed, env: process.env };
  const unpacked = unpackedFolder(name);
  const file = ["usr/sbin", "usr/bin"].map((at) => join(unpacked, at, name)).find(existsSync);
  if (file === undefined) return undefined;
  const folders = ["usr/lib", "lib"].flatMap((at) => subfolders(join(unpacked, at)));
  const LD_LIBRARY_PATH = [...folders, process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return { file, env: { ...process.env, LD_LIBRARY_PATH } };
}

function subfolders(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => join(folder, name));
}

/**
 * Unpacks the packages of a server, with their dependencies that are not installed. Needs no rights,
 * but an up-to-date list of packages. Returns the reason if it fails.
 */
export function unpackDaemon(name) {
  const packages = aptPackages([name]);
  const options = ["--yes", "--no-install-recommends"];
  const plan = command("apt-get", ["install", "--simulate", ...options, ...packages]);
  if (plan.error) return plan.error;
  const missing = Array.from(plan.output.matchAll(/^Inst (\S+)/gm), ([, dependency]) => dependency);
  const unpacked = unpackedFolder(name);
  // Renamed once it is complete.
  const fresh = `${unpacked}.new`;
  const cwd = join(fresh, "packages");
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(cwd, { recursive: true });
  // The server's own even if they are installed: one may have only a link into another.
  const download = command("apt-get", ["download", ...new Set([...packages, ...missing])], { cwd });
  if (download.error) return download.error;
  for (const file of readdirSync(cwd)) {
    const { error } = command("dpkg-deb", ["--extract", file, fresh], { cwd });
    if (error) return error;
  }
  rmSync(cwd, { recursive: true });
  rmSync(unpacked, { recursive: true, force: true });
  renameSync(fresh, unpacked);
  return undefined;
}

function command(file, args, options = {}) {
  const env = { ...process.env, LC_ALL: "C" };
  const result = spawnSync(file, args, { encoding: "utf8", env, timeout: 120_000, ...options });
  if (result.status === 0) return { output: result.stdout };
  return { error: result.error?.message ?? `${file}: ${result.stderr.trim().split("\n").at(-1)}` };
}
