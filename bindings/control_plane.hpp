#pragma once

#include <chrono>
#include <cstdint>

#include "js_socket.hpp"

namespace steady::bindings {

/// What JavaScript holds: an address. Free functions on it, since embind's classes and values cost
/// the package several kilobytes of glue; the facade is the class.
using Handle = std::uintptr_t;

inline JsSocket& at(Handle handle) { return *reinterpret_cast<JsSocket*>(handle); }

/// As far as a time can be counted here.
std::chrono::milliseconds time_from(double value);

// The control plane: what is called now and then of a socket that there is. Only numbers cross.

/// `request`: a JsSocket::Request. Returns an ErrorCode; the observer is told more.
int connect(Handle handle, int request);

/// The same. A negative `code` is none; the reason is the text that was left.
int reconnect(Handle handle, int code);

/// The same. A negative `code` is none; the reason is the text that was left. A negative `deadline`
/// does not flush. Without a socket it only checks.
int close(Handle handle, int code, double deadline);

/// What the next message wants: `ttl` in milliseconds, negative for none; `flags` as sendFlags
/// in src/core.ts has them; the key is the text that was left.
void set_send_options(Handle handle, double ttl, int flags);

int cancel(Handle handle, double id);

int answered(Handle handle, double id);

/// The observer is told.
void drained(Handle handle);

double buffered_amount(Handle handle);

/// Milliseconds, or a negative number when no attempt is scheduled.
double retry_in(Handle handle);

/// `which`: see Measured in src/core.ts. Milliseconds, -1 before a ping was answered.
double measured(Handle handle, int which);

}  // namespace steady::bindings
