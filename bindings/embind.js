// embind's JavaScript, for what embind.cpp binds: functions of numbers, which cross as they are.
// embind's own knows every type, and what to do with those that come later: two kilobytes more.

mergeInto(LibraryManager.library, {
  _embind_register_function__deps: ['$getWasmTableEntry'],
  _embind_register_function__sig: 'viiiiii',
  _embind_register_function: function (name, argCount, argTypes, signature, invoker, fn) {
    Module[UTF8ToString(name)] = getWasmTableEntry(invoker).bind(null, fn);
  },
});
