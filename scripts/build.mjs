// Builds dist/: the wasm module with CMake and Emscripten, an ES module with it inside, another one
// beside it, one for the modules of C++ programs, and their types.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newest, root, run, runQuietly, step } from "./lib.mjs";

const stamp = join(root, "build/dist-built");
const output = join(root, "build/web/bindings");
const sources = [
  "CMakeLists.txt",
  "CMakePresets.json",
  "bindings",
  "cmake",
  "package.json",
  "scripts/build.mjs",
  "scripts/pure.mjs",
  "sdk",
  "tsconfig.json",
];

export async function build() {
  const sourceTime = newest(sources);
  const isBuilt = existsSync(stamp) && existsSync(join(root, "dist/steadysocket.js"));
  if (isBuilt && Number(readFileSync(stamp, "utf8")) === sourceTime) return;

  await configureWeb();
  const target = ["--target", "steadysocket_bindings"];
  await runQuietly("compiling to WebAssembly", "cmake", ["--build", "--preset", "web", ...target]);
  rmSync(join(root, "dist"), { recursive: true, force: true });
  await bundle();
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
  writeFileSync(stamp, String(sourceTime));
  step("built dist/");
}

/** Prepares the folder of a web preset in build/, anew if it was made for another folder. */
export async function configureWeb(preset = "web") {
  const folder = join(root, "build", preset);
  const cache = join(folder, "CMakeCache.txt");
  if (existsSync(join(folder, "build.ninja")) && existsSync(cache)) {
    if (readFileSync(cache, "utf8").includes(`CMAKE_HOME_DIRECTORY:INTERNAL=${root}\n`)) return;
    rmSync(folder, { recursive: true });
  }
  await runQuietly("preparing the WebAssembly build", "cmake", ["--preset", preset]);
}

async function bundle() {
  mkdirSync(join(root, "dist"), { recursive: true });
  const wasm = readFileSync(join(output, "steadysocket.wasm"));
  const glue = readFileSync(join(output, "steadysocket.mjs"), "utf8");
  // The wasm is text beyond ASCII, and an ES module is always UTF-8 (HTML standard). It is on a line
  // of its own: where an error is not caught, Node prints the line that it comes from. And it is in
  // one piece with nothing around it, which compresses better.
  const core = { path: join(root, "bindings/src/own-core.ts") };
  const inlinedParts = {
    core,
    glue: { code: glue, define: glueConstants },
    wasm: { path: join(root, "bindings/src/inline.ts") },
    bytes: {
      code: `export default steadysocketWasm; export const byteLength = ${wasm.length};`,
    },
  };
  const inlined = await script("index.ts", inlinedParts, innerProperties);
  const text = `const steadysocketWasm=${toLiteral(wasm)};\n${inlined}\n`;
  writeFileSync(join(root, "dist/steadysocket.js"), text);

  const id = createHash("sha256").update(wasm).update(glue).digest("hex").slice(0, 16);
  const externalParts = {
    core,
    // The file is compiled before the glue starts.
    glue: {
      code: glue,
      define: { ...glueConstants, "WebAssembly.Module": "Module.compiledModule" },
    },
    wasm: { path: join(root, "bindings/src/wasm-file.ts") },
    build: { code: `export default "${id}";` },
  };
  const external = await script("external.ts", externalParts, innerProperties);
  writeFileSync(join(root, "dist/external.js"), `${external}\n`);
  writeFileSync(join(root, "dist/steadysocket.wasm"), withSection(wasm, "steadysocket", id));

  // Its glue is in somebody else's module: no name of it may change.
  const attach = await script("attach.ts", {
    core: { path: join(root, "bindings/src/attach-core.ts") },
    version: { code: `export default "${bindingsVersion()}";` },
  });
  writeFileSync(join(root, "dist/attach.js"), `${attach}\n`);
}

/** What a program's bindings say of themselves. */
function bindingsVersion() {
  const header = readFileSync(join(root, "bindings/version.hpp"), "utf8");
  const version = /version = "(.+)"/.exec(header)?.[1];
  if (version === undefined) throw new Error("bindings/version.hpp has no version");
  return version;
}

/**
 * An entry of the package, minified. `parts`: what bindings/src/glue.d.ts declares. `renamed`: names of
 * properties that get short ones, if any do.
 */
async function script(entry, parts, renamed) {
  const esbuild = await import("esbuild");
  const { minify } = await import("terser");
  const { markPure } = await import("./pure.mjs");
  const built = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [`bindings/src/${entry}`],
    write: false,
    bundle: true,
    format: "esm",
    target: "es2022",
    legalComments: "none",
    plugins: [builtParts(esbuild, parts)],
  });
  // terser, since esbuild leaves in what Emscripten's glue never comes to.
  const { code } = await minify(built.outputFiles[0].text, {
    module: true,
    ecma: 2022,
    compress: {
      passes: 3,
      pure_getters: true,
      unsafe_methods: true,
      // The glue makes views that nobody uses.
      pure_new: true,
      keep_fargs: false,
    },
    mangle: { properties: renamed !== undefined && { regex: renamed } },
    format: { comments: false },
  });
  return markPure(code);
}

/**
 * Properties that nothing outside of the bundle knows: those of Emscripten's Module that we do not
 * ask for, and ours between bindings/src and steady_web.js. They get short names; one that is
 * missing here only keeps its long one.
 */
const innerProperties = new RegExp(
  `^(${[
    "_malloc|_free|___.+|_steady_.+|HEAP.+|asm|calledRun|wasmBinary|compiledModule|instantiateNow|preloaded(Images|Audios)",
    "SteadyWeb|useWebSocket|observers|(un)?observe|(free)?[Pp]ayloads|keepPayload|postTask|tasks",
    "inbound|leaveText|timers|lastTimer|transports|lastKey|isShared|unsharedView",
    "sockets|socketEvent|prepared?|receive|batched|credit|heard|sendGranted|unasked|older",
    "lastView|channel|decoder|encoder|watches|lastWatch|(steady|wall)Time|slept|lingering|thrown|(from|to)Utf8|peek(Number|Text)?",
  ].join("|")})$`,
);

/** What terser may take for known in Emscripten's glue. */
const glueConstants = {
  // Newer glue asks for the global class; ours stands in front of it (bindings/pre.js).
  "globalThis.WebSocket": "WebSocket",
  // It would look for a .wasm beside itself, and so would every bundler.
  "import.meta.url": '"file:///"',
  // See bindings/start.js.
  "WebAssembly.instantiate": "Module.instantiateNow",
  // It looks for a page, a worker or a process only to find its .wasm, which it is given.
  ...Object.fromEntries(
    ["window", "document", "importScripts", "WorkerGlobalScope", "process"].flatMap((name) => [
      [name, "undefined"],
      [`globalThis.${name}`, "undefined"],
    ]),
  ),
};

/** Resolves what bindings/src/glue.d.ts declares: to a file, or to code. */
function builtParts(esbuild, parts) {
  return {
    name: "built-parts",
    setup(build) {
      build.onResolve({ filter: /^steadysocket:/ }, ({ path }) => {
        const part = parts[path.split(":")[1]];
        return part.path ? { path: part.path } : { path, namespace: "built", pluginData: part };
      });
      build.onLoad({ filter: /./, namespace: "built" }, async ({ pluginData }) => {
        const { code } = await esbuild.transform(pluginData.code, { define: pluginData.define });
        return { contents: code, loader: "js" };
      });
    },
  };
}

/** The module with a custom section at its end (WebAssembly core specification, 5.5.3). */
function withSection(wasm, name, text) {
  const payload = Buffer.from(`${String.fromCharCode(name.length)}${name}${text}`);
  if (payload.length > 127) throw new Error("a longer section needs a longer length");
  return Buffer.concat([wasm, Buffer.of(0, payload.length), payload]);
}

/**
 * A string of JavaScript with a character for each byte, control characters too: only what cannot
 * stand in a string is escaped (ECMA-262 12.9.4). Compresses to 1.03 times the gzip of the bytes;
 * base64 to 1.3 times.
 */
function toLiteral(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const escapes = { "\0": "\\x00", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\" };
  const literal = text.replaceAll(/[\0\n\r"\\]/g, (character, at) => {
    // Shorter, but another thing in front of a digit.
    if (character === "\0" && !/\d/.test(text.charAt(at + 1))) return "\\0";
    return escapes[character];
  });
  return `"${literal}"`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
