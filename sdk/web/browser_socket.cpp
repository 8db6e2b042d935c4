#include "browser_socket.hpp"

#include <emscripten/emscripten.h>
#include <emscripten/websocket.h>

#include <utility>

#include "imports.hpp"
#include "steady/close_code.hpp"

namespace steady::web {

/// Never called. Emscripten 3.1.6 exports malloc, which the header's functions need, only if the
/// program refers to one of them by its original name; steady_websocket_* are renamed copies.
void name_what_needs_malloc();
void name_what_needs_malloc() {
  emscripten_websocket_set_onopen_callback_on_thread(0, nullptr, nullptr,
                                                     EM_CALLBACK_THREAD_CONTEXT_CALLING_THREAD);
}

namespace {

/// Returns the socket of an event, or null. The header's callbacks carry a key instead of a
/// pointer, so that an event of a destroyed socket is ignored.
BrowserSocket* socket_of(void* key) {
  return static_cast<BrowserSocket*>(steady_web_socket_of(key));
}

EM_BOOL on_open(int, const EmscriptenWebSocketOpenEvent*, void* key) {
  if (BrowserSocket* socket = socket_of(key)) socket->handle_open();
  return EM_TRUE;
}

EM_BOOL on_error(int, const EmscriptenWebSocketErrorEvent*, void* key) {
  if (BrowserSocket* socket = socket_of(key)) socket->handle_error();
  return EM_TRUE;
}

EM_BOOL on_close(int, const EmscriptenWebSocketCloseEvent* event, void* key) {
  if (BrowserSocket* socket = socket_of(key)) {
    socket->handle_close(event->code, event->wasClean != 0);
  }
  return EM_TRUE;
}

ErrorCode error_of_new(int result) {
  switch (static_cast<NewFailure>(result)) {
    case NewFailure::syntax_error:
      return ErrorCode::invalid_url;
    case NewFailure::security_error:
      return ErrorCode::blocked;
    default:
      return ErrorCode::not_supported;
  }
}

}  // namespace

ErrorCode BrowserSocket::open(const char* url, const char* subprotocols, std::uint32_t observer,
                              BrowserSocketListener& listener) {
  listener_ = &listener;
  observer_ = observer;
  has_failed_ = false;
  EmscriptenWebSocketCreateAttributes attributes;
  emscripten_websocket_init_create_attributes(&attributes);
  attributes.url = url;
  attributes.protocols = subprotocols;
  const int result = steady_web_new(&attributes, observer);
  if (result <= 0) return error_of_new(result);

  const int handle = handle_ = result;
  void* const key = key_ = steady_web_register(this);
  const pthread_t thread = EM_CALLBACK_THREAD_CONTEXT_CALLING_THREAD;
  steady_websocket_set_onopen_callback_on_thread(handle, key, on_open, thread);
  steady_websocket_set_onerror_callback_on_thread(handle, key, on_error, thread);
  steady_websocket_set_onclose_callback_on_thread(handle, key, on_close, thread);
  steady_web_listen(handle, key, observer);
  return ErrorCode::none;
}

void BrowserSocket::abandon() {
  if (handle_ != 0) steady_web_delete(std::exchange(handle_, 0), key_, observer_);
}

void BrowserSocket::close(std::uint16_t code) { steady_web_close(handle_, code); }

void BrowserSocket::handle_open() { listener_->on_open(); }

void BrowserSocket::handle_close(std::uint16_t code, bool was_clean) {
  if (has_failed_) {
    fail(ErrorCode::connection_failed, code, was_clean);
  } else {
    listener_->on_close(code, was_clean);
  }
}

/// By the HTML standard, a close event follows an error event at once. It is missing in Node's
/// WebSocket if the connection was never open, and in Chromium if the page's
/// Content-Security-Policy forbids the connection.
void BrowserSocket::handle_failure(bool is_blocked) {
  fail(is_blocked ? ErrorCode::blocked : ErrorCode::connection_failed, close_code::abnormal, false);
}

void BrowserSocket::fail(ErrorCode error, std::uint16_t code, bool was_clean) {
  void* const key = key_;
  listener_->on_error(error);
  // The listener may have destroyed this object.
  if (socket_of(key) != nullptr) listener_->on_close(code, was_clean);
}

}  // namespace steady::web

extern "C" EMSCRIPTEN_KEEPALIVE void steady_web_on_failure(void* socket, int is_blocked) {
  static_cast<steady::web::BrowserSocket*>(socket)->handle_failure(is_blocked != 0);
}

extern "C" EMSCRIPTEN_KEEPALIVE int steady_web_on_message(void* socket, int is_text,
                                                          std::size_t units) {
  return static_cast<steady::web::BrowserSocket*>(socket)->handle_message(is_text != 0, units) ? 1
                                                                                               : 0;
}
