// In the place of functions of Emscripten's own libraries: what this program needs of them.

mergeInto(LibraryManager.library, {
  // embind for what embind.cpp binds: functions of numbers, which cross as they are. embind's own
  // knows every type, and what to do with those that come later: two kilobytes more.
  _embind_register_function__sig: 'viiiiii',
  _embind_register_function: function (name, argCount, argTypes, signature, invoker, fn) {
    Module[UTF8ToString(name)] = wasmTable.get(invoker).bind(null, fn);
  },

  // Called when memory is short, and by the C++ library where it would throw. The minimal runtime's
  // throws an empty text.
  abort: function () {
    throw new Error('SteadySocket: out of memory');
  },
});
