import buildId from "steadysocket:build";
import { cannotCompile, type Instantiate, instanceOf } from "./compiling.js";
import { builtinModule } from "./platform.js";

/** The wasm file: its URL, a response with it, its bytes, or the compiled module. */
export type WasmSource = URL | string | Response | BufferSource | WebAssembly.Module;

let compiled: WebAssembly.Module | undefined;
let loading: Promise<void> | undefined;

/**
 * Fetches and compiles the wasm file. Must be awaited before the first socket is created. Later
 * calls return the promise of the first one, regardless of their source, unless it was rejected.
 *
 * @param source - the wasm file; by default `steadysocket.wasm` next to this script.
 * @returns a promise. It is rejected with an Error if the file cannot be fetched or compiled, or
 * belongs to another version; `cause` is the underlying error.
 *
 * @example
 * await load();
 * const socket = new SteadySocket("wss://example.org/ws");
 */
export function load(source?: WasmSource | PromiseLike<WasmSource>): Promise<void> {
  if (loading === undefined) {
    loading = compile(source).then(
      (module) => {
        compiled = module;
      },
      (error: unknown) => {
        loading = undefined;
        throw error;
      },
    );
  } else {
    // The source is not used: suppresses its unhandled rejection.
    Promise.resolve(source).catch(() => {});
  }
  return loading;
}

/**
 * Returns the wasm that was loaded.
 *
 * @throws InvalidStateError if no file was loaded.
 */
export function takeKernel(): Instantiate {
  if (compiled !== undefined) return instanceOf(compiled);
  throw new DOMException(
    "SteadySocket: the wasm file is not loaded yet; await load() first",
    "InvalidStateError",
  );
}

async function compile(
  source: WasmSource | PromiseLike<WasmSource> | undefined,
): Promise<WebAssembly.Module> {
  let name = "the source of load()";
  let given: WasmSource;
  try {
    // Bundlers recognize this expression. Throws if a bundle does not know its own URL.
    given = (await source) ?? new URL("./steadysocket.wasm", import.meta.url);
  } catch (cause) {
    const problem = source ? `${name} was rejected` : "pass the URL of the wasm file to load()";
    throw new Error(`SteadySocket: ${problem}`, { cause });
  }
  if (typeof given === "string" || is<URL>(given, "URL")) {
    const address = String(given);
    name = address.slice(0, 200);
    given = await read(name, address);
  }
  if (is<Response>(given, "Response")) {
    if (!given.ok) throw new Error(`SteadySocket: ${name} has HTTP status ${given.status}`);
    // A server without the file may respond with a page.
    name += ` (${given.headers.get("Content-Type") ?? "no Content-Type"})`;
  }
  let module: WebAssembly.Module;
  try {
    module = await compileWasm(given);
  } catch (cause) {
    const obstacle = compileProblem();
    if (obstacle !== undefined) throw cannotCompile(obstacle);
    const isRead = cause instanceof WebAssembly.CompileError;
    const problem = isRead ? "is not WebAssembly" : "could not be read";
    throw new Error(`SteadySocket: ${name} ${problem}`, { cause });
  }
  // A copied or cached file may be of another version, even with matching export names.
  const [section] = WebAssembly.Module.customSections(module, "steadysocket");
  if (section === undefined || String.fromCharCode(...new Uint8Array(section)) !== buildId) {
    throw new Error(`SteadySocket: ${name} is not the wasm file of this version`);
  }
  return module;
}

/** Checks the class by its tag, which also works for objects of another realm. */
function is<Type extends WasmSource>(given: WasmSource, tag: string): given is Type {
  return Object.prototype.toString.call(given) === `[object ${tag}]`;
}

async function read(name: string, address: string): Promise<WasmSource> {
  try {
    // Node's fetch does not support file: URLs.
    const files = address.startsWith("file:") && builtinModule<NodeFiles>("fs/promises");
    return await (files ? files.readFile(new URL(address)) : fetch(address));
  } catch (cause) {
    throw new Error(`SteadySocket: ${name} could not be fetched`, { cause });
  }
}

interface NodeFiles {
  readFile(path: URL): Promise<Uint8Array<ArrayBuffer>>;
}

async function compileWasm(given: WasmSource): Promise<WebAssembly.Module> {
  if (is<Response>(given, "Response")) {
    if (given.headers.get("Content-Type") === "application/wasm") {
      return WebAssembly.compileStreaming(given);
    }
    return WebAssembly.compile(await given.arrayBuffer());
  }
  if (is<WebAssembly.Module>(given, "WebAssembly.Module")) return given;
  return WebAssembly.compile(given as BufferSource);
}

/** Returns the error of compiling an empty module; undefined if that succeeds. */
function compileProblem(): unknown {
  try {
    // The minifier would remove an unused module.
    WebAssembly.Module.exports(new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)));
    return undefined;
  } catch (problem) {
    return problem;
  }
}
