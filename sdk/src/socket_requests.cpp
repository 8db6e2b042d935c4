// Socket::request. Alone in its file, so that only programs that call it link it.
#include <utility>

#include "requests.hpp"
#include "socket_impl.hpp"

namespace steady {

const char* to_string(RequestStatus status) {
  switch (status) {
    case RequestStatus::answered:
      return "answered";
    case RequestStatus::failed:
      return "failed";
    case RequestStatus::timed_out:
      return "timed_out";
    case RequestStatus::unanswered:
      return "unanswered";
    case RequestStatus::dropped:
      return "dropped";
  }
  return "";
}

namespace {

/// Completes a request where handlers run. Never discarded, so that every request is settled.
class SettleEvent final : public detail::Event {
 public:
  SettleEvent(detail::Requests& requests, std::string id, RequestStatus status, DropReason reason)
      : requests_(requests), id_(std::move(id)), status_(status), reason_(reason) {}
  void run() noexcept override { requests_.settle(id_, status_, reason_); }
  bool is_requested() const override { return true; }

 private:
  detail::Requests& requests_;
  const std::string id_;
  const RequestStatus status_;
  const DropReason reason_;
};

}  // namespace

/// The requests of a socket, and what they need of it.
class Socket::Impl::RequestsPart final : public detail::SocketPart,
                                         private detail::RequestsListener {
 public:
  explicit RequestsPart(Impl& impl)
      : impl_(impl), requests_(impl.options_, impl.platform_.runtime(), *this) {
    impl.handlers()
        .on_outcome([this](const Outcome& outcome) { requests_.on_outcome(outcome); })
        .keep();
  }

  detail::Requests& requests() { return requests_; }
  void shut_down() override { requests_.shut_down(); }

 private:
  Subscription read_replies_with(Handler<Message> handler) override {
    return impl_.after_subscribing(impl_.receiver_.router().on_message(std::move(handler)));
  }
  void forget(std::uint32_t id) override {
    if (!impl_.answered(id)) impl_.cancel(id);
  }
  void settle_later(std::string id, RequestStatus status, DropReason reason) override {
    impl_.events_.add<SettleEvent>(requests_, std::move(id), status, reason);
    impl_.post_turn();
  }

  Impl& impl_;
  detail::Requests requests_;
};

Socket::Impl::RequestsPart& Socket::Impl::requests() {
  if (!requests_) requests_ = std::make_unique<RequestsPart>(*this);
  return static_cast<RequestsPart&>(*requests_);
}

std::string Socket::Impl::new_request_id() { return requests().requests().new_id(); }

void Socket::Impl::request(std::optional<Payload>&& payload, const std::string& id,
                           Handler<Reply>&& handler, const RequestOptions& options) {
  if (options.timeout < options.timeout.zero() || options.timeout > std::chrono::hours{24}) {
    report({ErrorCode::invalid_option, "timeout must be from 0 to one day"});
    return requests().requests().add_refused(id, std::move(handler));
  }
  if (!payload) {
    refuse({});
    return requests().requests().add_refused(id, std::move(handler));
  }
  const SendResult sent = send(std::move(*payload),
                               {.reply = options.repeat ? Unanswered::repeat : Unanswered::report});
  requests().requests().add(id, sent, std::move(handler), options.timeout);
}

std::string Socket::new_request_id() { return impl_->new_request_id(); }

std::string_view Socket::id_member() const { return impl_->options().requests.id_member; }

void Socket::send_request(std::optional<Payload> payload, const std::string& id,
                          Handler<Reply> handler, const RequestOptions& options) {
  impl_->request(std::move(payload), id, std::move(handler), options);
}

}  // namespace steady
