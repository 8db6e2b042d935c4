// In the place of functions of Emscripten's own libraries: what this program needs of them.

mergeInto(LibraryManager.library, {
  // embind for what embind.cpp binds: functions of numbers, which cross as they are. embind's own
  // knows every type, and what to do with those that come later: two kilobytes more.
  _embind_register_function__sig: 'viiiiii',
  _embind_register_function: function (name, argCount, argTypes, signature, invoker, fn) {
    Module[UTF8ToString(name)] = wasmTable.get(fn);
  },

  // Emscripten's brings an encoder of its own. As EmscriptenWebSocketCloseEvent has it, without the
  // reason, which nobody reads there.
  steady_websocket_set_onclose_callback_on_thread__deps: ['$WS', '$SteadyWeb', 'malloc'],
  steady_websocket_set_onclose_callback_on_thread__sig: 'iiiii',
  steady_websocket_set_onclose_callback_on_thread: function (handle, key, callback) {
    WS.sockets[handle].onclose = function (event) {
      var out = WS.socketEvent || (WS.socketEvent = _malloc(1024));
      HEAP32[(out + 4) >> 2] = event.wasClean;
      HEAP32[(out + 8) >> 2] = event.code;
      wasmTable.get(callback)(0, out, key);
    };
  },

  // Called when memory is short, and by the C++ library where it would throw. The minimal runtime's
  // throws an empty text.
  abort: function () {
    throw new Error('SteadySocket: out of memory');
  },
});
