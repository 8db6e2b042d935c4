// Emscripten's minimal runtime starts asynchronously, and the constructor of SteadySocket does not
// wait: scripts/build.mjs puts this in the place of WebAssembly.instantiate there.
Module['instantiateNow'] = function (_, imports) {
  var instance = new WebAssembly.Instance(new WebAssembly.Module(Module['wasmBinary']), imports);
  return { then: (start) => start({ instance }) };
};
