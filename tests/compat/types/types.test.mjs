// The types in the tarball, compiled without skipLibCheck by the oldest supported TypeScript and by
// the newest.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { consumerFolder } from "../../support/package.mjs";

const here = fileURLToPath(new URL("./", import.meta.url));
const root = fileURLToPath(new URL("../../../", import.meta.url));
const project = join(root, "build/compat/types");
const compilers = {
  newest: join(root, "node_modules/typescript"),
  5.2: join(here, "../node_modules/typescript-5.2"),
};

rmSync(project, { recursive: true, force: true });
mkdirSync(join(project, "node_modules"), { recursive: true });
const files = ["attach.ts", "core.ts", "interface.ts", "messages.ts", "server.ts", "testing.ts"];
for (const file of files) cpSync(join(here, file), join(project, file));
/** Imports that replace the platform's WebSocket. Without one, idioms.ts itself is checked. */
const swaps = {
  platform: "export {};",
  named: 'import { SteadySocket as WebSocket } from "steadysocket";',
  default: 'import WebSocket from "steadysocket";',
  external: 'import { SteadySocket as WebSocket } from "steadysocket/external";',
  core: 'import WebSocket from "steadysocket/core";',
};
const idioms = readFileSync(join(here, "idioms.ts"), "utf8");
for (const [name, head] of Object.entries(swaps)) {
  const file = `idioms-${name}.ts`;
  writeFileSync(join(project, file), `${head}\n${idioms}`);
  files.push(file);
}
for (const name of ["zod", "valibot"]) {
  symlinkSync(join(here, "../node_modules", name), join(project, "node_modules", name));
}
symlinkSync(
  join(consumerFolder, "node_modules/steadysocket"),
  join(project, "node_modules/steadysocket"),
);
writeFileSync(join(project, "package.json"), '{ "private": true, "type": "module" }\n');

const options = {
  target: "ES2022",
  lib: ["ES2022", "DOM", "DOM.Iterable"],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  skipLibCheck: false,
  noEmit: true,
};

for (const [version, compiler] of Object.entries(compilers)) {
  for (const [module, moduleResolution] of [
    ["NodeNext", "NodeNext"],
    ["ESNext", "Bundler"],
  ]) {
    const setup = `TypeScript ${version} with ${moduleResolution} resolution`;
    test(`the types compile, and so does code with a swapped import: ${setup}`, () => {
      writeFileSync(
        join(project, "tsconfig.json"),
        JSON.stringify({
          compilerOptions: { ...options, module, moduleResolution },
          // The types of the schemas' libraries need a newer TypeScript.
          files: version === "5.2" ? files.filter((file) => file !== "messages.ts") : files,
        }),
      );
      const run = [join(compiler, "bin/tsc"), "-p", project];
      const { stdout, status } = spawnSync(process.execPath, run, { encoding: "utf8" });
      assert.equal(stdout, "");
      assert.equal(status, 0);
    });
  }
}

/** An editor's completions at the mark ¦ in a file of the project. */
function completionsAt(source) {
  // The newest compiler has no language service API.
  const ts = createRequire(import.meta.url)(join(compilers["5.2"], "lib/typescript.js"));
  const name = join(project, "editor.ts");
  const at = source.indexOf("¦");
  const text = source.replace("¦", "");
  const { NodeNext } = ts.ModuleKind;
  const service = ts.createLanguageService({
    getCompilationSettings: () => ({ strict: true, module: NodeNext, moduleResolution: 99 }),
    getScriptFileNames: () => [name],
    getScriptVersion: () => "1",
    getScriptSnapshot: (file) =>
      file === name
        ? ts.ScriptSnapshot.fromString(text)
        : ts.sys.fileExists(file)
          ? ts.ScriptSnapshot.fromString(ts.sys.readFile(file))
          : undefined,
    getCurrentDirectory: () => project,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    readDirectory: ts.sys.readDirectory,
    directoryExists: ts.sys.directoryExists,
    getDirectories: ts.sys.getDirectories,
  });
  return { entries: service.getCompletionsAtPosition(name, at, {}).entries, service, name, at };
}

test("an editor marks other libraries' options as deprecated, and names their replacements", () => {
  const { entries, service, name, at } = completionsAt(
    'import { SteadySocket } from "steadysocket";\nnew SteadySocket("ws://a", [], { ¦ });\n',
  );
  const isDeprecated = ({ kindModifiers = "" }) => kindModifiers.split(",").includes("deprecated");
  const deprecated = entries.filter(isDeprecated).map((entry) => entry.name);
  assert.deepEqual(deprecated.toSorted(), [
    "connectionTimeout",
    "maxEnqueuedMessages",
    "maxReconnectionDelay",
    "maxRetries",
    "minReconnectionDelay",
    "minUptime",
    "reconnectionDelayGrowFactor",
    "shouldReconnectOnClose",
  ]);
  const ours = entries.filter((entry) => !isDeprecated(entry)).map((entry) => entry.name);
  assert.ok(ours.includes("reconnect") && ours.includes("debug"), ours.join());
  const details = (entry) => service.getCompletionEntryDetails(name, at, entry, {}, undefined, {});
  for (const entry of deprecated) {
    const [tag] = details(entry).tags.filter((one) => one.name === "deprecated");
    assert.match(tag.text.map((part) => part.text).join(""), /^Use `[\w.]+`, of which this is /);
  }
});

test("an editor completes the codes of errors and the reasons of drops", () => {
  const names = (body) =>
    completionsAt(`import { SteadySocket, SteadySocketError } from "steadysocket";
const socket = new SteadySocket("ws://a");
socket.addEventListener("error", ({ code }) => ${body.error ?? "code"});
socket.addEventListener("drop", ({ reason }) => ${body.drop ?? "reason"});
export const of = (error: SteadySocketError) => ${body.promise ?? "error"};
`).entries.map(({ name }) => name);
  const inError = names({ error: 'code === "¦"' });
  assert.ok(inError.includes("gave_up") && inError.includes("invalid_message"), inError.join());
  assert.ok(!inError.includes("queue_full") && !inError.includes("none"), inError.join());
  const inDrop = names({ drop: 'reason === "¦"' });
  assert.ok(inDrop.includes("queue_full") && !inDrop.includes("unanswered"), inDrop.join());
  const inPromise = names({ promise: 'error.code === "¦"' });
  assert.ok(inPromise.includes("timeout") && inPromise.includes("queue_full"), inPromise.join());
});
