// Emscripten's minimal runtime reads the wasm from another member, and starts asynchronously. The
// constructor of SteadySocket is synchronous: bindings/bundle.mjs replaces WebAssembly.instantiate
// with this function.
Module['wasm'] = Module['wasmBinary'];
Module['instantiateNow'] = function (bytes, imports) {
  var instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  return { then: (start) => start({ instance }) };
};
