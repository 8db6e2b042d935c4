// The machine and the versions of a run.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { root } from "../scripts/lib.mjs";
import { chromiumFile } from "../scripts/tools.mjs";

const json = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

/** The first version number in the output of `--version`. */
function versionOf(command) {
  const stdio = /** @type {const} */ (["ignore", "pipe", "ignore"]);
  const text = execFileSync(command, ["--version"], { encoding: "utf8", stdio });
  return /\d+(\.\d+)+/.exec(text)[0];
}

export function machine() {
  const gigabytes = Math.round(totalmem() / 2 ** 30);
  return `${cpus()[0].model}, ${cpus().length} cores, ${gigabytes} GB`;
}

export function versions() {
  return {
    steadysocket: json("package.json").version,
    Node: process.versions.node,
    Chromium: versionOf(chromiumFile()),
    Emscripten: versionOf("emcc"),
    ...json("bench/package.json").dependencies,
  };
}
