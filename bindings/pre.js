// Stands in front of the global of the same name: the class that the next connection is made of,
// set by the facade just before. A user may pass in a class of their own for one socket.
var WebSocket;
Module["useWebSocket"] = function (webSocketClass) {
  WebSocket = webSocketClass;
};
// In front of the global one, for Emscripten's glue, which makes one when it starts.
var TextDecoder = globalThis.TextDecoder || function () {
  this.decode = (bytes) => SteadyWeb.fromUtf8(bytes);
};
// The memory as numbers. It is another array when the memory has grown.
Module["numbers"] = () => HEAPF64;
