import buildId from "steadysocket:build";
import { cannotCompile, compileProblem, type GlueInput } from "./compiling.js";
import { builtinModule } from "./platform.js";

/** Where the wasm file is, or what was fetched or made of it. */
export type WasmSource = URL | string | Response | BufferSource | WebAssembly.Module;

let compiled: WebAssembly.Module | undefined;
let loading: Promise<void> | undefined;

/**
 * Loads and compiles the wasm file: before the first socket is made. The second call, whatever its
 * source, gives the promise of the first, unless that has failed.
 *
 * @param source - the wasm file, if it is not beside this script.
 * @throws (rejects) an Error that says what is wrong, with its `cause`.
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
    // Nobody looks at it, so nobody hears that it has failed.
    Promise.resolve(source).catch(() => {});
  }
  return loading;
}

/** The wasm that was loaded. */
export function takeWasm(): GlueInput {
  const module = compiled;
  if (module === undefined) {
    throw new DOMException(
      "SteadySocket: the wasm file is not loaded yet; await load() first",
      "InvalidStateError",
    );
  }
  return {
    wasmBinary: new Uint8Array(),
    // `new Object(module)` is that module; the bytes come after it, and do not count.
    compiledModule: Object.bind(undefined, module) as unknown as new () => WebAssembly.Module,
  };
}

async function compile(
  source: WasmSource | PromiseLike<WasmSource> | undefined,
): Promise<WebAssembly.Module> {
  let name = "what load() was given";
  let given: WasmSource;
  try {
    // As bundlers know it. Where a bundle does not know its own address, this is none.
    given = (await source) ?? new URL("./steadysocket.wasm", import.meta.url);
  } catch (cause) {
    const problem = source ? `${name} was rejected` : "give load() the address of the wasm file";
    throw new Error(`SteadySocket: ${problem}`, { cause });
  }
  if (typeof given === "string" || is<URL>(given, "URL")) {
    const address = String(given);
    name = address.slice(0, 200);
    given = await read(name, address);
  }
  if (is<Response>(given, "Response")) {
    if (!given.ok) throw new Error(`SteadySocket: ${name} was answered with ${given.status}`);
    // A server that has no such file may answer with a page.
    name += ` (${given.headers.get("Content-Type") ?? "of no type"})`;
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
  // A file that was copied, or cached, may be of another version, and its names might fit.
  const [section] = WebAssembly.Module.customSections(module, "steadysocket");
  if (section === undefined || String.fromCharCode(...new Uint8Array(section)) !== buildId) {
    throw new Error(`SteadySocket: ${name} is not the wasm file of this version`);
  }
  return module;
}

/** Told by its tag, which those of another realm have, too. */
function is<Type extends WasmSource>(given: WasmSource, tag: string): given is Type {
  return Object.prototype.toString.call(given) === `[object ${tag}]`;
}

async function read(name: string, address: string): Promise<WasmSource> {
  try {
    // Node's fetch does not know files.
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
