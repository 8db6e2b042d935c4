// Emscripten's minimal runtime looks for the bytes elsewhere and starts asynchronously. The
// constructor of SteadySocket does not wait: bindings/bundle.mjs puts this in the place of
// WebAssembly.instantiate.
Module['wasm'] = Module['wasmBinary'];
Module['instantiateNow'] = function (bytes, imports) {
  var instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  return { then: (start) => start({ instance }) };
};
