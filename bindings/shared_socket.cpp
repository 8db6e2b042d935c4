#include "steady/js/shared_socket.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "js_socket.hpp"
#include "steady/web/web_runtime.hpp"
#include "version.hpp"

// Implemented in shared.js and in sdk/web/steady_web.js.
extern "C" {
std::uint32_t steady_js_share(void* socket, const char* name, std::size_t name_size,
                              const char* version, std::size_t version_size);
void steady_js_describe(std::uint32_t observer, const char* url, std::size_t url_size,
                        const char* type_member, std::size_t type_member_size);
void steady_js_unshare(std::uint32_t observer);
std::uint32_t steady_js_keep(int is_text, const char* begin, std::size_t size);
void steady_web_release_payload(std::uint32_t handle);
}

namespace steady::js {

using bindings::JsSocket;

/// Hears the socket for its JavaScript side.
class SharedSocket::Impl final : private SocketListener {
 public:
  Impl(std::string_view name, Options&& options)
      : observer_(share(name)),
        socket_(std::make_unique<web::WebRuntime>(observer_), prepare(std::move(options))),
        js_socket_(observer_, socket_) {
    if (observer_ == 0) {
      error_ = {ErrorCode::invalid_option,
                name.empty() ? std::string("a shared socket needs a name")
                             : "there is a shared socket \"" + std::string(name) + "\" already"};
      socket_.close();
      return;
    }
    socket_.listen(*this);
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (observer_ != 0) steady_js_unshare(observer_);
  }

  Socket& socket() { return socket_; }
  const Error& error() const { return error_ ? error_ : socket_.error(); }

 private:
  /// The number of what sits beside its connections, or 0 if the name is refused.
  std::uint32_t share(std::string_view name) {
    if (name.empty()) return 0;
    const std::string_view version = bindings::version;
    return steady_js_share(&js_socket_, name.data(), name.size(), version.data(), version.size());
  }

  std::unique_ptr<Options> prepare(Options&& options) const {
    auto prepared = std::make_unique<Options>(std::move(options));
    if (observer_ == 0) {
      prepared->start = Start::on_connect;
    } else {
      const bool has_url = !prepared->provider && !validate(*prepared);
      const std::string_view url = has_url ? prepared->url : std::string_view();
      const std::string& member = prepared->type_member;
      steady_js_describe(observer_, url.data(), url.size(), member.data(), member.size());
    }
    return prepared;
  }

  void on_open() override { js_socket_.on_open(); }
  void on_close(const CloseInfo& info) override { js_socket_.on_close(info); }
  void on_error(const Error& error) override { js_socket_.on_error(error); }
  void on_state_change(const StateChange& change) override { js_socket_.on_state_change(change); }
  void on_outcome(const Outcome& outcome) override { js_socket_.on_outcome(outcome); }
  void on_drained(const Error& error) override { js_socket_.on_drained(error); }

  void on_drop(const Drop& drop) override {
    const Payload& payload = drop.payload;
    if (payload.is_external()) {
      js_socket_.on_drop(drop);
      return;
    }
    // C++ has sent it: JavaScript gets a copy.
    const std::string_view data = payload.data();
    const std::uint32_t kept =
        steady_js_keep(payload.kind() == MessageKind::text ? 1 : 0, data.data(), data.size());
    js_socket_.on_drop(
        {drop.id, drop.reason,
         Payload::external(payload.kind(), kept, data.size(), steady_web_release_payload)});
  }

  const std::uint32_t observer_;
  Error error_;
  Socket socket_;
  JsSocket js_socket_;
};

SharedSocket::SharedSocket(std::string_view name, Options options)
    : impl_(std::make_unique<Impl>(name, std::move(options))) {}

SharedSocket::~SharedSocket() = default;

Socket& SharedSocket::socket() { return impl_->socket(); }

const Error& SharedSocket::error() const { return impl_->error(); }

}  // namespace steady::js
