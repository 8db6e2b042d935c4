// Translates the kernel's WebAssembly to JavaScript, for `steadysocket/js`, with Binaryen.
import binaryen from "binaryen";

/** Binaryen does not translate these to JavaScript. */
const lowering = [
  "llvm-nontrapping-fptoint-lowering",
  "signext-lowering",
  "llvm-memory-copy-fill-lowering",
];

/**
 * Returns an ES module whose default export replaces `new WebAssembly.Instance(module, imports)`:
 * it takes the imports and returns an object with the `exports`.
 * @param {Uint8Array} wasm
 */
export function kernelAsJavaScript(wasm) {
  // See `small` in CMakeLists.txt. Binaryen's second kind of bulk memory is a part of the first.
  const { BulkMemory, BulkMemoryOpt, MutableGlobals, NontrappingFPToInt, SignExt } =
    binaryen.Features;
  const features = BulkMemory | BulkMemoryOpt | MutableGlobals | NontrappingFPToInt | SignExt;
  const original = binaryen.readBinary(wasm);
  original.setFeatures(features);
  const module = binaryen.parseText(withNumberStores(original.emitText()));
  original.dispose();
  module.setFeatures(features);
  module.runPasses(lowering);
  binaryen.setOptimizeLevel(2);
  binaryen.setShrinkLevel(2);
  module.optimize();
  const code = module.emitAsmjs();
  module.dispose();
  return asFunction(code);
}

/**
 * Turns stores of 64-bit constants into stores of the number with the same bits: one assignment of
 * JavaScript instead of two. Stores that may be unaligned remain, and constants that are not a
 * number, whose bits JavaScript does not preserve.
 * @param {string} text - A module in WebAssembly's text format, as Binaryen writes it.
 */
function withNumberStores(text) {
  const store =
    /\(i64\.store(?<offset> offset=\d+)?\n(?<address>(?: +\(.*\n| +\)\n)*?) +\(i64\.const (?<bits>-?\d+)\)\n *\)/g;
  return text.replaceAll(store, (whole, ...rest) => {
    const { offset = "", address, bits } = rest.at(-1);
    const number = new Float64Array(BigInt64Array.of(BigInt(bits)).buffer)[0];
    if (Number.isNaN(number) || /i64|store/.test(address)) return whole;
    const constant = Object.is(number, -0) ? "-0" : `${number}`.replace("Infinity", "inf");
    return `(f64.store${offset}\n${address}(f64.const ${constant}))`;
  });
}

/** Makes one exported function of Binaryen's module, which imports from "a" when it is evaluated. */
function asFunction(code) {
  const begin = code.indexOf("function asmFunc(imports)");
  const end = code.indexOf("var retasmFunc = asmFunc(");
  if (begin < 0 || end < 0) throw new Error("Binaryen has written a module of another form");
  const data = code.matchAll(/base64DecodeToExistingUint8Array\(bufferView, (\d+), "(.*)"\)/g);
  // As numbers: a string would depend on the encoding of the script that a bundler makes of this one.
  const writes = Array.from(
    data,
    ([, address, base64]) => `bufferView.set([${[...Buffer.from(base64, "base64")]}], ${address});`,
  );
  const body = code
    .slice(begin, end)
    .replace("initActiveSegments(imports);", () => writes.join("\n"))
    // Addresses are below 2^31.
    .replaceAll(/(HEAPU?8)\[(\$\w+(?: \+ \$?\w+)?) \| 0\]/g, "$1[$2]");
  return `
function Table(table) {
  table.get = (index) => table[index];
  return table;
}
function wasm2js_trap() {
  throw new Error("SteadySocket: out of memory");
}
var bufferView;
${body}
export default (imports) => ({ exports: asmFunc(imports) });
`;
}
