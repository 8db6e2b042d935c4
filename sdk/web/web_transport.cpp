#include "web_transport.hpp"

#include <emscripten/emscripten.h>
#include <emscripten/heap.h>
#include <emscripten/websocket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "imports.hpp"
#include "steady/web/text.hpp"

namespace steady::web {

namespace {

/// The transport that an event is for, or null. The header's callbacks carry a key and not a
/// pointer, so that one which comes after its transport is gone finds nothing instead of freed
/// memory.
WebTransport* transport_of(void* key) {
  return static_cast<WebTransport*>(steady_web_transport_of(key));
}

/// A received message, still a JavaScript value.
class WebInbound final : public Inbound {
 public:
  /// `units`: UTF-16 code units of a text, or bytes.
  WebInbound(MessageKind kind, std::size_t units) : kind_(kind), units_(units) {}

  MessageKind kind() const override { return kind_; }
  std::size_t size() const override { return units_; }

  Error read(InboundBuffer& buffer, std::size_t bytes) override {
    // Mostly one byte a unit, at most three: begin with the first and grow if it was not enough.
    // Short texts have room for the most at once: see steady_web_read.
    constexpr std::size_t short_text = 256;
    std::size_t room = units_ <= short_text ? units_ * 3 : std::min(units_ - units_read_, bytes);
    while (units_read_ < units_ && buffer.size() < bytes) {
      const std::size_t written = buffer.size();
      if (!fits(buffer, written + room) || !buffer.reserve(written + room)) {
        return {ErrorCode::out_of_memory, "a received message does not fit in memory"};
      }
      std::array<int, 2> progress{};
      const std::size_t capacity = std::min(buffer.capacity() - written, bytes);
      steady_web_read(static_cast<int>(units_read_), buffer.data() + written,
                      static_cast<int>(capacity), progress.data());
      units_read_ += static_cast<std::size_t>(progress[0]);
      buffer.set_size(written + static_cast<std::size_t>(progress[1]));
      // A character that does not fit any more.
      if (progress[0] == 0 && bytes != all) break;
      room = std::min((units_ - units_read_) * 3, bytes);
    }
    return {};
  }

 private:
  /// Asking malloc for what cannot be had stops the program (-sABORTING_MALLOC): ask first. It is a
  /// careful answer: free memory inside the heap is not counted.
  static bool fits(const InboundBuffer& buffer, std::size_t capacity) {
    constexpr std::size_t small = 1 << 16;
    if (capacity <= buffer.capacity() || capacity <= small) return true;
    const auto used = reinterpret_cast<std::uintptr_t>(sbrk(0));
    const std::size_t limit = emscripten_get_heap_max();
    // While it grows there are the old and the new block; some is left for everybody else.
    return capacity + small < limit - used;
  }

  MessageKind kind_;
  std::size_t units_;
  std::size_t units_read_ = 0;
};

}  // namespace

/// Never called. Old versions of Emscripten (3.1.6) export the malloc that the header's functions
/// call where they find one of those by its own name, and the steady_websocket_ ones are theirs by
/// another.
void name_what_needs_malloc();
void name_what_needs_malloc() {
  emscripten_websocket_set_onopen_callback_on_thread(0, nullptr, nullptr,
                                                     EM_CALLBACK_THREAD_CONTEXT_CALLING_THREAD);
}

namespace {

EM_BOOL on_open(int, const EmscriptenWebSocketOpenEvent*, void* user_data) {
  if (WebTransport* transport = transport_of(user_data)) transport->handle_open();
  return EM_TRUE;
}

EM_BOOL on_error(int, const EmscriptenWebSocketErrorEvent*, void* user_data) {
  if (WebTransport* transport = transport_of(user_data)) transport->handle_error();
  return EM_TRUE;
}

EM_BOOL on_close(int, const EmscriptenWebSocketCloseEvent* event, void* user_data) {
  if (WebTransport* transport = transport_of(user_data)) {
    // The header's text ends at a U+0000: see steady_web_listen.
    transport->handle_close({event->code, take_text(), event->wasClean != 0, false});
  }
  return EM_TRUE;
}

/// With commas, in memory that is taken once: appending is half a kilobyte of the C++ library.
std::string list_of(const std::vector<std::string>& subprotocols) {
  std::size_t size = 0;
  for (const std::string& one : subprotocols) size += one.size() + 1;
  std::string list(size, ',');
  auto end = list.begin();
  for (const std::string& one : subprotocols) end = std::copy(one.begin(), one.end(), end) + 1;
  // The last comma.
  if (size > 0) list.pop_back();
  return list;
}

Error error_of_new(int result) {
  switch (result) {
    case -101:
      return {ErrorCode::invalid_url, take_text()};
    case -102:
      return {ErrorCode::blocked, take_text()};
    case -103:
      return {ErrorCode::not_supported, take_text()};
    default:
      return {ErrorCode::not_supported, "there is no WebSocket here"};
  }
}

}  // namespace

std::unique_ptr<Transport> make_web_transport(std::uint32_t observer) {
  return std::make_unique<WebTransport>(observer);
}

Error WebTransport::open(const ConnectRequest& request, TransportListener& listener) {
  if (!request.headers.empty()) {
    return {ErrorCode::not_supported, "headers: a browser does not let a program set them"};
  }
  listener_ = &listener;
  generation_ = request.generation;

  const std::string subprotocols = list_of(request.subprotocols);
  EmscriptenWebSocketCreateAttributes attributes;
  emscripten_websocket_init_create_attributes(&attributes);
  attributes.url = request.url.c_str();
  attributes.protocols = subprotocols.empty() ? nullptr : subprotocols.c_str();
  const int result = steady_web_new(&attributes, observer_);
  if (result <= 0) return error_of_new(result);

  socket_ = result;
  const pthread_t thread = EM_CALLBACK_THREAD_CONTEXT_CALLING_THREAD;
  key_ = steady_web_register(this);
  steady_websocket_set_onopen_callback_on_thread(socket_, key_, on_open, thread);
  steady_websocket_set_onerror_callback_on_thread(socket_, key_, on_error, thread);
  steady_websocket_set_onclose_callback_on_thread(socket_, key_, on_close, thread);
  steady_web_listen(socket_, key_, observer_);
  return {};
}

WebTransport::~WebTransport() {
  if (socket_ == 0) return;
  delete static_cast<Callback*>(steady_web_cancel_timer(silence_timer_));
  steady_web_delete(socket_, key_, observer_);
}

TransportSend WebTransport::send(const Payload& payload) {
  // Only JavaScript that sits beside the connection knows it: see ObservedTransport.
  if (payload.is_external()) return TransportSend::refused;
  const std::string_view data = payload.data();
  const int is_text = payload.kind() == MessageKind::text ? 1 : 0;
  return static_cast<TransportSend>(
      steady_web_send(observer_, socket_, is_text, data.data(), static_cast<int>(data.size())));
}

void WebTransport::close(std::uint16_t code, std::string_view reason) {
  steady_web_close(socket_, code, reason.data(), static_cast<int>(reason.size()));
}

std::size_t WebTransport::buffered_amount() const {
  const auto amount = static_cast<std::size_t>(steady_web_buffered_amount(socket_));
  // By the standard it stays what it was when a connection is cut. That of the ws package and of
  // Node become 0.
  if (was_cut_ && amount == 0) return last_amount_;
  return last_amount_ = amount;
}

std::string WebTransport::subprotocol() const {
  steady_web_leave_subprotocol(socket_);
  return take_text();
}

void WebTransport::handle_open() {
  was_open_ = true;
  listener_->on_open(generation_);
}

bool WebTransport::handle_message(MessageKind kind, std::size_t units) {
  WebInbound message(kind, units);
  return listener_->on_message(generation_, message);
}

void WebTransport::handle_error() {
  failed_ = true;
  failure_ = take_text();
  if (failure_.empty()) failure_ = "the connection failed";
  // By the standard a close event follows at once. It does not in Node's own WebSocket if the
  // connection never came about (still CONNECTING), nor in Chromium where the page's
  // Content-Security-Policy forbids it (CLOSED). WebKit sends it in a task of its own.
  watch_silence(Silence::at_once);
}

void WebTransport::watch_silence(Silence silence) {
  constexpr double grace = 1'000;
  silence_timer_ = steady_web_start_timer(silence == Silence::at_once ? 0 : grace,
                                          new Callback([key = key_, silence] {
                                            if (WebTransport* transport = transport_of(key))
                                              transport->handle_silence(silence);
                                          }));
}

void WebTransport::handle_silence(Silence silence) {
  const int ready_state = steady_web_ready_state(socket_);
  constexpr int connecting = 0;
  constexpr int closed = 3;
  if (ready_state == connecting) {
    fail(ErrorCode::connection_failed, {});
  } else if (silence == Silence::at_once) {
    watch_silence(Silence::lasting);
  } else if (ready_state == closed) {
    fail(was_open_ ? ErrorCode::connection_failed : ErrorCode::blocked, {});
  }
}

void WebTransport::handle_close(CloseInfo info) {
  was_cut_ = !info.was_clean;
  if (failed_) {
    fail(ErrorCode::connection_failed, std::move(info));
  } else {
    listener_->on_close(generation_, std::move(info));
  }
}

void WebTransport::fail(ErrorCode code, CloseInfo info) {
  if (code == ErrorCode::blocked) failure_ = "the browser refused the connection";
  if (info.code == close_code::abnormal && info.reason.empty()) info.reason = failure_;
  void* const key = key_;
  listener_->on_error(generation_, {code, failure_});
  // The listener may have destroyed this object.
  if (transport_of(key) != nullptr) listener_->on_close(generation_, std::move(info));
}

}  // namespace steady::web

extern "C" EMSCRIPTEN_KEEPALIVE int steady_web_on_message(void* transport, int is_text,
                                                          std::size_t units) {
  using steady::MessageKind;
  return static_cast<steady::web::WebTransport*>(transport)->handle_message(
      is_text != 0 ? MessageKind::text : MessageKind::binary, units);
}
