// Part of npm's prepack: makes the files of the package readable by everybody. npm packs them with the
// modes that they have, and under a umask of 077 git and the build make files that only their owner
// can read.
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib.mjs";

function makeReadable(path) {
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path)) makeReadable(join(path, name));
  } else {
    chmodSync(path, 0o644);
  }
}

const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
for (const name of [...files, "package.json", "README.md", "LICENSE"]) {
  makeReadable(join(root, name));
}
