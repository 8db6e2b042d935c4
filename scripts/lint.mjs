// Lint and format checks; with --write, formats.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root, run } from "./lib.mjs";
import { setup } from "./setup.mjs";

// The demo is checked against the types of its packages.
await setup("lint", "demo");
const write = process.argv.includes("--write");
const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "*.cpp", "*.hpp"], {
  cwd: root,
  encoding: "utf8",
});
const cppFiles = listed.stdout.split("\n").filter(Boolean);
run("clang-format", [...(write ? ["-i"] : ["--dry-run", "--Werror"]), ...cppFiles]);
const biome = join(root, "node_modules/.bin/biome");
run(biome, ["check", "--error-on-warnings", ...(write ? ["--write"] : [])]);
const tsc = join(root, "node_modules/.bin/tsc");
run(tsc, ["-p", "tsconfig.json", "--noEmit", "--emitDeclarationOnly", "false"]);
run(tsc, ["-p", "tsconfig.scripts.json"]);
