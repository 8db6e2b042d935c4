// Part of npm's prepack: makes the files of the package readable by all users. npm packs their
// modes that they have, and under a umask of 077 git and the build make files that only their owner
// can read.
import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageFiles, root } from "./lib.mjs";

function makeReadable(path) {
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path)) makeReadable(join(path, name));
  } else {
    chmodSync(path, 0o644);
  }
}

for (const name of packageFiles()) makeReadable(join(root, name));
