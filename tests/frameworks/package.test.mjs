// The hooks in the tarball: their types with those of the frameworks, their imports and sizes.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { consumerFolder } from "../support/package.mjs";
import { here, packages } from "./page.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const project = join(root, "build/frameworks/types");
const compiler = join(root, "node_modules/typescript/bin/tsc");

rmSync(project, { recursive: true, force: true });
mkdirSync(join(project, "node_modules"), { recursive: true });
cpSync(join(here, "types"), project, { recursive: true });
const installed = join(project, "node_modules");
// A copy: through a link the package would resolve Vue elsewhere.
cpSync(join(consumerFolder, "node_modules/steadysocket"), join(installed, "steadysocket"), {
  recursive: true,
});
for (const name of ["vue", "svelte"]) symlinkSync(join(packages, name), join(installed, name));
writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');

for (const [module, moduleResolution] of [
  ["NodeNext", "NodeNext"],
  ["ESNext", "Bundler"],
]) {
  test(`the hooks infer types from the socket, with ${moduleResolution} resolution`, () => {
    const compilerOptions = {
      target: "ES2022",
      lib: ["ES2022", "DOM", "DOM.Iterable"],
      types: [],
      module,
      moduleResolution,
      strict: true,
      exactOptionalPropertyTypes: true,
      // False also for the frameworks' own types.
      skipLibCheck: false,
      noEmit: true,
    };
    const config = { compilerOptions, include: ["*.ts"] };
    writeFileSync(join(project, "tsconfig.json"), JSON.stringify(config));
    const args = [compiler, "-p", project];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  });
}

for (const name of ["react", "vue", "svelte"]) {
  test(`steadysocket/${name} imports the framework and the package, and is at most 1.2 KB`, (t) => {
    const file = join(consumerFolder, "node_modules/steadysocket/dist", `${name}.js`);
    const script = readFileSync(file, "utf8");
    const imports = [...script.matchAll(/\bfrom ?"([^"]+)"/g)].map(([, module]) => module);
    assert.deepEqual(imports.toSorted(), [name, "steadysocket"].toSorted());
    const size = gzipSync(script, { level: 9 }).length;
    t.diagnostic(`${size} bytes`);
    assert.ok(size <= 1_200, `${size} bytes`);
  });
}

test("when a subscriber throws, the other subscribers in the same frame are still called", () => {
  const script = `
    import { latest } from "steadysocket/svelte";
    process.on("uncaughtException", (error) => console.log(error.message));
    const handlers = {};
    const socket = { on: (type, handler) => ((handlers[type] = handler), () => {}) };
    latest(socket, "one").subscribe((value) => {
      if (value !== undefined) throw new Error(value);
    });
    let notify;
    latest(socket, "other").subscribe((value) => {
      console.log(value);
      notify?.();
    });
    for (const turn of ["first", "second"]) {
      const next = new Promise((resolve) => (notify = resolve));
      for (const type of ["one", "other"]) handlers[type](turn);
      await next;
    }
  `;
  const args = ["--input-type=module", "--eval", script];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: project, encoding: "utf8" });
  assert.deepEqual(
    stdout.trim().split("\n").sort(),
    ["first", "first", "second", "second", "undefined"],
    stderr,
  );
});
