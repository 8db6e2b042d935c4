// Imports the package while recording every access to a global outside of ECMAScript, then creates
// a socket without a WebSocket:
//   watched.mjs <the package>
const [packageUrl] = process.argv.slice(2);

/** The globals of ECMAScript, which have no side effects. */
const language = new Set(
  `globalThis Infinity NaN undefined eval isFinite isNaN parseFloat parseInt decodeURI
  decodeURIComponent encodeURI encodeURIComponent escape unescape AggregateError Array ArrayBuffer
  AsyncDisposableStack BigInt BigInt64Array BigUint64Array Boolean DataView Date DisposableStack
  Error EvalError FinalizationRegistry Float16Array Float32Array Float64Array Function Int8Array
  Int16Array Int32Array Iterator Map Number Object Promise Proxy RangeError ReferenceError RegExp
  Set SharedArrayBuffer String SuppressedError Symbol SyntaxError Temporal TypeError Uint8Array
  Uint8ClampedArray Uint16Array Uint32Array URIError WeakMap WeakRef WeakSet Atomics Intl JSON Math
  Reflect`.split(/\s+/),
);
/** Globals of pages and workers that a server may lack. */
const pages = `window self document location navigator WebSocket WorkerGlobalScope importScripts
  localStorage addEventListener requestAnimationFrame XMLHttpRequest fetch Worker`.split(/\s+/);

const accesses = new Set();
const names = Object.getOwnPropertyNames(globalThis).filter((name) => !language.has(name));
const watched = [];
for (const name of new Set([...names, ...pages])) {
  const original = Object.getOwnPropertyDescriptor(globalThis, name);
  if (original?.configurable === false) continue;
  watched.push(name);
  Object.defineProperty(globalThis, name, {
    configurable: true,
    enumerable: original?.enumerable ?? false,
    get() {
      accesses.add(name);
      return original?.get ? original.get.call(globalThis) : original?.value;
    },
    set() {
      accesses.add(`${name} =`);
    },
  });
}
const before = Object.getOwnPropertyNames(globalThis).length;
accesses.clear();
const { SteadySocket } = await import(packageUrl);
const found = [...accesses].sort();
const after = Object.getOwnPropertyNames(globalThis).length;

const modules = [];
Object.defineProperty(globalThis, "WebAssembly", {
  value: new Proxy(WebAssembly, {
    get(target, name) {
      modules.push(name);
      return target[name];
    },
  }),
});
Object.defineProperty(globalThis, "WebSocket", { value: undefined });
let thrown = "nothing";
try {
  new SteadySocket("ws://127.0.0.1:1/");
} catch (error) {
  thrown = `${error.name}: ${error.message}`;
}
const report = (name, value) => console.log(JSON.stringify([name, value]));
report("watched", watched);
report("accesses", found);
report("globals", after - before);
report("thrown", thrown);
report("compiled", modules);
