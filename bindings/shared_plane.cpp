// The control plane of a C++ program's shared sockets: plain exports, which need nothing of the
// program's flags, and clash with nothing that it binds itself. shared.js calls them.
#include <emscripten/emscripten.h>

#include "control_plane.hpp"

namespace bindings = steady::bindings;
using bindings::Handle;

extern "C" {

EMSCRIPTEN_KEEPALIVE int steady_js_connect(Handle socket, int request) {
  return bindings::connect(socket, request);
}

EMSCRIPTEN_KEEPALIVE int steady_js_reconnect(Handle socket, int code) {
  return bindings::reconnect(socket, code);
}

EMSCRIPTEN_KEEPALIVE int steady_js_close(Handle socket, int code, double deadline) {
  return bindings::close(socket, code, deadline);
}

EMSCRIPTEN_KEEPALIVE void steady_js_set_send_options(Handle socket, double ttl, int flags) {
  bindings::set_send_options(socket, ttl, flags);
}

EMSCRIPTEN_KEEPALIVE int steady_js_cancel(Handle socket, double id) {
  return bindings::cancel(socket, id);
}

EMSCRIPTEN_KEEPALIVE int steady_js_answered(Handle socket, double id) {
  return bindings::answered(socket, id);
}

EMSCRIPTEN_KEEPALIVE void steady_js_drained(Handle socket) { bindings::drained(socket); }

EMSCRIPTEN_KEEPALIVE double steady_js_buffered_amount(Handle socket) {
  return bindings::buffered_amount(socket);
}

EMSCRIPTEN_KEEPALIVE double steady_js_retry_in(Handle socket) { return bindings::retry_in(socket); }

EMSCRIPTEN_KEEPALIVE double steady_js_measured(Handle socket, int which) {
  return bindings::measured(socket, which);
}

}  // extern "C"
