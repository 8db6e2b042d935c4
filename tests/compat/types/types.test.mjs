// The package's types, as TypeScript reads them from the tarball, without skipLibCheck.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { consumerFolder } from "../../support/package.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const project = join(root, "build/compat/types");
const compiler = join(root, "node_modules/typescript/bin/tsc");

rmSync(project, { recursive: true, force: true });
mkdirSync(join(project, "node_modules"), { recursive: true });
for (const file of ["attach.ts", "core.ts", "interface.ts", "messages.ts", "server.ts"])
  cpSync(join(here, file), join(project, file));
for (const name of ["zod", "valibot"]) {
  symlinkSync(join(here, "../node_modules", name), join(project, "node_modules", name));
}
symlinkSync(
  join(consumerFolder, "node_modules/steadysocket"),
  join(project, "node_modules/steadysocket"),
);
writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');

for (const [module, moduleResolution] of [
  ["NodeNext", "NodeNext"],
  ["ESNext", "Bundler"],
]) {
  test(`the types hold what they say, with ${moduleResolution} resolution`, () => {
    const compilerOptions = {
      target: "ES2022",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      types: [],
      module,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    writeFileSync(
      join(project, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["*.ts"] }),
    );
    const { stdout, status } = spawnSync(process.execPath, [compiler, "-p", project], {
      encoding: "utf8",
    });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  });
}
