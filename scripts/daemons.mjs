// Servers of Debian packages that the tests run as processes of their own. They are unpacked into
// the project and not installed: installing one of them starts a service on the machine.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { root } from "./lib.mjs";

const unpacked = join(root, "build/daemons");
const systemFolders = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];

/** The file of a daemon and the environment that it needs, or undefined if it is not here. */
export function findDaemon(name) {
  // Not by the PATH: what is in /usr/sbin is not on an ordinary user's.
  const installed = systemFolders.map((folder) => join(folder, name)).find(existsSync);
  if (installed !== undefined) return { file: installed, env: process.env };
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
 * Unpacks Debian packages, with those that they depend on and that are not installed. Needs no
 * rights, but a list of packages that is up to date. Returns what went wrong, or undefined.
 */
export function unpackPackages(packages) {
  const options = ["--yes", "--no-install-recommends"];
  const plan = command("apt-get", ["install", "--simulate", ...options, ...packages]);
  if (plan.error) return plan.error;
  const missing = Array.from(plan.output.matchAll(/^Inst (\S+)/gm), ([, name]) => name);
  // Those that are installed, too: one may have only a link to what is in another.
  const names = [...new Set([...packages, ...missing])];
  // Under another name until it is complete.
  const fresh = `${unpacked}.new`;
  const cwd = join(fresh, "packages");
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(cwd, { recursive: true });
  const download = command("apt-get", ["download", ...names], { cwd });
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
