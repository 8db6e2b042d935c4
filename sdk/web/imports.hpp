#pragma once

#include <emscripten/websocket.h>

#include <cstddef>
#include <cstdint>
#include <functional>

#include "steady/runtime.hpp"

namespace steady::web {
/// Returned by steady_web_new if the constructor of WebSocket has thrown. Other negative numbers
/// are errors of the header's function.
enum class NewFailure : int { syntax_error = -101, security_error = -102, other_error = -103 };
/// Owned by JavaScript until steady_web_run calls and destroys it, or until it is returned by
/// steady_web_cancel_timer.
using Callback = std::function<void()>;
/// Called by steady_web_notice, and owned by JavaScript until steady_web_unwatch returns it.
using HintCallback = std::function<void(Hint)>;
}  // namespace steady::web

// Implemented and documented in steady_web.js.
extern "C" {
// The functions of emscripten/websocket.h, on the calling thread.
decltype(emscripten_websocket_set_onopen_callback_on_thread)
    steady_websocket_set_onopen_callback_on_thread;
decltype(emscripten_websocket_set_onerror_callback_on_thread)
    steady_websocket_set_onerror_callback_on_thread;
decltype(emscripten_websocket_set_onclose_callback_on_thread)
    steady_websocket_set_onclose_callback_on_thread;

int steady_web_new(EmscriptenWebSocketCreateAttributes* attributes, std::uint32_t observer);
std::size_t steady_web_take_text(char* begin);
void steady_web_leave_subprotocol(int handle);
void steady_web_leave_failure(void* key);
void steady_web_leave_reason(void* key);
double steady_web_buffered_amount(void* key);
void* steady_web_register(void* socket);
void* steady_web_socket_of(void* key);
void steady_web_listen(int handle, void* key, std::uint32_t observer);
void steady_web_read(int from, char* begin, int capacity, int* progress);
int steady_web_send(int handle, int is_text, const char* begin, int size);
void steady_web_leave_text(const char* begin, int size);
void steady_web_close(int handle, int code);
void steady_web_delete(int handle, void* key, std::uint32_t observer);
void steady_web_post(void* callback);
std::uint32_t steady_web_start_timer(double delay, void* callback);
void* steady_web_cancel_timer(std::uint32_t id);
double steady_web_now();
double steady_web_wall_clock();
void steady_web_random(void* begin, int size);
std::uint32_t steady_web_watch(void* callback);
void* steady_web_unwatch(std::uint32_t id);
}
