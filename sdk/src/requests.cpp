#include "requests.hpp"

#include <algorithm>
#include <utility>

#include "json_reader.hpp"

namespace steady::detail {

namespace {

const char* describe(RequestStatus status) {
  switch (status) {
    case RequestStatus::timed_out:
      return "no reply within the timeout";
    case RequestStatus::unanswered:
      return "the connection ended before the reply";
    case RequestStatus::dropped:
      return "the request was not sent";
    default:
      return "";
  }
}

const std::string& reply_member(const RequestNames& names) {
  return names.reply_member.empty() ? names.id_member : names.reply_member;
}

}  // namespace

Requests::Requests(const Options& options, Runtime& runtime, RequestsListener& listener)
    : options_(options),
      runtime_(runtime),
      listener_(listener),
      id_scanner_(reply_member(options.requests)) {
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuvwxyz";
  for (int i = 0; i < 8; ++i) {
    const auto digit = static_cast<std::size_t>(runtime_.random() * 36);
    prefix_ += digits[std::min<std::size_t>(digit, 35)];
  }
}

std::string Requests::new_id() { return prefix_ + '-' + std::to_string(++last_id_); }

Requests::Pending& Requests::add(const std::string& id, Handler<Reply>&& handler) {
  return pending_.emplace_back(Pending{id, 0, 0, std::move(handler)});
}

void Requests::add(const std::string& id, const SendResult& sent, Handler<Reply>&& handler,
                   std::chrono::milliseconds timeout) {
  Pending& pending = add(id, std::move(handler));
  if (sent.reason != DropReason::none) {
    listener_.settle_later(id, RequestStatus::dropped, sent.reason);
    return;
  }
  pending.message = sent.id;
  pending.timer = runtime_.start_timer(timeout, [this, id] {
    const auto found = find(id);
    if (found == pending_.end()) return;
    found->timer = 0;
    listener_.settle_later(id, RequestStatus::timed_out, DropReason::none);
  });
  if (!std::exchange(is_reading_, true)) {
    messages_ =
        listener_.read_replies_with([this](const Message& message) { on_message(message); });
  }
}

void Requests::add_refused(const std::string& id, Handler<Reply>&& handler) {
  add(id, std::move(handler));
  listener_.settle_later(id, RequestStatus::dropped, DropReason::refused);
}

void Requests::on_message(const Message& message) {
  if (message.kind != MessageKind::text) return;
  if (id_scanner_.scan(message.data) != TypeScanner::Result::found) return;
  const auto found = find(id_scanner_.type());
  if (found == pending_.end()) return;
  const Pending pending = take(found);
  listener_.forget(pending.message);
  if (!pending.handler) return;
  Reply reply{.status = RequestStatus::answered, .message = message};
  const std::optional<std::string> failure = failure_in(message.data);
  if (failure) {
    reply.status = RequestStatus::failed;
    reply.error = *failure;
  }
  pending.handler(reply);
}

void Requests::on_outcome(const Outcome& outcome) {
  const auto found = std::find_if(pending_.begin(), pending_.end(), [&](const Pending& pending) {
    return pending.message == outcome.id;
  });
  if (found == pending_.end()) return;
  // Without a reply, being in the platform's buffer makes no difference.
  const bool was_sent =
      outcome.reason == DropReason::unanswered || outcome.reason == DropReason::unconfirmed;
  const std::string id = found->id;
  settle(id, was_sent ? RequestStatus::unanswered : RequestStatus::dropped,
         was_sent ? DropReason::none : outcome.reason);
}

void Requests::settle(std::string_view id, RequestStatus status, DropReason reason) {
  const auto found = find(id);
  if (found == pending_.end()) return;
  const Pending pending = take(found);
  if (status == RequestStatus::timed_out) listener_.forget(pending.message);
  if (!pending.handler) return;
  pending.handler({.status = status, .reason = reason, .error = describe(status)});
}

Requests::Pending Requests::take(std::vector<Pending>::iterator found) {
  Pending pending = std::move(*found);
  pending_.erase(found);
  runtime_.cancel_timer(pending.timer);
  if (pending_.empty() && std::exchange(is_reading_, false)) messages_.unsubscribe();
  return pending;
}

std::vector<Requests::Pending>::iterator Requests::find(std::string_view id) {
  return std::find_if(pending_.begin(), pending_.end(),
                      [id](const Pending& pending) { return pending.id == id; });
}

std::optional<std::string> Requests::failure_in(std::string_view text) const {
  JsonReader reader(text);
  reader.skip_space();
  if (!reader.take('{')) return std::nullopt;
  std::string buffer;
  do {
    std::string_view key;
    reader.skip_space();
    if (!reader.take_string(key, buffer)) return std::nullopt;
    reader.skip_space();
    if (!reader.take(':')) return std::nullopt;
    reader.skip_space();
    if (key == options_.requests.error_member) {
      if (reader.next_is('n')) return std::nullopt;
      std::string_view failure;
      if (reader.next_is('"') && reader.take_string(failure, buffer)) return std::string(failure);
      TypeScanner scanner("message");
      const bool has_text =
          scanner.scan(text.substr(reader.position())) == TypeScanner::Result::found;
      return has_text ? std::string(scanner.type()) : "failed";
    }
    if (!reader.skip_value()) return std::nullopt;
    reader.skip_space();
  } while (reader.take(','));
  return std::nullopt;
}

void Requests::shut_down() {
  for (const Pending& pending : pending_) runtime_.cancel_timer(pending.timer);
  messages_.unsubscribe();
  // Destroying a handler may run code of the user, which finds no request.
  const std::vector<Pending> pending = std::move(pending_);
  pending_.clear();
}

}  // namespace steady::detail
