// Emscripten's minimal runtime starts asynchronously. The constructor of SteadySocket is synchronous:
// bindings/bundle.mjs replaces WebAssembly.instantiate with this function, and the two classes in it.
Module['instantiateNow'] = function (bytes, imports) {
  var instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  return { then: (start) => start({ instance }) };
};
