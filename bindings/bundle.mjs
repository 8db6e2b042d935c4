// Bundles Emscripten's output of bindings/ and the TypeScript of bindings/src: ES modules that contain
// the wasm, that contain its translation to JavaScript, that import the wasm as a module, one that
// fetches it, one that attaches to a C++ program's module, and those without a socket of their own:
// for servers, for tests, and for UI frameworks. And most of them as CommonJS.

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parse } from "acorn";
import * as esbuild from "esbuild";
import { minify } from "terser";
import { asCommonJs } from "./common-js.mjs";
import { edited } from "./edits.mjs";
import { kernelAsJavaScript } from "./js-kernel.mjs";
import { shortPrivateNames } from "./private-names.mjs";
import { pureMarks } from "./pure.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const source = (name) => join(here, "src", name);

/** The entries with a socket and a kernel, and the name of their scripts. */
const entries = { "index.ts": "steadysocket.js", "entry-core.ts": "core.js" };

/**
 * Writes the scripts and the wasm file of dist/.
 * @param {string} compiled - The folder with Emscripten's steadysocket.wasm and steadysocket.mjs.
 * @param {string} output
 */
export async function bundle(compiled, output) {
  const wasm = readFileSync(join(compiled, "steadysocket.wasm"));
  const code = readFileSync(join(compiled, "steadysocket.mjs"), "utf8");
  const port = { path: source("kernel-port.ts") };
  const glue = { code, define: glueConstants };
  const inJavaScript = { code: kernelAsJavaScript(wasm) };
  for (const [entry, file] of Object.entries(entries)) {
    const inlined = { port, glue, kernel: { path: source("inline.ts") } };
    const script = await bundled(entry, inlined, innerProperties);
    writeBoth(output, file, script, appendBytes(inWords(wasm), script.code));

    const translated = { port, glue, kernel: { path: source("js-kernel.ts") }, js: inJavaScript };
    writeBoth(output, `js/${file}`, await bundled(entry, translated, innerProperties, replaced));

    // Workers have no CommonJS.
    const imported = { port, glue, kernel: { path: source("wasm-module.ts") } };
    write(output, `workerd/${file}`, (await bundled(entry, imported, innerProperties)).code);
  }

  const id = createHash("sha256").update(wasm).update(code).digest("hex").slice(0, 16);
  const externalParts = {
    port,
    glue,
    kernel: { path: source("wasm-file.ts") },
    build: { code: `export default "${id}";` },
  };
  writeBoth(output, "external.js", await bundled("external.ts", externalParts, innerProperties));
  writeFileSync(join(output, "steadysocket.wasm"), withSection(wasm, "steadysocket", id));

  // The glue is in the program's module: properties shared with it are not renamed.
  const attachParts = {
    port: { path: source("attached-port.ts") },
    version: { code: `export default "${bindingsVersion()}";` },
  };
  writeBoth(output, "attach.js", await bundled("attach.ts", attachParts, facadeProperties));

  await bundleServer(output);
  await bundleTesting(output);
  await bundleHooks(output);
  write(output, "cjs/package.json", '{ "type": "commonjs" }');
}

/**
 * Writes the entries for UI frameworks. They import the default entry by the package's name, so that
 * an app that replaces it, or resolves it otherwise, has one class.
 */
async function bundleHooks(output) {
  const parts = { package: { path: "steadysocket", external: true } };
  const hooks = (name) => bundled(`hooks/${name}.ts`, parts, hookProperties);
  for (const name of ["react", "vue"]) writeBoth(output, `${name}.js`, await hooks(name));
  // Svelte itself has no CommonJS.
  write(output, "svelte.js", (await hooks("svelte")).code);
}

/** Writes `steadysocket/server`. No property is renamed: its objects are the users' too. */
export async function bundleServer(output) {
  writeBoth(output, "server.js", await bundled("server/index.ts", {}, /(?!)/));
}

/** Writes `steadysocket/testing`. No property is renamed: its objects are the users' too. */
export async function bundleTesting(output) {
  writeBoth(output, "testing.js", await bundled("testing/index.ts", {}, /(?!)/));
}

/** Gives the CommonJS scripts their types: those of the ES modules, read as CommonJS. */
export function copyTypes(output) {
  cpSync(join(output, "types"), join(output, "cjs/types"), { recursive: true });
}

/** Writes a script as an ES module and as CommonJS. `finish`: completes the text of either. */
function writeBoth(output, file, script, finish = (text) => text) {
  write(output, file, finish(script.code));
  write(output, `cjs/${file}`, finish(asCommonJs(script)));
}

function write(output, file, text) {
  const path = join(output, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${text.trimEnd()}\n`);
}

/** Returns the version that a program's bindings report. */
function bindingsVersion() {
  const file = "../sdk/include/steady/version.hpp";
  const header = readFileSync(join(here, file), "utf8");
  const version = /^#define STEADYSOCKET_VERSION "(.+)"$/m.exec(header)?.[1];
  if (version === undefined) throw new Error(`bindings/${file} has no version`);
  return version;
}

/**
 * Returns an entry of the package, bundled and minified: its code, and the tree of it.
 * @param {string} entry
 * @param {Record<string, object>} parts - The modules that src/glue.d.ts declares.
 * @param {RegExp} renamed - Matches properties to shorten.
 * @param {esbuild.BuildOptions} options
 */
async function bundled(entry, parts, renamed, options = {}) {
  const built = await esbuild.build({
    entryPoints: [source(entry)],
    write: false,
    bundle: true,
    packages: "external",
    format: "esm",
    target: "es2022",
    // The same as in tsconfig.json, which esbuild does not read for the files of `builtParts`.
    tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
    // Biome wants the long name.
    define: { "Number.POSITIVE_INFINITY": "Infinity" },
    legalComments: "none",
    plugins: [builtParts(parts)],
    external: ["*/steadysocket.wasm"],
    ...options,
  });
  // Minified by terser, since esbuild keeps unreachable code of Emscripten's glue.
  // esbuild adds an underscore to the name that a class has in its own body.
  const text = built.outputFiles[0].text.replaceAll(/\b_(?=[A-Z]\w+Event\b)/g, "");
  const { code } = await minify(text, {
    module: true,
    ecma: 2022,
    compress: {
      passes: 3,
      pure_getters: true,
      unsafe_methods: true,
      // No function without `this` is used as a constructor.
      unsafe_arrows: true,
      // A call of a function compresses better than a copy that binds its arguments.
      inline: 1,
      // The glue constructs views that are never used.
      pure_new: true,
      keep_fargs: false,
    },
    // Consoles of browsers show them.
    keep_classnames: /^[A-Z]\w+Event$/,
    // `builtins`: also renames properties that share a name with a built-in.
    mangle: { properties: { regex: renamed, builtins: true } },
    format: { comments: false, ascii_only: true },
  });
  const tree = treeOf(code);
  const finished = edited(code, [...shortPrivateNames(tree), ...pureMarks(tree)]);
  return { code: finished, tree: treeOf(finished) };
}

const treeOf = (code) => parse(code, { ecmaVersion: "latest", sourceType: "module" });

/** Options for scripts that run in React Native. */
const replaced = {
  inject: [source("replacements.ts")],
  // Hermes does not parse static blocks, and React Native's Babel does not translate them.
  supported: { "class-static-blocks": false },
};

/** Returns a pattern that matches any of these names. */
const matching = (...names) => new RegExp(`^(${names.join("|")})$`);

/**
 * Properties that only bindings/src uses, to shorten. A missing name only costs size. Must not
 * contain the name of a public member, an option or a bound function.
 */
const facadeNames = [
  "endpoint|port|web|giveUp|sender|events|unsubscribe|dispatch|measured|heartbeatAnswered",
  "watchers|changed|detach|rules|uses|handler|active|kind|settle|use",
  "reading|control|keepMeasured|resumeHold|letGo|listening|report|watchLifetime|event",
  "inputAnytime|reportSent|enterWith|host|module|carryOut|timerDue|drain|handles|addKey|joinFrame",
  "grant|isOver|isInCall|keepCopies|isReceiving|hold|isPending|negotiated|dispatched|forgotten|startsClosed|startsSuspended|restingState",
  "webSocketClass|details|subprotocols|numbers|texts|provide|provided|sendGreeting|greeted|failed|connecting",
  "silence|useProvided|settleDrained|takeEnding|takeOpening|whenClosed|providedUrl",
  "remember|handlers|receiver|routes|sender|waiters|listen|setHandler|hasMessageListener",
  "hasPending|sentTooLate|sendWith|isEmpty|validatorOf|nameOf|sole|below|replies|connection",
  "forget|begin|isMalformed|core",
  "useSession|leaveSession|sendFrame|sendControl|sayHello|outgoing|receiptDue|inputUnreported",
  "expected|unreported|reported|acknowledged|handled|hello|settleDelivered",
  "connectSoon|resumeResting|wake|execute|dialError|given",
];
const facadeProperties = matching(...facadeNames);

/**
 * `facadeNames`, members of Emscripten's Module that are not passed in, and properties shared
 * between bindings/src and steady_web.js.
 */
const innerProperties = matching(
  ...facadeNames,
  "_malloc|_free|___.+|_steady_.+|HEAP.+|asm|calledRun|wasmBinary|compiledModule|instanceClass|instantiateNow|preloaded(Images|Audios)",
  "SteadyWeb|useWebSocket|(un)?observe|observers?|postTask|socket|answered|credit|sent|tasks|connections?|nextKey|lastKey|inbound|leaveText|left",
  "watches|isWatching|(steady|wall)Time|slept",
  "sockets|socketEvent|prepared?|enter|leave|abandoned|receive|batched|seeksReply|heard|lingering",
  "thrown|failure|amount|wasCut|wasOpen|watchSilence|pointer|numbers|channel",
  "encoder|(from|to)Utf8|peek(Number|Text)?|subprotocols",
);

/** Properties that only bindings/src/hooks uses. */
const hookProperties = matching("retain|isOver|given|socket");

/** Replacements for expressions in Emscripten's glue. */
const glueConstants = {
  // Newer glue reads the global class, bypassing the variable of pre.js.
  "globalThis.WebSocket": "WebSocket",
  // The glue, and every bundler, would look for a .wasm file next to it.
  "import.meta.url": '"file:///"',
  // Newer glue makes a URL of it, which not every platform can.
  URL: "Object",
  // The wasm is compiled before the glue starts.
  "WebAssembly.Module": "Module.compiledModule",
  // Keeps the error.
  "WebAssembly.Instance": "Module.instanceClass",
  // Thrown by newer glue. There may be no WebAssembly.
  "WebAssembly.RuntimeError": "Error",
  // See start.js.
  "WebAssembly.instantiate": "Module.instantiateNow",
  // The glue detects its environment only to find the .wasm file, which is passed in.
  ...Object.fromEntries(
    ["window", "document", "importScripts", "WorkerGlobalScope", "process"].flatMap((name) => [
      [name, "undefined"],
      [`globalThis.${name}`, "undefined"],
    ]),
  ),
};

/** Returns an esbuild plugin that resolves the modules of src/glue.d.ts to files or code. */
function builtParts(parts) {
  return {
    name: "built-parts",
    setup(build) {
      build.onResolve({ filter: /^steadysocket:/ }, ({ path }) => {
        const part = parts[path.split(":")[1]];
        const { path: file, external } = part;
        return file ? { path: file, external } : { path, namespace: "built", pluginData: part };
      });
      build.onLoad({ filter: /./, namespace: "built" }, async ({ pluginData }) => {
        const { code } = await esbuild.transform(pluginData.code, { define: pluginData.define });
        return { contents: code, loader: "js" };
      });
    },
  };
}

/** Appends a custom section to a module (WebAssembly core specification, 5.5.3). */
function withSection(wasm, name, text) {
  const payload = Buffer.from(`${String.fromCharCode(name.length)}${name}${text}`);
  if (payload.length > 127)
    throw new Error(`section must be at most 127 bytes, got ${payload.length}`);
  return Buffer.concat([wasm, Buffer.of(0, payload.length), payload]);
}

/** Extends a module to a multiple of 4 bytes by an unnamed custom section. */
function inWords(wasm) {
  const header = 3;
  return withSection(wasm, "", " ".repeat(3 - ((wasm.length + header - 1) % 4)));
}

/**
 * Returns a function that appends the wasm to a script as a string literal: see src/glue.d.ts. It is
 * a non-ASCII string; an ES module is always UTF-8 (HTML standard), and so is CommonJS in Node. It is
 * on a separate line, since Node prints the line of an uncaught error; it is in one literal, and
 * after the code, which compresses better. Bytes are XORed with the mask that compresses best behind
 * `code`: it maps frequent bytes to characters that are one byte in UTF-8, need no escape, and are
 * frequent in scripts. Saves 1 to 3 %.
 */
function appendBytes(bytes, code) {
  const appendMasked = (mask) => {
    const literal = toLiteral(bytes.map((byte) => byte ^ mask));
    const word = mask * 0x01010101;
    const constants = `steadysocketSize=${bytes.length},steadysocketMask=${word},steadysocketWasm=${literal}`;
    return (text) => `${text.trimEnd()}\nconst ${constants};\n`;
  };
  const all = Array.from({ length: 256 }, (_, mask) => {
    const append = appendMasked(mask);
    return { append, size: gzipSync(append(code), { level: 9 }).length };
  });
  return all.reduce((best, one) => (one.size < best.size ? one : best)).append;
}

/**
 * Returns a JavaScript string literal with one character per byte. Control characters are included;
 * only characters that a literal must not contain are escaped (ECMA-262 12.9.4). Base64 compresses
 * to 1.3 times the gzip size of the bytes.
 */
function toLiteral(bytes) {
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const escapes = { "\0": "\\x00", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\" };
  const literal = text.replaceAll(/[\0\n\r"\\]/g, (character, at) => {
    // The shortest escape, but before a digit it would be another one.
    if (character === "\0" && !/\d/.test(text.charAt(at + 1))) return "\\0";
    return escapes[character];
  });
  return `"${literal}"`;
}
