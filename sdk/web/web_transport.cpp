#include "web_transport.hpp"

#include <emscripten/heap.h>
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

/// A received message whose payload is still a JavaScript value.
class WebInbound final : public Inbound {
 public:
  /// `units` is the size in UTF-16 code units of text, or in bytes.
  WebInbound(MessageKind kind, std::size_t units) : kind_(kind), units_(units) {}

  MessageKind kind() const override { return kind_; }
  std::size_t size() const override { return units_; }

  Error read(InboundBuffer& buffer, std::size_t bytes) override {
    // A code unit takes one byte in most texts and three at most: reserve one, and grow if that was
    // not enough. For short texts reserve the maximum: see steady_web_read.
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
      // The next character does not fit.
      if (progress[0] == 0 && bytes != all) break;
      room = std::min((units_ - units_read_) * 3, bytes);
    }
    return {};
  }

 private:
  /// A failed malloc ends the program (-sABORTING_MALLOC), so the available memory is checked
  /// first. Conservative: free memory inside the heap is not counted.
  static bool fits(const InboundBuffer& buffer, std::size_t capacity) {
    constexpr std::size_t small = 1 << 16;
    if (capacity <= buffer.capacity() || capacity <= small) return true;
    const auto used = reinterpret_cast<std::uintptr_t>(sbrk(0));
    const std::size_t limit = emscripten_get_heap_max();
    // Growing needs the old and the new block at once. Some memory is left for other allocations.
    return capacity + small < limit - used;
  }

  MessageKind kind_;
  std::size_t units_;
  std::size_t units_read_ = 0;
};

/// Joins with commas, with a single allocation: std::string::append takes half a kilobyte of code.
std::string list_of(const std::vector<std::string>& subprotocols) {
  std::size_t size = 0;
  for (const std::string& one : subprotocols) size += one.size() + 1;
  std::string list(size, ',');
  auto end = list.begin();
  for (const std::string& one : subprotocols) end = std::copy(one.begin(), one.end(), end) + 1;
  // Trailing comma.
  if (size > 0) list.pop_back();
  return list;
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
  const ErrorCode code = socket_.open(
      request.url.c_str(), subprotocols.empty() ? nullptr : subprotocols.c_str(), observer_, *this);
  return code == ErrorCode::none ? Error{} : Error{code, take_text()};
}

TransportSend WebTransport::send(const Payload& payload) {
  // Only an observer can send external payloads: see SharedTransport.
  if (payload.is_external()) return TransportSend::refused;
  const std::string_view data = payload.data();
  const int is_text = payload.kind() == MessageKind::text ? 1 : 0;
  return static_cast<TransportSend>(
      steady_web_send(handle(), is_text, data.data(), static_cast<int>(data.size())));
}

void WebTransport::close(std::uint16_t code, std::string_view reason) {
  steady_web_leave_text(reason.data(), static_cast<int>(reason.size()));
  socket_.close(code);
}

std::size_t WebTransport::buffered_amount() const {
  return static_cast<std::size_t>(steady_web_buffered_amount(socket_.key()));
}

std::string WebTransport::subprotocol() const {
  steady_web_leave_subprotocol(handle());
  return take_text();
}

void WebTransport::on_open() { listener_->on_open(generation_); }

void WebTransport::on_error(ErrorCode code) {
  steady_web_leave_failure(socket_.key());
  listener_->on_error(generation_, {code, take_text()});
}

void WebTransport::on_close(std::uint16_t code, bool was_clean) {
  steady_web_leave_reason(socket_.key());
  listener_->on_close(generation_, {code, take_text(), was_clean, false});
}

bool WebTransport::on_message(bool is_text, std::size_t units) {
  WebInbound message(is_text ? MessageKind::text : MessageKind::binary, units);
  return listener_->on_message(generation_, message);
}

}  // namespace steady::web
