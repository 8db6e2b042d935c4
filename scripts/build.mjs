// Builds dist/: the wasm module with CMake and Emscripten, one ES module around it, and its types.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { newest, root, run, runQuietly, step } from "./lib.mjs";

const stamp = join(root, "dist/.built");
const sources = [
  "CMakeLists.txt",
  "CMakePresets.json",
  "bindings",
  "cmake",
  "package.json",
  "scripts/build.mjs",
  "sdk",
  "tsconfig.json",
];

export async function build() {
  const sourceTime = newest(sources);
  if (existsSync(stamp) && Number(readFileSync(stamp, "utf8")) === sourceTime) return;

  if (!existsSync(join(root, "build/web/build.ninja"))) {
    await runQuietly("preparing the WebAssembly build", "cmake", ["--preset", "web"]);
  }
  const target = ["--target", "steadysocket_bindings"];
  await runQuietly("compiling to WebAssembly", "cmake", ["--build", "--preset", "web", ...target]);
  rmSync(join(root, "dist"), { recursive: true, force: true });
  await bundle();
  run(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.json"]);
  writeFileSync(stamp, String(sourceTime));
  step("built dist/");
}

async function bundle() {
  const esbuild = await import("esbuild");
  mkdirSync(join(root, "dist"), { recursive: true });
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: ["bindings/src/index.ts"],
    outfile: "dist/steadysocket.js",
    bundle: true,
    format: "esm",
    target: "es2022",
    minify: true,
    // The wasm is text beyond ASCII, and an ES module is always UTF-8 (HTML standard).
    charset: "utf8",
    legalComments: "none",
    plugins: [emscriptenOutput(esbuild)],
  });
}

/** Resolves what bindings/src/glue.d.ts declares. */
function emscriptenOutput(esbuild) {
  const folder = join(root, "build/web/bindings");
  return {
    name: "emscripten-output",
    setup(build) {
      build.onResolve({ filter: /^steadysocket:/ }, ({ path }) => ({ path, namespace: "built" }));
      build.onLoad({ filter: /:glue$/, namespace: "built" }, async () => {
        // Newer glue asks for the global class; ours stands in front of it (bindings/pre.js).
        const { code } = await esbuild.transform(
          readFileSync(join(folder, "steadysocket.mjs"), "utf8"),
          {
            define: {
              "globalThis.WebSocket": "WebSocket",
              // It would look for a .wasm beside itself, and so would every bundler.
              "import.meta.url": '"file:///"',
            },
          },
        );
        return { contents: code, loader: "js" };
      });
      build.onLoad({ filter: /:wasm$/, namespace: "built" }, () => ({
        contents: `export default ${JSON.stringify(toText(readFileSync(join(folder, "steadysocket.wasm"))))}`,
        loader: "js",
      }));
    },
  };
}

/**
 * A byte a character, moved up by 40 to leave out control characters and quotes. Compresses to 1.04
 * times the gzip of the bytes; base64 to 1.3 times. bindings/src/core.ts undoes it.
 */
function toText(bytes) {
  return Array.from(bytes, (byte) => String.fromCharCode(byte + 40)).join("");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
