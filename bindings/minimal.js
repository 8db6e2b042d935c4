// Smaller replacements for functions of Emscripten's own libraries.

mergeInto(LibraryManager.library, {
  // embind for the functions of embind.cpp, whose arguments and results are numbers. Emscripten's
  // embind supports all types, also ones registered later, and is 2 KB larger.
  _embind_register_function__sig: 'viiiiii',
  _embind_register_function: function (name, argCount, argTypes, signature, invoker, fn) {
    Module[UTF8ToString(name)] = wasmTable.get(fn);
  },

  // Emscripten's versions write events to memory of which C++ reads only the two members of
  // EmscriptenWebSocketCloseEvent written here, and include another UTF-8 encoder.
  steady_websocket_set_onopen_callback_on_thread__deps: ['$WS'],
  steady_websocket_set_onopen_callback_on_thread__sig: 'iiiii',
  steady_websocket_set_onopen_callback_on_thread: function (handle, key, callback) {
    WS.sockets[handle].onopen = function () {
      wasmTable.get(callback)(0, 0, key);
    };
  },
  steady_websocket_set_onerror_callback_on_thread__deps: ['$WS'],
  steady_websocket_set_onerror_callback_on_thread__sig: 'iiiii',
  steady_websocket_set_onerror_callback_on_thread: function (handle, key, callback) {
    WS.sockets[handle].onerror = function () {
      wasmTable.get(callback)(0, 0, key);
    };
  },
  steady_websocket_set_onclose_callback_on_thread__deps: ['$WS', 'malloc'],
  steady_websocket_set_onclose_callback_on_thread__sig: 'iiiii',
  steady_websocket_set_onclose_callback_on_thread: function (handle, key, callback) {
    WS.sockets[handle].onclose = function (event) {
      var out = WS.socketEvent || (WS.socketEvent = _malloc(1024));
      HEAP32[(out + 4) >> 2] = event.wasClean;
      HEAP32[(out + 8) >> 2] = event.code;
      wasmTable.get(callback)(0, out, key);
    };
  },

  // Called when memory is exhausted, and by the C++ library instead of throwing. The minimal
  // runtime's version throws an empty string.
  abort: function () {
    throw new Error('SteadySocket: out of memory');
  },
});
