// Shadows the global class: the class of the next connection, set just before by the shell. Users
// can choose a class for each socket (options.WebSocket).
var WebSocket;
Module["useWebSocket"] = function (webSocketClass) {
  WebSocket = webSocketClass;
};
// Shadows the global class for Emscripten's glue, which creates a decoder when it starts.
var TextDecoder = globalThis.TextDecoder || function () {
  this.decode = (bytes) => SteadyWeb.fromUtf8(bytes);
};
// Returns the memory. Another array after the memory has grown.
Module["numbers"] = () => HEAPF64;
